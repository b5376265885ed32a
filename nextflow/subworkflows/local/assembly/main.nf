include { FLYE } from '../../../modules/local/flye'
include { MINIASM } from '../../../modules/local/miniasm'
include { ASSEMBLIES } from '../../../modules/local/assemblies'

// Rows of one of vaebin's tables, whose first line says what it is
def rowsOf(table) {
    def lines = table.readLines().drop(1).collect { line -> line.split('\t', -1).toList() }
    return lines.drop(1).collect { cells -> [lines[0], cells].transpose().collectEntries() }
}

// As `vaebin assemble` decides it, which ASSEMBLIES tells in its table
def isWorthwhile(bin, options) {
    return bin.depth
        ? (bin.depth as BigDecimal) >= (options.assemblyDepth as BigDecimal) && !(bin.genome_size && bin.genome_size.toLong() < (options.assemblySize as Long))
        : !(options.assemblyDepth as BigDecimal)
}

// [meta, reads] of each bin of a sample that is to be assembled
def binsOf(meta, folder, summary, options) {
    def known = rowsOf(summary).collectEntries { row -> [row.bin, row] }
    return rowsOf(folder.resolve('summary.tsv'))
        .findAll { row -> row.bin in known && isWorthwhile(known[row.bin], options) }
        .collect { row -> [meta + [bin: row.bin, bases: row.bases.toLong()], folder.resolve(row.file)] }
}

workflow ASSEMBLY {
    take:
    sequences // [meta, folder]
    summaries // [meta, summary]
    options   // the pipeline's parameters

    main:
    known = sequences.join(summaries)
    jobs = known.flatMap { meta, folder, summary -> binsOf(meta, folder, summary, options) }
    made = options.assembler == 'miniasm' ? MINIASM(jobs).assembly : FLYE(jobs).assembly
    // Not by `gather`: of a bin whose task was lost the table has to tell, too.
    gathered = made.map { meta, files -> [meta.subMap(meta.keySet() - ['bin', 'bases']), files] }
        .groupTuple()
        .map { meta, files -> [meta, files.flatten().toSorted { file -> file.name }] }
    assemblies = ASSEMBLIES(known.join(gathered, remainder: true).map { meta, folder, summary, files -> [meta, folder, summary, files ?: []] }).assemblies
    passed = assemblies.map { meta, _folder -> [meta.id, 'assemblies'] }

    emit:
    assemblies // [meta, folder]
    passed     // [sample, stage], for each sample whose bins were assembled, or told why not
}
