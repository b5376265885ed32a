process CLUSTER {
    tag "${meta.id}"
    label 'process_high'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), path(latents), path(features)

    output:
    tuple val(meta), path("${prefix}.bins.tsv"), path("${prefix}.bins.summary.tsv"), path("${prefix}.guards.tsv"), path("${prefix}.bins.binning"), emit: bins
    tuple val(meta), path("${prefix}.contig2bin.tsv"), optional: true, emit: contig2bin
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def measured = [features].flatten().collect { file -> "--features ${file}" }.join(' ')
    prefix = task.ext.prefix ?: "${meta.id}"
    def contig2bin = meta.depth ? "--contig2bin ${prefix}.contig2bin.tsv" : ''
    """
    vaebin-cluster ${latents} ${measured} --output ${prefix}.bins.tsv --summary ${prefix}.bins.summary.tsv \\
        --guards ${prefix}.guards.tsv --biobox ${prefix}.bins.binning ${contig2bin} --threads ${task.cpus} ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.bins.tsv ${prefix}.guards.tsv ${prefix}.bins.binning \\
        ${meta.depth ? "${prefix}.contig2bin.tsv" : ''}
    printf '# vaebin-bin-summary 1.0\\nbin\\tdepth\\tgenome_size\\nbin_1\\t20.00\\t50000\\n' > ${prefix}.bins.summary.tsv
    """
}
