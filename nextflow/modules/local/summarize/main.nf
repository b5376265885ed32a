process SUMMARIZE {
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    val states
    path tables

    output:
    path "${prefix}.tsv", emit: samples
    path "*_mqc.tsv", emit: report
    tuple val(task.process), val('python'), eval("python3 --version | sed 's/Python //'"), topic: versions, emit: versions_python

    when:
    task.ext.when == null || task.ext.when

    script:
    prefix = task.ext.prefix ?: 'samples'
    """
    cat > states.json <<'END'
    ${states}
    END
    summarize_samples.py states.json --table ${prefix}.tsv
    """

    stub:
    prefix = task.ext.prefix ?: 'samples'
    """
    touch ${prefix}.tsv vaebin_samples_mqc.tsv
    """
}
