process REPORT {
    tag "${meta.id}"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), path(bins), path(summary), path(guards), path(coordinates), path(features), path(model), path(history), path(scores)

    output:
    tuple val(meta), path("${prefix}.report.html"), emit: page
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    def shards = [features].flatten().collect { file -> "--features ${file}" }.join(' ')
    def scored = scores ? "--scores ${scores}" : ''
    """
    vaebin-report ${bins} --output ${prefix}.report.html --title '${meta.id}' --summary ${summary} --guards ${guards} --coordinates ${coordinates} ${shards} --model ${model} --history ${history} ${scored} ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.report.html
    """
}
