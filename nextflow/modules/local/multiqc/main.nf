process MULTIQC {
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container 'multiqc/multiqc:v1.35'

    input:
    path tables
    path config
    val versions

    output:
    tuple path("${prefix}.html"), path("${prefix}_data"), emit: report
    // Not by the topic: it would wait for itself.
    tuple val(task.process), val('multiqc'), eval("multiqc --version | sed 's/.*version //'"), emit: versions_multiqc

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: 'multiqc_report'
    """
    cat > vaebin_mqc_versions.yml <<'END'
    ${versions}
    END
    multiqc . --config ${config} --filename ${prefix}.html ${args}
    """

    stub:
    prefix = task.ext.prefix ?: 'multiqc_report'
    """
    mkdir ${prefix}_data
    touch ${prefix}.html
    """
}
