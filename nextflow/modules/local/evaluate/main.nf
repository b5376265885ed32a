process EVALUATE {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), path(bins), path(truth, stageAs: 'truth/*')

    output:
    tuple val(meta), path("${prefix}.scores.tsv"), path("${prefix}.scores.json"), path("${prefix}.scores.png"), emit: scores
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    vaebin-evaluate ${bins} --truth ${truth} --tsv ${prefix}.scores.tsv --json ${prefix}.scores.json \\
        --heatmap ${prefix}.scores.png ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.scores.tsv ${prefix}.scores.json ${prefix}.scores.png
    """
}
