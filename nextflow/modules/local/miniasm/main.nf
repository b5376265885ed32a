process MINIASM {
    tag "${meta.id} ${meta.bin}"
    // Overlaps of 610 Mb of reads take 6 GB.
    cpus 4
    memory { (2.GB + 12.B * meta.bases) * task.attempt }
    time { (1.h + 1.h * meta.bases.intdiv(200000000)) * task.attempt }

    conda "${moduleDir}/environment.yml"
    // It holds minimap2, miniasm and racon, and much more; there is no image of the three alone.
    container 'quay.io/biocontainers/dragonflye:1.2.1--hdfd78af_0'

    input:
    tuple val(meta), path(reads, stageAs: 'reads/*')

    output:
    tuple val(meta), path("${meta.bin}.*"), emit: assembly
    tuple val(task.process), val('minimap2'), eval('minimap2 --version'), topic: versions, emit: versions_minimap2
    tuple val(task.process), val('miniasm'), eval('miniasm -V'), topic: versions, emit: versions_miniasm
    tuple val(task.process), val('racon'), eval("racon --version | sed 's/^v//'"), topic: versions, emit: versions_racon

    when:
    task.ext.when == null || task.ext.when

    script:
    def rounds = task.ext.rounds == null ? 2 : task.ext.rounds
    def overlaps = meta.platform in ['clr', 'hifi'] ? 'ava-pb' : 'ava-ont'
    def mappings = [clr: 'map-pb', hifi: 'map-hifi'].get(meta.platform, 'map-ont')
    // The steps of vaebin/assemblers.py. What was killed is tried again; whatever else goes wrong, the
    // table will tell.
    """
    set +e
    (
        set -e
        minimap2 -x ${overlaps} -t ${task.cpus} ${reads} ${reads} > overlaps.paf
        miniasm -f ${reads} overlaps.paf > layout.gfa
        rm overlaps.paf
        awk '/^S/ { print ">" \$2 "\\n" \$3 }' layout.gfa > contigs.fasta
        for round in \$(seq ${rounds}); do
            if [ ! -s contigs.fasta ]; then break; fi
            minimap2 -x ${mappings} -t ${task.cpus} contigs.fasta ${reads} > mapped.\$round.paf
            racon --include-unpolished --threads ${task.cpus} ${reads} mapped.\$round.paf contigs.fasta > polished.fasta
            mv polished.fasta contigs.fasta
        done
    ) > ${meta.bin}.log 2>&1
    status=\$?
    set -e
    if [ \$status -gt 128 ]; then exit \$status; fi
    if [ \$status = 0 ] && [ -s contigs.fasta ]; then mv contigs.fasta ${meta.bin}.fasta; else echo 'no contigs' >> ${meta.bin}.log; fi
    """

    stub:
    """
    touch ${meta.bin}.fasta ${meta.bin}.log
    """
}
