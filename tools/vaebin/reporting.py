"""The stage `report`: all that the other stages wrote to one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin import __version__, metrics, provenance
from vaebin.errors import MismatchError
from vaebin.figures import report as page
from vaebin.figures.points import Groups, Points
from vaebin.figures.report import Agreement, Report
from vaebin.formats import (
    assemblies,
    container,
    coordinates,
    features,
    guards,
    history,
    record,
    scores,
    summary,
    tensors,
)
from vaebin.formats import bins as bin_table
from vaebin.formats import model as model_file
from vaebin.formats.atomic import require_places
from vaebin.formats.bins import Bins
from vaebin.formats.ids import Ids, require_same
from vaebin.formats.summary import Row
from vaebin.progress import log

STAGES = ("vectorize", "train", "embed", "cluster", "plot")


@dataclass(frozen=True)
class Files:
    """What a report tells besides the bins, as far as it is there.

    features, model: tell what was run; their headers are enough. run: the record of a run, which tells the parameters
    of every stage. others: bin tables of the same sequences, by other seeds for one. assemblies: of each bin alone.
    """

    summary: Path | None = None
    coordinates: Path | None = None
    guards: Path | None = None
    scores: Path | None = None
    features: Sequence[Path] = ()
    model: Path | None = None
    history: Path | None = None
    run: Path | None = None
    others: Sequence[Path] = ()
    assemblies: Path | None = None


def report(bins: Path, output: Path, files: Files, title: str = "") -> None:
    """Write the page on the bin table `bins` and the files that belong to it.

    Raises MismatchError when files do not belong together.
    """
    require_places(output)
    found = bin_table.read(bins)
    rows = summary.read(files.summary) if files.summary else _rows(found)
    _require_bins(found, bins, rows, files.summary)
    measured = [container.read(path, features.FORMAT, features.VERSION[0]).header for path in files.features]
    digest = provenance.digest(found.ids, found.lengths)
    _require_sequences(found, digest, bins, measured, files.features)
    trained = tensors.read(files.model, model_file.FORMAT, model_file.VERSION[0])[0] if files.model else None
    binnings = [_other(found, bins, path) for path in files.others]
    content = Report(
        title,
        found,
        rows,
        what=_word(measured),
        points=_points(found, rows, bins, files.coordinates) if files.coordinates else None,
        too_short=sum(header["records"].get("too_short", 0) for header in measured),
        settings=_settings(files.run, measured, trained),
        facts=_facts(digest, measured, trained),
        history=history.read(files.history) if files.history else (),
        guards=guards.read(files.guards) if files.guards else (),
        evaluation=scores.read_json(files.scores) if files.scores else None,
        agreements=[_agreement(found.assigned, other) for other in binnings],
        steady=_steady(found.assigned, binnings),
        assemblies=assemblies.read(files.assemblies) if files.assemblies else (),
    )
    page.write(output, content)
    log.info("%s bins reported", f"{len(rows):,}")


def _rows(found: Bins) -> list[Row]:
    """What the bin table alone tells of each bin."""
    rows = []
    for number in np.unique(found.assigned[found.assigned > 0]).tolist():
        own = found.assigned == number
        certain = float(found.probability[own].mean())
        rows.append(
            Row(number, int(own.sum()), int(found.lengths[own].sum()), None, None, None, None, certain, 0, "unknown")
        )
    return rows


def _require_bins(found: Bins, bins: Path, rows: Sequence[Row], path: Path | None) -> None:
    sizes = np.bincount(found.assigned, minlength=max([0, *(row.number for row in rows)]) + 1)
    told = {row.number: row.sequences for row in rows}
    for number in range(1, len(sizes)):
        if sizes[number] != told.get(number, 0):
            raise MismatchError(
                f"{path}: {bin_table.name(number)} has {told.get(number, 0):,} sequences, but {sizes[number]:,} in "
                f"{bins}; give both files of one run of cluster"
            )


def _require_sequences(
    found: Bins, digest: str, bins: Path, measured: Sequence[Mapping[str, Any]], paths: Sequence[Path]
) -> None:
    """One features file names its sequences by their digest; shards tell how many they are."""
    if not measured:
        return
    kept = sum(header["records"]["kept"] for header in measured)
    same = kept == len(found.ids)
    if len(measured) == 1:
        same = measured[0]["digest"] == digest
    if not same:
        names = " + ".join(map(str, paths))
        raise MismatchError(f"{names}: other sequences than those of {bins}; give the features that were clustered")


def _word(measured: Sequence[Mapping[str, Any]]) -> str:
    """What the sequences are called: contigs have a depth, reads have none."""
    if not measured:
        return "sequences"
    return "contigs" if measured[0]["parameters"].get("samples") else "reads"


def _points(found: Bins, rows: Sequence[Row], bins: Path, path: Path) -> Points:
    """The sequences drawn, by their bins as they are now."""
    drawn = coordinates.read(path)
    place = {name: row for row, name in enumerate(found.ids)}
    for name in drawn.ids:
        if name not in place:
            raise MismatchError(f"{path}: {name!r} is not in {bins}; make both from the same sequences")
    own = np.array([place[name] for name in drawn.ids], np.int64)
    code = np.full(int(found.assigned.max(initial=0)) + 1, -1)
    code[[row.number for row in rows]] = np.arange(len(rows))
    unbinned = int((found.assigned == 0).sum())
    names = [bin_table.name(row.number) for row in rows]
    groups = Groups("bin", code[found.assigned[own]], names, [r.sequences for r in rows], bin_table.UNBINNED, unbinned)
    shown = [bin_table.name(number) for number in found.assigned[own].tolist()]
    return Points(drawn.ids, drawn.lengths, drawn.places, "UMAP", len(found.ids), shown, found.probability[own], groups)


def _settings(
    run: Path | None, measured: Sequence[Mapping[str, Any]], trained: Mapping[str, Any] | None
) -> dict[str, Mapping[str, Any]]:
    """Parameters by stage: all from the record of a run, else those that headers tell."""
    if run:
        told = record.parameters(run)
        return {stage: told[stage] for stage in STAGES if stage in told}
    told = {"vectorize": measured[0]["parameters"]} if measured else {}
    return told | ({"train": trained["parameters"]} if trained else {})


def _facts(digest: str, measured: Sequence[Mapping[str, Any]], trained: Mapping[str, Any] | None) -> dict[str, str]:
    headers = [*measured, *([trained] if trained else [])]
    writers = sorted({header["writer"] for header in headers} | {f"vaebin {__version__}"})
    facts = {"version": ", ".join(writers)}
    if measured:
        counts = {key: sum(header["records"].get(key, 0) for header in measured) for key in ("read", "too_short")}
        shortest = measured[0]["parameters"]["min_length"]
        short = f"; {counts['too_short']:,} under {shortest:,} bases were left out" if counts["too_short"] else ""
        facts["input"] = f"{counts['read']:,} records in the input{short}"
        k, fraction = (measured[0]["parameters"].get(key) for key in ("sketch_k", "sketch_fraction"))
        if k:
            facts["overlaps"] = f"found by {k}-mers, of which 1 in {fraction} was kept"
    facts["sequences"] = f"SHA-256 of ids and lengths: {digest[:16]}…; the same for the same input"
    return facts


def _other(found: Bins, bins: Path, path: Path) -> NDArray[np.int64]:
    other = bin_table.read(path)
    require_same(Ids.of(found.ids), str(bins), Ids.of(other.ids), str(path))
    return other.assigned


def _agreement(own: NDArray[np.int64], other: NDArray[np.int64]) -> Agreement:
    """Over the sequences that both binnings hold in bins."""
    return Agreement(len(np.unique(other[other > 0])), metrics.scores(_contingency(own, other))["ari"])


def _contingency(own: NDArray[np.int64], other: NDArray[np.int64]) -> metrics.Contingency:
    both = (own > 0) & (other > 0)
    a, b = (np.unique(numbers[both], return_inverse=True)[1].astype(np.int64) for numbers in (own, other))
    return metrics.contingency(a, b, np.zeros(len(a), np.int64))


def _steady(own: NDArray[np.int64], others: Sequence[NDArray[np.int64]]) -> dict[int, float]:
    """Of each bin, how much of it the other binnings hold together: the greatest Jaccard index, in their mean."""
    numbers, sizes = np.unique(own, return_counts=True)
    of = dict(zip(numbers.tolist(), sizes.tolist(), strict=True))
    found = {number: [0.0] * len(others) for number in numbers.tolist() if number and others}
    for run, other in enumerate(others):
        size = np.bincount(other)
        pairs, shared = np.unique(np.stack([own, other]), axis=1, return_counts=True)
        for (a, b), n in zip(pairs.T.tolist(), shared.tolist(), strict=True):
            if a and b:
                found[a][run] = max(found[a][run], n / (of[a] + int(size[b]) - n))
    return {number: float(np.mean(indices)) for number, indices in found.items()}
