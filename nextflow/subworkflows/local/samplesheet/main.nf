// The samplesheet: assets/schema_input.json says what is in it. Errors name the line and what to do.

def columnsKnown() {
    return ['sample', 'reads', 'platform', 'coverage', 'truth']
}

// A file that a cell names: absolute, with a scheme (s3://, gs://, https://), or relative to the samplesheet
def resolve(cell, sheet) {
    return cell ==~ '^([a-z0-9]+://|/).*' ? file(cell, glob: false) : sheet.parent.resolve(cell).normalize()
}

def fail(sheet, line, message) {
    error("${sheet.name}: line ${line}: ${message}")
}

def cellsOf(line) {
    return line.split(',', -1).collect { cell -> cell.trim().replaceAll('^"|"$', '') }
}

def readRows(sheet) {
    def lines = sheet.readLines().collect { line -> line.trim() }
    def header = lines ? cellsOf(lines[0].replace('\uFEFF', '')) : []
    def unknown = header.findAll { name -> !(name in columnsKnown()) }
    if (unknown || header.toUnique().size() != header.size()) {
        fail(sheet, 1, "columns '${header.join(',')}': expected sample and reads, and optionally platform, coverage, truth, each once")
    }
    ['sample', 'reads'].each { name ->
        if (!(name in header)) {
            fail(sheet, 1, "no column '${name}'; expected sample and reads, and optionally platform, coverage, truth")
        }
    }
    def rows = []
    lines.eachWithIndex { line, i ->
        if (i && line) {
            def cells = cellsOf(line)
            if (cells.size() != header.size()) {
                fail(sheet, i + 1, "${cells.size()} cells, expected ${header.size()} as in line 1 (a comma too many or too few?)")
            }
            rows << [[header, cells].transpose().collectEntries(), i + 1]
        }
    }
    if (!rows) {
        fail(sheet, lines.size(), 'no samples below the line of column names; add one row for each')
    }
    return rows
}

def checkRow(row, line, sheet) {
    if (!(row.sample ==~ /[A-Za-z0-9][A-Za-z0-9._-]*/)) {
        fail(sheet, line, "sample '${row.sample}': expected a name of letters, digits, dots, dashes and underscores, since files are named by it")
    }
    if (!row.reads) {
        fail(sheet, line, "sample ${row.sample} has no reads; name a file")
    }
    if (row.platform && !(row.platform in ['ont', 'ont-hq', 'hifi', 'clr', 'contigs'])) {
        fail(sheet, line, "platform '${row.platform}': expected ont, ont-hq, hifi, clr, contigs or nothing")
    }
    // A depth table for contigs will become an input of VECTORIZE, once vaebin-vectorize takes one.
    if (row.coverage) {
        fail(sheet, line, 'coverage is not used by this version of vaebin; leave the cell empty')
    }
    ['reads', 'truth'].findAll { name -> row[name] }.each { name ->
        def path = resolve(row[name], sheet)
        if (!path.exists()) {
            fail(sheet, line, "${name} '${row[name]}': no such file (looked for ${path}; paths are relative to the samplesheet)")
        }
        if (path.isDirectory()) {
            fail(sheet, line, "${name} '${row[name]}' is a folder; name a file, and give each other one its own row")
        }
    }
}

// One map a sample: meta (id, platform), reads (files in the order of the rows), truth (file or null)
def readSamplesheet(given) {
    def sheet = file(given, glob: false)
    if (!sheet.exists()) {
        error("--input ${given}: no such file")
    }
    def samples = [:]
    readRows(sheet).each { row, line ->
        checkRow(row, line, sheet)
        def path = resolve(row.reads, sheet)
        def truth = row.truth ? resolve(row.truth, sheet) : null
        def sample = samples[row.sample]
        if (!sample) {
            samples[row.sample] = [meta: [id: row.sample, platform: row.platform ?: ''], reads: [path], truth: truth]
            return
        }
        if (path in sample.reads) {
            fail(sheet, line, "sample ${row.sample} has the reads '${row.reads}' twice; remove a row")
        }
        if (sample.meta.platform != (row.platform ?: '') || sample.truth != truth) {
            fail(sheet, line, "sample ${row.sample} differs in platform or truth from its row above; rows of one sample must agree")
        }
        sample.reads << path
    }
    return samples.values().toList()
}
