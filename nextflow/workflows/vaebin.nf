include { FEATURES } from '../subworkflows/local/features'
include { BINS } from '../subworkflows/local/bins'
include { ASSEMBLY } from '../subworkflows/local/assembly'
include { SUMMARIZE } from '../modules/local/summarize'
include { MULTIQC } from '../modules/local/multiqc'

// Contigs are assembled already.
def isAssembled(sample, options) {
    return options.assemble && sample.meta.platform != 'contigs'
}

// What stages a sample has to pass, in order
def stagesOf(sample, options) {
    [
        options.shardRecords ? 'count' : null,
        'vectorize', 'train', 'embed', 'cluster', 'plot',
        sample.truth ? 'evaluate' : null,
        options.extract || isAssembled(sample, options) ? 'extract' : null,
        isAssembled(sample, options) ? 'assemblies' : null,
        'report',
    ].findAll { stage -> stage }
}

// Each sample with the first stage that it did not come through, if any
def stateOf(sample, options, passed) {
    def failed = stagesOf(sample, options).find { stage -> !([sample.meta.id, stage] in passed) }
    return [sample: sample.meta.id, platform: sample.meta.platform, failed: failed ?: '']
}

// JSON, which is YAML on one line, as MultiQC reads versions: {"TRAIN": {"vaebin": "0.1.0"}, ...}
def versionsOf(reported) {
    def tools = reported.toSet().toSorted { row -> row.join(' ') }.groupBy { process, _tool, _version -> process.tokenize(':').last() }
    return groovy.json.JsonOutput.toJson(tools.collectEntries { name, all -> [name, all.collectEntries { _process, tool, version -> [tool, version] }] })
}

workflow VAEBIN {
    take:
    samples // list of [meta, reads, coverage, truth]: see readSamplesheet
    options // the pipeline's parameters

    main:
    reads = channel.fromList(samples).map { sample -> [sample.meta, sample.reads] }
    coverage = channel.fromList(samples).map { sample -> [sample.meta, sample.coverage] }
    truths = channel.fromList(samples).filter { sample -> sample.truth }.map { sample -> [sample.meta, sample.truth] }

    FEATURES(reads, coverage, options.shardRecords)
    BINS(FEATURES.out.features, FEATURES.out.shards, reads, truths, options.extract || options.assemble)

    assemblies = channel.empty()
    assembled = channel.empty()
    if (options.assemble) {
        summaries = BINS.out.bins.map { meta, _bins, summary, _guards, _biobox -> [meta, summary] }
        ASSEMBLY(BINS.out.sequences.filter { meta, _folder -> meta.platform != 'contigs' }, summaries, options)
        assemblies = ASSEMBLY.out.assemblies
        assembled = ASSEMBLY.out.passed
    }

    // What came through. A sample that is missing anywhere is named, so that none is lost unseen.
    passed = FEATURES.out.passed.mix(BINS.out.passed, assembled).toList()
    states = passed.map { pairs -> samples.collect { sample -> stateOf(sample, options, pairs) } }

    SUMMARIZE(
        states.map { all -> groovy.json.JsonOutput.toJson(all) },
        BINS.out.bins.map { _meta, bins, summary, guards, _biobox -> [bins, summary, guards] }.flatten()
            .mix(BINS.out.scores.map { _meta, scores, _details, _heatmap -> scores })
            .toSortedList { file -> file.name },
    )
    table = SUMMARIZE.out.samples

    versions = channel.topic('versions').toList().map { reported -> versionsOf(reported) }
    versions.collectFile(name: 'versions.json', storeDir: "${options.outdir}/pipeline_info")
    report = channel.empty()
    if (options.multiqc) {
        tables = SUMMARIZE.out.report.flatten().toSortedList { file -> file.name }
        report = MULTIQC(tables, file("${projectDir}/assets/multiqc_config.yml"), versions).report
    }

    // of each sample
    features = FEATURES.out.features
    model = BINS.out.model
    latent = BINS.out.latent
    bins = BINS.out.bins
    contig2bin = BINS.out.contig2bin
    plots = BINS.out.plots
    scores = BINS.out.scores
    sequences = BINS.out.sequences
    page = BINS.out.page

    emit:
    features
    model
    latent
    bins
    contig2bin
    plots
    scores
    sequences
    assemblies
    page   // the report of each sample
    table  // a row for each sample
    states // list of [sample, platform, failed]
    report // the MultiQC page and its data
}
