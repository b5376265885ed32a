process PLOT {
    tag "${meta.id}"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), path(latents), path(bins)

    output:
    tuple val(meta), path("${prefix}.plot.png"), path("${prefix}.plot.html"), path("${prefix}.coordinates.tsv"), emit: plots
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    vaebin-plot ${latents} --bins ${bins} --picture ${prefix}.plot.png --html ${prefix}.plot.html --coordinates ${prefix}.coordinates.tsv ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.plot.png ${prefix}.plot.html ${prefix}.coordinates.tsv
    """
}
