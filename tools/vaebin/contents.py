"""What each of our files holds, in plain figures."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaebin.contiguity import n50
from vaebin.formats import (
    assemblies,
    bins,
    checkpoint,
    container,
    coordinates,
    features,
    guards,
    history,
    latent,
    model,
    overlaps,
    record,
    scores,
    summary,
    tensors,
)
from vaebin.formats import table as tables

Figures = Callable[[Path], dict[str, Any]]


def read_json(path: Path) -> dict[str, Any]:
    """A file that holds one JSON object; empty where it holds something else."""
    with open(path, "rb") as stream:
        if stream.read(1) != b"{":
            return {}
    try:
        return dict(json.loads(path.read_bytes()))
    except ValueError:
        return {}


def sizes(lengths: NDArray[np.int64]) -> dict[str, Any]:
    """Figures of sequences of these lengths."""
    longest = int(lengths.max()) if len(lengths) else 0
    return {"sequences": len(lengths), "bases": int(lengths.sum()), "n50": n50(np.asarray(lengths)), "longest": longest}


def _features(path: Path) -> dict[str, Any]:
    found = features.read(path)
    sketch = None if found.sketch is None else len(found.sketch.hashes)
    samples = None if found.depth is None else found.spec["samples"]
    return {
        **sizes(found.lengths), "records": found.records, "first_record": found.first_record,
        "kmers_in_sketches": sketch, "depth_in": samples,
    }  # fmt: skip


def _latent(path: Path) -> dict[str, Any]:
    found = latent.read(path)
    return {
        **sizes(found.lengths), "dimensions": found.means.shape[1], "log_variances": found.logvar is not None,
        "noise": found.noise is not None, "model": container.header(path)["model"],
    }  # fmt: skip


def _model(path: Path) -> dict[str, Any]:
    found = model.read(path)
    weights = sum(int(array.size) for array in found.weights.values())
    return {
        "dimensions": found.config.latent_dim, "weights": weights, "noise": found.noise is not None,
        "features": found.spec, "digest": found.digest(), "trained_on": found.sequences,
    }  # fmt: skip


def _checkpoint(path: Path) -> dict[str, Any]:
    header, arrays = tensors.read(path, checkpoint.FORMAT, checkpoint.VERSION[0])
    weights = sum(int(array.size) for name, array in arrays.items() if name.startswith("vae."))
    return {**_epochs(header["epochs"]), "weights": weights, "trained_on": header["sequences"]}


def _history(path: Path) -> dict[str, Any]:
    return _epochs([vars(epoch) for epoch in history.read(path)])


def _epochs(epochs: list[dict[str, Any]]) -> dict[str, Any]:
    last = epochs[-1] if epochs else {}
    names = {"last_loss": "loss", "last_validation": "validation", "active_dimensions": "active"}
    return {"epochs": len(epochs), **{name: last.get(key) for name, key in names.items()}}


def _overlaps(path: Path) -> dict[str, Any]:
    found = overlaps.read(path)
    overlapping = len(np.unique(np.concatenate([found.overlaps.i, found.overlaps.j])))
    return {"sequences": len(found.ids), "pairs": len(found.overlaps), "overlapping_sequences": overlapping}


def _bins(path: Path) -> dict[str, Any]:
    found = bins.read(path)
    binned = found.assigned > 0
    return {
        **sizes(found.lengths), "bins": len(np.unique(found.assigned[binned])),
        "share_binned": _share(binned.sum(), len(binned)),
        "share_of_bases_binned": _share(found.lengths[binned].sum(), found.lengths.sum()),
        "reasons": {reason: int((found.reason == n).sum()) for n, reason in enumerate(bins.REASONS)},
        "mean_probability": _share(found.probability[binned].sum(), binned.sum()),
    }  # fmt: skip


def _share(part: Any, whole: Any) -> float | None:
    return round(float(part) / float(whole), 4) if whole else None


def of_table(name: str, version: list[int]) -> Figures:
    """Figures of a table of ours that is not among OURS."""
    return lambda path: _columns(list(tables.read(path, name, version[0], ())))


def _columns(rows: list[dict[str, str]]) -> dict[str, Any]:
    return {"rows": len(rows), "columns": list(rows[0]) if rows else []}


def _counted(name: str, rows: str, *totals: str, by: str = "") -> Figures:
    """Figures of a table of ours: how many rows, called `rows`; sums of whole numbers; and how often `by` says what."""

    def figures(path: Path) -> dict[str, Any]:
        found = list(tables.read(path, name, 1, [*totals, *([by] if by else [])]))
        sums = {column: sum(int(row[column] or 0) for row in found) for column in totals}
        return {rows: len(found), **sums, **({f"{by}s": dict(Counter(row[by] for row in found))} if by else {})}

    return figures


def _guards(path: Path) -> dict[str, Any]:
    return {one.guard: {"reads": one.reads, "edges": one.edges} for one in guards.read(path)}


def _scores(path: Path) -> dict[str, Any]:
    return {
        r["score"]: float(r["value"]) if r["value"] else None for r in tables.read(path, scores.SAMPLE_FORMAT, 1, ())
    }


def _evaluation(path: Path) -> dict[str, Any]:
    found = read_json(path)
    return {"bins": len(found["bins"]), "labels": len(found["labels"]), **found["counts"], **found["scores"]}


def _run(path: Path) -> dict[str, Any]:
    return {"stages_done": list(read_json(path)["stages"])}


OURS: dict[str, tuple[str, Figures]] = {
    features.FORMAT: ("features: k-mers of sequences, as vectorize counts them", _features),
    latent.FORMAT: ("latent means of sequences, as embed writes them", _latent),
    overlaps.FORMAT: ("overlaps between reads, as cluster --save-overlaps writes them", _overlaps),
    model.FORMAT: ("model: a trained VAE, as train writes it", _model),
    checkpoint.FORMAT: ("checkpoint: a training on its way", _checkpoint),
    bins.FORMAT: ("bins: one row a sequence, as cluster writes them", _bins),
    summary.FORMAT: (
        "summary of bins, as cluster writes it",
        _counted(summary.FORMAT, "bins", "sequences", "bases", by="kind"),
    ),
    guards.FORMAT: ("guards: what was kept from misleading the bins", _guards),
    history.FORMAT: ("history: losses of a training, one row an epoch", _history),
    coordinates.FORMAT: ("coordinates of the points of a plot", _counted(coordinates.FORMAT, "points")),
    bins.SEQUENCES[0]: (
        "table of the files that extract wrote",
        _counted(bins.SEQUENCES[0], "files", "sequences", "bases"),
    ),
    assemblies.FORMAT: ("assemblies: one row a bin, as assemble writes it", _counted(assemblies.FORMAT, "bins")),
    assemblies.MARKERS[0]: ("marker genes of a bin's contigs", _counted(assemblies.MARKERS[0], "markers", "copies")),
    scores.SAMPLE_FORMAT: ("scores of bins against a truth", _scores),
    scores.FORMAT: ("evaluation of bins against a truth, in full", _evaluation),
    record.FORMAT: ("record of a run", _run),
}
