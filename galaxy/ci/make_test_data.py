"""Make the data of the tools' tests: reads of three short stretches of genome, and what each stage makes of them.

    python galaxy/ci/make_test_data.py            (with vaebin's executables on PATH; writes galaxy/tools/test-data)

The sequences are the same bytes wherever this runs. What holds trained numbers may differ in the last digits between
machines, which no test minds. The model and the latent files are of before there was Muon, and are kept: they tell
whether such files can still be read.
"""

import argparse
import gzip
import random
import re
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
STRETCH, DEPTH, ERRORS = 9_000, 6, 0.02
COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")


def references(numbers: tuple[int, ...]) -> dict[str, bytes]:
    """The first bases of the chosen references of the package's own tests."""
    text = gzip.decompress((ROOT / "tests/data/references.fasta.gz").read_bytes())
    found = {}
    entries = text.split(b">")[1:]
    for number in numbers:
        header, *lines = entries[number].split(b"\n")
        found[header.split(b"|")[0].decode()] = b"".join(lines)[:STRETCH]
    return found


def sequence_reads(genomes: dict[str, bytes], draw: random.Random) -> list[tuple[str, bytes]]:
    """Reads of 1,200 to 2,400 bases with substitutions, from either strand; (genome, bases) in random order."""
    reads = []
    for genome, whole in genomes.items():
        for _ in range(STRETCH * DEPTH // 1_800):
            length = draw.randint(1_200, 2_400)
            start = draw.randint(0, STRETCH - length)
            bases = bytearray(whole[start : start + length])
            for place in range(length):
                if draw.random() < ERRORS:
                    bases[place] = draw.choice(b"ACGT")
            read = bytes(bases)
            reads.append((genome, read.translate(COMPLEMENT)[::-1] if draw.random() < 0.5 else read))
    draw.shuffle(reads)
    return reads


def compress(path: Path, content: bytes) -> None:
    """Write gzip data without name and time, so that the same content is the same file."""
    path.write_bytes(gzip.compress(content, 9, mtime=0))


def unaligned_bam(reads: list[tuple[str, bytes]], quality: int) -> bytes:
    """BAM as a sequencer writes it, in one block of BGZF and the empty one that ends a file."""
    data = b"BAM\1" + struct.pack("<ii", 0, 0)
    nibbles = bytes.maketrans(b"ACGT", b"1248")
    for number, (_, bases) in enumerate(reads, 1):
        name = b"read_%d\0" % number
        packed = bytes.fromhex((bases + b"=" * (len(bases) % 2)).translate(nibbles).decode().replace("=", "0"))
        fixed = struct.pack("<iiBBHHHiiii", -1, -1, len(name), 0, 4680, 0, 4, len(bases), -1, -1, 0)
        record = fixed + name + packed + bytes([quality]) * len(bases)
        data += struct.pack("<i", len(record)) + record
    return bgzf(data) + bgzf(b"")


def bgzf(data: bytes) -> bytes:
    """A block of BGZF: a gzip member that says its own length."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = press.compress(data) + press.flush()
    size = struct.pack("<H", 18 + len(deflated) + 8 - 1)
    head = bytes.fromhex("1f8b08040000000000ff060042430200") + size
    return head + deflated + struct.pack("<II", zlib.crc32(data), len(data))


def write_sequences(folder: Path) -> None:
    """FASTQ in two parts and as one, FASTA, the truth, and files with the mistakes that users make."""
    reads = sequence_reads(references((0, 1, 3)), random.Random(1))
    fastq = [b"@read_%d\n%s\n+\n%s\n" % (n, bases, b"5" * len(bases)) for n, (_, bases) in enumerate(reads, 1)]
    compress(folder / "reads.fastq.gz", b"".join(fastq))
    compress(folder / "part1.fastq.gz", b"".join(fastq[: len(fastq) // 2]))
    (folder / "part2.fastq").write_bytes(b"".join(fastq[len(fastq) // 2 :]))
    fasta = [b">read_%d\n%s\n" % (n, bases) for n, (_, bases) in enumerate(reads, 1)]
    compress(folder / "reads.fasta.gz", b"".join(fasta))
    (folder / "few.fasta").write_bytes(b"".join(fasta[:5]))
    (folder / "unaligned.bam").write_bytes(unaligned_bam(reads[:5], quality=20))
    depths = "".join(f"read_{n}\t{n}.5\t{9 - n}.25\n" for n in range(1, 6))
    (folder / "few_depth.tsv").write_text("contigname\tmorning\tevening\n" + depths)  # as VAMB writes it
    rows = "".join(f"read_{n}\t{genome}\t{len(bases)}\n" for n, (genome, bases) in enumerate(reads, 1))
    (folder / "truth.tsv").write_text("read_id\tspecies\tlength\n" + rows)
    (folder / "other_truth.tsv").write_text("read_id\tspecies\nanother\tnone\n")
    (folder / "twice.fasta").write_bytes(fasta[0] + fasta[1] + fasta[0])
    changed = [fasta[0], fasta[1].rstrip() + b"A\n", *fasta[2:5]]
    (folder / "changed.fasta").write_bytes(b"".join(changed))
    (folder / "two_labels.tsv").write_text("read_id\tspecies\nread_1\tone\nread_1\ttwo\n")
    assembled = "bin_1\tassembled\t1\t8900\t8900\t8900\t8464\t1.05\t6.16\n"
    columns = "bin\tstatus\tcontigs\tn50\tlongest\tlength\tgenome_size\tratio\tdepth\n"
    spared = "bin_2\tnot assembled: depth 6.1 is under 10\t\t\t\t\t9009\t\t6.13\n"
    (folder / "assemblies.tsv").write_text(f"# vaebin-assemblies 1.0\n{columns}{assembled}{spared}")
    (folder / "prose.txt").write_text("Dear reader,\n")
    (folder / "cut.fastq").write_bytes(fastq[0] + fastq[1][:-900])
    whole = (folder / "reads.fastq.gz").read_bytes()
    (folder / "cut_short.fastq.gz").write_bytes(whole[: len(whole) // 2])
    (folder / "cells.tsv").write_text("read_id\tspecies\nread_1\tone\nread_2\n")


def write_alignments(folder: Path) -> None:
    """A BAM file of the few sequences as contigs, each with as many reads over its first half as it is old in line."""
    import pysam

    lengths = [len(line) for line in (folder / "few.fasta").read_text().splitlines()[1::2]]
    contigs = [{"SN": f"read_{n}", "LN": length} for n, length in enumerate(lengths, 1)]
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": contigs, "RG": [{"ID": "run", "SM": "morning"}]}
    with pysam.AlignmentFile(str(folder / "mapped.bam"), "wb", header=header) as out:
        for number, length in enumerate(lengths):
            for copy in range(number + 1):
                read = pysam.AlignedSegment(out.header)
                read.query_name, read.reference_id, read.reference_start = f"{number}_{copy}", number, 0
                read.cigarstring, read.query_sequence = f"{length // 2}M", "A" * (length // 2)
                read.set_tag("NM", 0)
                out.write(read)


def run(folder: Path, *command: str) -> None:
    """One stage, in the folder."""
    subprocess.run([*command, "--quiet"], cwd=folder, check=True)


def write_stages(folder: Path) -> None:
    """Features, a small model, latent means, overlaps and bins of the reads, and some of these of a few reads."""
    small = ["--latent-dim=4", "--hidden=16", "--epochs=60", "--batch-size=32"]
    run(folder, "vaebin-vectorize", "reads.fastq.gz", "-o", "features.npz")
    run(folder, "vaebin-vectorize", "few.fasta", "-o", "few_features.npz", "--no-sketch")
    run(folder, "vaebin-vectorize", "few.fasta", "-o", "few_features_k3.npz", "--no-sketch", "-k", "3")
    run(folder, "vaebin-train", "features.npz", "-o", "model.safetensors", "--device", "cpu",
        "--history", "history.tsv", *small)  # fmt: skip
    for name in ("", "few_"):
        run(folder, "vaebin-embed", f"{name}features.npz", "-m", "model.safetensors", "-o", f"{name}latent.npz",
            "--device", "cpu")  # fmt: skip
    run(folder, "vaebin-cluster", "latent.npz", "-f", "features.npz", "-o", "bins.tsv",
        "--summary", "summary.tsv", "--guards", "guards.tsv", "--save-overlaps", "overlaps.npz",
        "--min-cluster-size", "3")  # fmt: skip
    run(folder, "vaebin-plot", "latent.npz", "--bins", "bins.tsv", "--coordinates", "coordinates.tsv")
    run(folder, "vaebin-evaluate", "bins.tsv", "--truth", "truth.tsv", "--json", "scores.json")
    lines = (folder / "bins.tsv").read_text().splitlines(keepends=True)
    fifth = lines[6].split("\t")
    lines[6] = "\t".join([fifth[0], "unbinned", "0.4000", *fifth[3:5], "unsure\n"])
    (folder / "few_bins.tsv").write_text("".join(lines[:7]))
    write_newer(folder)


def write_newer(folder: Path) -> None:
    """Files as a later vaebin might write them: of a major version that there is not yet."""

    def raised(content: bytes) -> bytes:
        return re.sub(rb'(version\\*":)\[1,0\]', rb"\1[9,0]", content)

    for name, newer in {
        "few_features.npz": "newer_features.npz",
        "few_latent.npz": "newer_latent.npz",
        "overlaps.npz": "newer_overlaps.npz",
    }.items():
        with zipfile.ZipFile(folder / name) as archive, zipfile.ZipFile(folder / newer, "w") as changed:
            for member in archive.infolist():
                changed.writestr(member, raised(archive.read(member)))
    (folder / "newer_model.safetensors").write_bytes(raised((folder / "model.safetensors").read_bytes()))
    bins = (folder / "few_bins.tsv").read_text()
    (folder / "newer_bins.tsv").write_text(bins.replace("# vaebin-bins 1.0", "# vaebin-bins 9.0"))


def main() -> None:
    """Make all files in one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "galaxy/tools/test-data")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    write_sequences(folder)
    write_alignments(folder)
    write_stages(folder)


if __name__ == "__main__":
    main()
