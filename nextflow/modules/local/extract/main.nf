process EXTRACT {
    tag "${meta.id}"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), path(reads, stageAs: 'reads/??/*'), path(bins)

    output:
    tuple val(meta), path("${prefix}.bins"), emit: sequences
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = meta.depth ? task.ext.args2 ?: '' : ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    vaebin-extract ${reads} --bins ${bins} --output ${prefix}.bins --summary ${prefix}.bins/summary.tsv ${args} ${args2}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}.bins
    touch ${prefix}.bins/bin_1.fastq.gz
    printf '# vaebin-bin-sequences 1.0\\nbin\\tfile\\tbases\\nbin_1\\tbin_1.fastq.gz\\t1000000\\n' > ${prefix}.bins/summary.tsv
    """
}
