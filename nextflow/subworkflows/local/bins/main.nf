include { TRAIN } from '../../../modules/local/train'
include { EMBED } from '../../../modules/local/embed'
include { CLUSTER } from '../../../modules/local/cluster'
include { PLOT } from '../../../modules/local/plot'
include { EVALUATE } from '../../../modules/local/evaluate'
include { REPORT } from '../../../modules/local/report'
include { EXTRACT } from '../../../modules/local/extract'
include { gather } from '../gather'

workflow BINS {
    take:
    features // [meta, [features]]
    shards   // [meta, number of shards]
    reads    // [meta, [reads]]
    truths   // [meta, truth], of the samples that have one
    extract  // whether to write the sequences of each bin

    main:
    model = TRAIN(features).model
    weights = model.map { meta, file, _history -> [meta, file] }
    latent = gather(EMBED(features.transpose().combine(weights, by: 0)).latent, shards)
    CLUSTER(latent.join(features))
    bins = CLUSTER.out.bins
    contig2bin = CLUSTER.out.contig2bin
    table = bins.map { meta, file, _summary, _guards, _biobox -> [meta, file] }
    plots = PLOT(latent.join(table)).plots
    scores = EVALUATE(table.join(truths)).scores
    told = bins.map { meta, file, summary, guards, _biobox -> [meta, file, summary, guards] }
        .join(plots.map { meta, _picture, _page, coordinates -> [meta, coordinates] })
        .join(features)
        .join(model)
    details = scores.map { meta, _scores, json, _heatmap -> [meta, json] }
    // Samples without scores get none, and scores of samples whose plot failed no report.
    page = REPORT(told.join(details, remainder: true).filter { row -> row[1] && row.size() == 9 }.map { row -> row[0..7] + [row[8] ?: []] }).page
    sequences = channel.empty()
    if (extract) {
        sequences = EXTRACT(reads.join(table)).sequences
    }
    passed = model.map { row -> [row[0].id, 'train'] }.mix(
        latent.map { row -> [row[0].id, 'embed'] },
        bins.map { row -> [row[0].id, 'cluster'] },
        plots.map { row -> [row[0].id, 'plot'] },
        scores.map { row -> [row[0].id, 'evaluate'] },
        sequences.map { row -> [row[0].id, 'extract'] },
        page.map { row -> [row[0].id, 'report'] },
    )

    emit:
    model      // [meta, model, history]
    latent     // [meta, [latents]]
    bins       // [meta, bins, summary, guards, biobox]
    contig2bin // [meta, table], of contigs with depth
    plots      // [meta, picture, page, coordinates]
    scores     // [meta, scores, details, heat map], of the samples that have a truth
    sequences  // [meta, folder]
    page       // [meta, report]
    passed     // [sample, stage], for each stage that a sample came through
}
