process COUNT {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), path(reads, stageAs: 'reads/??/*')

    output:
    tuple val(meta), env('RECORDS'), emit: records
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    """
    RECORDS=\$(vaebin-vectorize --count ${reads})
    """

    stub:
    """
    RECORDS=6
    """
}
