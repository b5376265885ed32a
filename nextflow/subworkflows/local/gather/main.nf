// All shards' files of a sample as one list, in the order of their names. A sample that lost a shard is left out.
//
// A groupKey equals its map, but the map does not equal the groupKey: used as a key of join or combine it loses
// samples. So it is put on right before groupTuple and taken off right after.
def gather(files, shards) {
    return files
        .combine(shards, by: 0)
        .map { meta, file, n -> [groupKey(meta, n), file] }
        .groupTuple()
        .map { key, group -> [key.getGroupTarget(), group.toSorted { file -> file.name }] }
}
