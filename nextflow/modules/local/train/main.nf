process TRAIN {
    tag "${meta.id}"
    label 'process_medium'
    label 'process_gpu'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), path(features)

    output:
    tuple val(meta), path("${prefix}.model.safetensors"), path("${prefix}.history.tsv"), emit: model
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def device = task.accelerator ? 'cuda' : 'cpu'
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    vaebin-train ${features} --output ${prefix}.model.safetensors --history ${prefix}.history.tsv \\
        --device ${device} ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.model.safetensors ${prefix}.history.tsv
    """
}
