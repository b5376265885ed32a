// The samplesheet: assets/schema_input.json says what is in it. Errors name the line and what to do.

def columnsKnown() {
    return ['sample', 'reads', 'platform', 'coverage', 'truth']
}

// A file that a cell names: absolute, with a scheme (s3://, gs://, https://), or relative to the samplesheet
def resolve(cell, sheet) {
    return cell ==~ '^([a-z0-9]+://|/).*' ? file(cell, glob: false) : sheet.parent.resolve(cell).normalize()
}

// Files of a list in a cell, parted by semicolons
def resolveAll(cell, sheet) {
    return (cell ?: '').tokenize(';').collect { name -> resolve(name.trim(), sheet) }
}

def isBam(path) {
    return path.name.endsWith('.bam')
}

// The index that lies beside a BAM file, under one of its usual names, or null
def indexOf(bam) {
    def names = ["${bam.name}.bai", "${bam.name}.csi", "${bam.baseName}.bai"]
    return names.collect { name -> bam.resolveSibling(name) }.find { path -> path.exists() }
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
    ['reads', 'truth'].findAll { name -> row[name] }.each { name -> checkFile(name, row[name], line, sheet) }
    checkCoverage(row, line, sheet)
}

def checkFile(name, cell, line, sheet) {
    def path = resolve(cell, sheet)
    if (!path.exists()) {
        fail(sheet, line, "${name} '${cell}': no such file (looked for ${path}; paths are relative to the samplesheet)")
    }
    if (path.isDirectory()) {
        fail(sheet, line, "${name} '${cell}' is a folder; name a file, and give each other one its own row")
    }
}

// One table, or indexed BAM files with names of their own, since samples are named by them
def checkCoverage(row, line, sheet) {
    def cells = (row.coverage ?: '').tokenize(';').collect { cell -> cell.trim() }
    cells.each { cell -> checkFile('coverage', cell, line, sheet) }
    def paths = resolveAll(row.coverage, sheet)
    if (paths.size() > 1 && !paths.every { path -> isBam(path) }) {
        fail(sheet, line, "coverage '${row.coverage}': expected one table, or BAM files (.bam) parted by semicolons")
    }
    if (paths*.name.toUnique().size() != paths.size()) {
        fail(sheet, line, "coverage '${row.coverage}': two files have one name; rename one")
    }
    paths.findAll { path -> isBam(path) && !indexOf(path) }.each { path ->
        fail(sheet, line, "coverage '${path.name}' has no index beside it; make one: samtools index ${path.name}")
    }
}

// What a sample of contigs has its depth from: table or bam; empty for reads
def depthOf(paths) {
    return paths ? (isBam(paths[0]) ? 'bam' : 'table') : ''
}

// One map a sample: meta (id, platform, depth), reads (files in the order of the rows), coverage (files, with the
// indices of BAM files), truth (file or null)
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
        def depths = resolveAll(row.coverage, sheet)
        def coverage = depths + depths.findAll { file -> isBam(file) }.collect { file -> indexOf(file) }
        def sample = samples[row.sample]
        if (!sample) {
            def meta = [id: row.sample, platform: row.platform ?: '', depth: depthOf(depths)]
            samples[row.sample] = [meta: meta, reads: [path], coverage: coverage, truth: truth]
            return
        }
        if (path in sample.reads) {
            fail(sheet, line, "sample ${row.sample} has the reads '${row.reads}' twice; remove a row")
        }
        if (sample.meta.platform != (row.platform ?: '') || sample.coverage != coverage || sample.truth != truth) {
            fail(sheet, line, "sample ${row.sample} differs in platform, coverage or truth from its row above; rows of one sample must agree")
        }
        sample.reads << path
    }
    return samples.values().toList()
}
