// What a run says when it is over.

// A tab-separated table with its columns aligned
def alignTable(text) {
    def rows = text.readLines().collect { line -> line.split('\t', -1).toList() }
    def widths = rows.transpose().collect { cells -> cells*.size().max() }
    return rows.collect { row ->
        [row, widths].transpose().collect { cell, width -> (cell ?: '-').padRight(width) }.join('  ').trim()
    }.join('\n')
}

// A line on each bin that was to be assembled and has no contigs
def describeUnassembled(sample, folder) {
    def rows = folder.resolve('summary.tsv').readLines().drop(2).collect { line -> line.split('\t', -1) }
    return rows.findAll { row -> row[1].startsWith('failed: ') }.collect { row -> "sample ${sample}: ${row[0]} was not assembled: ${row[1] - 'failed: '}".toString() }
}

// Whether a task of this tag worked on the sample: as a whole, or on one of its shards
def isOf(tag, sample) {
    return tag == sample || tag.startsWith("${sample} ") || tag.startsWith("${sample}.from_")
}

// One line on a sample that failed: where, the last words of the tool, and where to read on
def describeFailure(state, trace) {
    def tasks = trace.exists() ? trace.splitCsv(header: true, sep: '\t') : []
    def task = tasks.reverse().find { row ->
        row.status == 'FAILED' && row.process.tokenize(':').last() == state.failed.toUpperCase() && isOf(row.tag, state.sample)
    }
    if (!task) {
        return "sample ${state.sample} failed in ${state.failed}"
    }
    def words = file("${task.workdir}/.command.err")
    def lines = words.exists() ? words.readLines().findAll { line -> line.trim() } : []
    return "sample ${state.sample} failed in ${state.failed}, exit status ${task.exit}: ${lines ? lines.last() : 'it said nothing'} (in ${task.workdir})"
}
