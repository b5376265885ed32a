process EMBED {
    tag "${features.name - '.features.npz'}"
    label 'process_low'
    label 'process_gpu'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), path(features), path(model)

    output:
    tuple val(meta), path("${prefix}.latent.npz"), emit: latent
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def device = task.accelerator ? 'cuda' : 'cpu'
    prefix = task.ext.prefix ?: features.name - '.features.npz'
    """
    vaebin-embed ${features} --model ${model} --output ${prefix}.latent.npz \\
        --device ${device} ${args}
    """

    stub:
    prefix = task.ext.prefix ?: features.name - '.features.npz'
    """
    touch ${prefix}.latent.npz
    """
}
