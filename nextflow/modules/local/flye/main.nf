process FLYE {
    tag "${meta.id} ${meta.bin}"
    // Flye takes 2 GB for 230 Mb of reads, 31 GB for 4 Gb.
    cpus 4
    memory { (4.GB + 10.B * meta.bases) * task.attempt }
    time { (2.h + 1.h * meta.bases.intdiv(100000000)) * task.attempt }

    conda "${moduleDir}/environment.yml"
    container 'quay.io/biocontainers/flye:2.9.6--py311h2de2dd3_0'

    input:
    tuple val(meta), path(reads, stageAs: 'reads/*')

    output:
    tuple val(meta), path("${meta.bin}.*"), emit: assembly
    tuple val(task.process), val('flye'), eval('flye --version'), topic: versions, emit: versions_flye

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def mode = ['ont-hq': '--nano-hq', clr: '--pacbio-raw', hifi: '--pacbio-hifi'].get(meta.platform, '--nano-raw')
    prefix = task.ext.prefix ?: "${meta.id}.${meta.bin}"
    // Flye says itself what was killed of it, and is tried again; whatever else it gives up for, the table will tell.
    """
    status=0
    flye ${mode} ${reads} --out-dir ${prefix} --threads ${task.cpus} ${args} > ${meta.bin}.log 2>&1 || status=\$?
    if [ \$status -gt 128 ]; then exit \$status; fi
    if grep -q SIGKILL ${meta.bin}.log; then exit 137; fi
    if [ -s ${prefix}/assembly.fasta ]; then mv ${prefix}/assembly.fasta ${meta.bin}.fasta; else echo 'no contigs' >> ${meta.bin}.log; fi
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}.${meta.bin}"
    """
    touch ${meta.bin}.fasta ${meta.bin}.log
    """
}
