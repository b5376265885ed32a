process VECTORIZE {
    tag "${records ? "${meta.id} ${records}" : meta.id}"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container "${task.accelerator ? 'vaebin/vaebin:0.1.0-cuda' : 'vaebin/vaebin:0.1.0-cpu'}"

    input:
    tuple val(meta), val(records), path(reads, stageAs: 'reads/??/*'), path(coverage, stageAs: 'coverage/*')

    output:
    tuple val(meta), path("${prefix}.features.npz"), emit: features
    tuple val(task.process), val('vaebin'), eval("vaebin --version | sed 's/vaebin //'"), topic: versions, emit: versions_vaebin

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def args2 = meta.depth == 'bam' ? task.ext.args2 ?: '' : ''
    def depths = [coverage].flatten().findAll { file -> !(file.name ==~ /.*\.(bai|csi)/) }
    def depth = depths.collect { file -> "${file.name.endsWith('.bam') ? '--bam' : '--depth'} ${file}" }.join(' ')
    def range = records ? "--records ${records}" : ''
    // Zeros before the first record's number, so that shards stand in order by name.
    def shard = records ? String.format('.from_%012d', records.tokenize(':')[0].toLong()) : ''
    prefix = task.ext.prefix ?: "${meta.id}${shard}"
    """
    vaebin-vectorize ${reads} --output ${prefix}.features.npz ${depth} ${range} --threads ${task.cpus} ${args} ${args2}
    """

    stub:
    def shard = records ? String.format('.from_%012d', records.tokenize(':')[0].toLong()) : ''
    prefix = task.ext.prefix ?: "${meta.id}${shard}"
    """
    touch ${prefix}.features.npz
    """
}
