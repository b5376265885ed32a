#!/usr/bin/env nextflow

include { checkParameters ; describeParameters } from './subworkflows/local/parameters'
include { readSamplesheet } from './subworkflows/local/samplesheet'
include { alignTable ; describeFailure ; describeUnassembled } from './subworkflows/local/ending'
include { VAEBIN } from './workflows/vaebin'

workflow {
    main:
    if (params.help) {
        println(describeParameters())
        System.exit(0)
    }
    checkParameters(params)
    def samples = readSamplesheet(params.input)
    VAEBIN(samples, params)

    def ends = [table: null, states: [], unassembled: [], trace: file("${params.outdir}/pipeline_info/trace.tsv")]
    VAEBIN.out.table.subscribe { table -> ends.table = table.text }
    VAEBIN.out.states.subscribe { states -> ends.states = states }
    VAEBIN.out.assemblies.subscribe { meta, folder -> ends.unassembled += describeUnassembled(meta.id, folder) }
    workflow.onComplete {
        if (ends.table) {
            log.info("\n${alignTable(ends.table)}\n")
        }
        ends.unassembled.sort().each { line -> log.warn(line) }
        def failed = ends.states.findAll { state -> state.failed }
        if (failed) {
            def count = "${failed.size()} of ${ends.states.size()} samples failed; -resume goes on from what is done"
            log.error(([count] + failed.collect { state -> describeFailure(state, ends.trace) }).join('\n'))
        }
    }

    publish:
    features = VAEBIN.out.features
    model = VAEBIN.out.model
    latent = VAEBIN.out.latent
    bins = VAEBIN.out.bins
    contig2bin = VAEBIN.out.contig2bin
    plots = VAEBIN.out.plots
    scores = VAEBIN.out.scores
    sequences = VAEBIN.out.sequences
    assemblies = VAEBIN.out.assemblies
    page = VAEBIN.out.page
    samples = VAEBIN.out.table
    report = VAEBIN.out.report
}

// A folder for each sample; the names in it are those of `vaebin run` with the sample's before them.
output {
    features {
        path { meta, _files -> meta.id }
        enabled params.saveFeatures
    }
    model {
        path { meta, _model, _history -> meta.id }
    }
    latent {
        path { meta, _files -> meta.id }
        enabled params.saveFeatures
    }
    bins {
        path { meta, _bins, _summary, _guards, _biobox -> meta.id }
    }
    contig2bin {
        path { meta, _table -> meta.id }
    }
    plots {
        path { meta, _picture, _page, _coordinates -> meta.id }
    }
    scores {
        path { meta, _scores, _details, _heatmap -> meta.id }
    }
    sequences {
        path { meta, _folder -> meta.id }
    }
    assemblies {
        path { meta, _folder -> meta.id }
    }
    page {
        path { meta, _report -> meta.id }
    }
    samples {
        path '.'
    }
    report {
        path 'multiqc'
    }
}
