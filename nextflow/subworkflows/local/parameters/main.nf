// Parameters, by nextflow_schema.json: what --help shows and what is accepted. No plugin, so that a machine without
// network can do it.

def readSchema() {
    return new groovy.json.JsonSlurper().parseText(file("${projectDir}/nextflow_schema.json").text)
}

def groupsOf(schema) {
    return schema.allOf.collect { entry -> schema['$defs'][entry['$ref'].tokenize('/').last()] }
}

// shardRecords as it is typed: --shard-records
def optionName(name) {
    return '--' + name.replaceAll(/([A-Z])/) { all -> '-' + all[0].toLowerCase() }
}

def describeParameters() {
    def lines = ['Bin the sequences of any number of samples: one row a sample in a samplesheet, one folder a sample in the results.',
        '', 'Usage: nextflow run . --input samplesheet.csv --outdir results -profile docker', '']
    groupsOf(readSchema()).each { group ->
        lines << group.title
        group.properties.each { name, property ->
            def choices = property['enum'] ? " One of ${property['enum'].join(', ')}." : ''
            def preset = property['default'] in [null, '', false] ? '' : " (default: ${property['default']})"
            lines << "  ${optionName(name).padRight(20)} ${property.description}${choices}${preset}".toString()
        }
        lines << ''
    }
    lines << 'Options with one dash are Nextflow\'s: -profile, -resume, -work-dir. Profiles and the samplesheet: README.md.'
    return lines.join('\n')
}

// What is wrong with a value, or null
def faultOf(value, property) {
    if (value == null) {
        return null
    }
    if (property.type == 'integer' && !(value.toString() ==~ /\d+/)) {
        return 'expected a whole number'
    }
    if (property.type == 'number' && !(value.toString() ==~ /\d+(\.\d+)?/)) {
        return 'expected a number'
    }
    if (property.type == 'boolean' && !(value.toString() in ['true', 'false'])) {
        return 'expected true or false'
    }
    if (property.minimum != null && (value as BigDecimal) < property.minimum) {
        return "expected ${property.minimum} or more"
    }
    return property['enum'] && !(value in property['enum']) ? "expected one of ${property['enum'].join(', ')}" : null
}

def bare(name) {
    return name.replaceAll(/[-_]/, '').toLowerCase()
}

def checkParameters(given) {
    def known = groupsOf(readSchema()).collectEntries { group -> group.properties }
    given.keySet().findAll { name -> !(name in known) }.each { name ->
        def near = known.keySet().find { other -> bare(other) == bare(name) }
        error("--${name}: no such parameter; ${near ? "it is ${optionName(near)}" : 'see --help'}")
    }
    known.each { name, property ->
        def fault = faultOf(given[name], property)
        if (fault) {
            error("${optionName(name)} ${given[name]}: ${fault}")
        }
    }
    if (!given.input) {
        error('--input: give a samplesheet; see --help')
    }
}
