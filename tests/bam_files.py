"""BAM files of alignments made up one by one, for tests."""

from pathlib import Path

import pysam


def write(
    path: Path,
    lengths: dict[str, int],
    alignments: list[tuple],
    *,
    order: str | None = "coordinate",
    samples: tuple[str, ...] = (),
    index: bool = True,
) -> Path:
    """A BAM file of contigs of these lengths, with alignments (contig, start, cigar, flag, NM or None)."""
    header = {
        "HD": {"VN": "1.6", **({"SO": order} if order else {})},
        "SQ": [{"SN": name, "LN": length} for name, length in lengths.items()],
        "RG": [{"ID": f"group{number}", **({"SM": name} if name else {})} for number, name in enumerate(samples)],
    }
    names = list(lengths)
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for number, (contig, start, cigar, flag, edits) in enumerate(alignments):
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.flag, read.mapping_quality = f"read{number}", flag, 60
            if contig is not None:
                read.reference_id, read.reference_start, read.cigarstring = names.index(contig), start, cigar
            read.query_sequence = "A" * (read.infer_query_length() or 10)
            if edits is not None:
                read.set_tag("NM", edits)
            out.write(read)
    if index:
        pysam.index(str(path))
    return path
