#!/usr/bin/env python3
"""Tables over all samples: one for people and programs, and sections of a MultiQC page (`*_mqc.tsv`).

Reads the tables of vaebin-cluster and vaebin-evaluate that lie here, by the samples' names: SAMPLE.bins.tsv,
SAMPLE.bins.summary.tsv, SAMPLE.guards.tsv, SAMPLE.scores.tsv. A sample that failed has none, and its row says so.
Needs Python alone.
"""

import argparse
import csv
import json
from pathlib import Path

SCORES = ("precision", "recall", "f1", "ari")
KINDS = {
    "genome": "#2b7a3f", "fragment": "#74b86a", "plasmid-like": "#8a6bbe", "mixed?": "#d9822b", "thin": "#9ecae1",
    "unknown": "#bdbdbd",
}  # fmt: skip
GUARDS = {"adapter": "#3182bd", "chimera": "#d9822b", "junk": "#bdbdbd"}
SHOWN_BINS = 20  # of a sample, on the page

SAMPLE_HEADERS = {
    "state": {
        "title": "State",
        "description": "done, or the stage that failed",
        "cond_formatting_rules": {"pass": [{"s_eq": "done"}], "fail": [{"s_contains": "failed"}]},
    },
    "platform": {"title": "Platform"},
    "sequences": {"title": "Sequences", "format": "{:,.0f}", "scale": "Blues"},
    "bases": {"title": "Bases", "format": "{:,.0f}", "scale": "Blues"},
    "binned": {"title": "Binned", "description": "Share of the sequences", "suffix": " %", "format": "{:,.1f}",
               "min": 0, "max": 100, "scale": "RdYlGn"},
    "bins": {"title": "Bins", "format": "{:,.0f}", "scale": "Greens"},
    "genomes": {"title": "Genomes", "description": "Bins that look like a whole genome", "format": "{:,.0f}",
                "scale": "Greens"},
    "probability": {"title": "Probability", "description": "Mean probability that a sequence's bin is right",
                    "format": "{:,.3f}", "min": 0, "max": 1, "scale": "RdYlGn"},
}  # fmt: skip
SCORE_HEADERS = {
    name: {"title": title, "format": "{:,.4f}", "min": 0, "max": 1, "scale": "RdYlGn"}
    for name, title in zip(SCORES, ("Precision", "Recall", "F1", "ARI"), strict=True)
}
BIN_HEADERS = {
    "sequences": {"title": "Sequences", "format": "{:,.0f}", "scale": "Blues"},
    "bases": {"title": "Bases", "format": "{:,.0f}", "scale": "Blues"},
    "depth": {"title": "Depth", "format": "{:,.2f}", "scale": "Purples"},
    "genome_size": {"title": "Genome size", "format": "{:,.0f}", "scale": "Blues"},
    "gc": {"title": "GC", "format": "{:,.3f}", "min": 0, "max": 1, "scale": "PuOr"},
    "closure": {"title": "Closure", "description": "Share of its links that stay inside", "format": "{:,.3f}",
                "min": 0, "max": 1, "scale": "RdYlGn"},
    "probability": {"title": "Probability", "format": "{:,.3f}", "min": 0, "max": 1, "scale": "RdYlGn"},
    "kind": {"title": "Kind", "description": "What the numbers make most likely"},
}  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of one of vaebin's tables, whose first line says what it is; none where there is no such file."""
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as stream:
        stream.readline()
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


class Sample:
    """What is known of one sample."""

    def __init__(self, state: dict[str, str], folder: Path) -> None:
        self.name = state["sample"]
        self.state = state
        self.bins, self.guards, scores = (
            rows(folder / f"{self.name}.{end}") for end in ("bins.summary.tsv", "guards.tsv", "scores.tsv")
        )
        self.scores = {row["score"]: row["value"] for row in scores if row["score"] in SCORES}
        self._count(folder / f"{self.name}.bins.tsv")

    def _count(self, path: Path) -> None:
        self.binned = self.sequences = self.bases = self.binned_bases = 0
        total = 0.0
        self.known = path.exists()
        for row in rows(path):
            self.sequences += 1
            self.bases += int(row["length"])
            if row["bin"] != "unbinned":
                self.binned += 1
                self.binned_bases += int(row["length"])
                total += float(row["probability"])
        self.probability = total / self.binned if self.binned else None

    def cells(self) -> dict[str, str]:
        """The sample's row; what is not known is empty."""
        failed = self.state["failed"]
        row = {"state": f"failed: {failed}" if failed else "done", "platform": self.state["platform"]}
        if not self.known:
            return row
        return {
            **row,
            "sequences": str(self.sequences),
            "bases": str(self.bases),
            "binned": f"{100 * self.binned / self.sequences:.1f}" if self.sequences else "",
            "bins": str(len(self.bins)),
            "genomes": str(sum(b["kind"] == "genome" for b in self.bins)),
            "probability": "" if self.probability is None else f"{self.probability:.3f}",
        }

    def kinds(self) -> dict[str, str]:
        """Bases by the kind of bin they are in."""
        sums = {kind: sum(int(b["bases"]) for b in self.bins if b["kind"] == kind) for kind in KINDS}
        return {k: str(v) for k, v in {**sums, "unbinned": self.bases - self.binned_bases}.items()}


def write_table(path: Path, first: str, columns: list[str], table: dict[str, dict[str, str]], comment: str) -> None:
    """A tab-separated table below a comment; its rows are named in the first column."""
    with open(path, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(comment)
        stream.write("\t".join([first, *columns]) + "\n")
        for name, cells in table.items():
            stream.write("\t".join([name, *(cells.get(c, "") for c in columns)]) + "\n")


def write_section(
    name: str, title: str, description: str, columns: list[str], table: dict[str, dict[str, str]], **settings: object
) -> None:
    """A section of the MultiQC page; none without rows."""
    if not table:
        return
    config = {
        "id": name, "section_name": title, "description": description,
        "pconfig": {"id": f"{name}_plot", "title": f"vaebin: {title}"}, **settings,
    }  # fmt: skip
    comment = "".join(f"# {key}: {json.dumps(value)}\n" for key, value in config.items())
    write_table(Path(f"{name}_mqc.tsv"), "Sample", columns, table, comment)


def coloured(categories: dict[str, str]) -> dict[str, dict[str, str]]:
    """The colour of each category, as MultiQC wants to be told."""
    return {name: {"name": name, "color": color} for name, color in categories.items()}


def write_page(samples: list[Sample]) -> None:
    """All sections of the MultiQC page."""
    done = [s for s in samples if s.known]
    write_section(
        "vaebin_samples", "Samples", "Every row of the samplesheet, those that failed, too.", list(SAMPLE_HEADERS),
        {s.name: s.cells() for s in samples}, plot_type="table", headers=SAMPLE_HEADERS,
    )  # fmt: skip
    write_section(
        "vaebin_scores", "Scores", "Bins against the truth: precision, recall and F1 as LRBinner defines them, and the "
        "adjusted Rand index.", list(SCORES), {s.name: s.scores for s in samples if s.scores}, plot_type="table",
        headers=SCORE_HEADERS,
    )  # fmt: skip
    write_section(
        "vaebin_kinds", "Bases by kind of bin", "What the bins' size, depth and closure make them most likely.",
        [*KINDS, "unbinned"], {s.name: s.kinds() for s in done}, plot_type="bargraph",
        categories=coloured({**KINDS, "unbinned": "#636363"}),
        pconfig={"id": "vaebin_kinds_plot", "title": "vaebin: Bases by kind of bin", "ylab": "Bases"},
    )  # fmt: skip
    write_section(
        "vaebin_bins", "Bins", f"The {SHOWN_BINS} largest of each sample.", list(BIN_HEADERS),
        {f"{s.name} {b['bin']}": b for s in done for b in s.bins[:SHOWN_BINS]}, plot_type="table", headers=BIN_HEADERS,
    )  # fmt: skip
    write_section(
        "vaebin_guards", "Guards", "Sequences that were kept from misleading the bins.", list(GUARDS),
        {s.name: {g["guard"]: g["reads"] for g in s.guards} for s in done if s.guards}, plot_type="bargraph",
        categories=coloured(GUARDS),
        pconfig={"id": "vaebin_guards_plot", "title": "vaebin: Guards", "ylab": "Sequences", "stacking": "group"},
    )  # fmt: skip


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("states", type=Path, help="JSON list of sample, platform and failed (a stage, or empty)")
    parser.add_argument("--table", type=Path, required=True, help="table to write, one row a sample")
    options = parser.parse_args()
    samples = [Sample(state, Path()) for state in json.loads(options.states.read_text())]
    columns = [*SAMPLE_HEADERS, *(SCORES if any(s.scores for s in samples) else ())]
    write_table(options.table, "sample", columns, {s.name: {**s.cells(), **s.scores} for s in samples}, "")
    write_page(samples)


if __name__ == "__main__":
    main()
