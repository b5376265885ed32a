include { COUNT } from '../../../modules/local/count'
include { VECTORIZE } from '../../../modules/local/vectorize'
include { gather } from '../gather'

// Ranges of records as `vaebin-vectorize --records` takes them. The last one is open, so that every record is in one.
def rangesOf(records, size) {
    if (records <= size) {
        return ['']
    }
    def starts = (0..<records).step(size)
    return starts.collect { start -> start + size < records ? "${start}:${start + size}" : "${start}:" }
}

workflow FEATURES {
    take:
    reads    // [meta, [reads]]
    coverage // [meta, [depth table, or BAM files and their indices]]; none for reads
    size     // records a shard, 0 for no shards

    main:
    counted = channel.empty()
    ranges = reads.map { meta, _files -> [meta, ['']] }
    if (size) {
        counted = COUNT(reads).records
        ranges = counted.map { meta, records -> [meta, rangesOf(records.trim().toLong(), size)] }
    }
    shards = ranges.map { meta, list -> [meta, list.size()] }
    features = gather(VECTORIZE(ranges.transpose().combine(reads.join(coverage), by: 0)).features, shards)
    passed = counted.map { meta, _n -> [meta.id, 'count'] }.mix(features.map { meta, _files -> [meta.id, 'vectorize'] })

    emit:
    features // [meta, [features]]
    shards   // [meta, number of shards]
    passed   // [sample, stage], for each stage that a sample came through
}
