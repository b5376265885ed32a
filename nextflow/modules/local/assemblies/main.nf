process ASSEMBLIES {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), path(sequences), path(summary), path(made, stageAs: 'made/*')

    output:
    tuple val(meta), path("${prefix}.assemblies"), emit: assemblies
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}.assemblies
    ${made ? "cp -L made/* ${prefix}.assemblies" : ''}
    vaebin assemble ${sequences}/summary.tsv --summary ${summary} --output ${prefix}.assemblies --table-only ${args}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}.assemblies
    touch ${prefix}.assemblies/summary.tsv
    """
}
