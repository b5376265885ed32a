"""The `cluster` stage: latent and features files to a bin table."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from vaebin import (
    agreement,
    assemblies,
    binning,
    contigs,
    coverage,
    footprints,
    junk,
    kmers,
    memory,
    summaries,
    whitening,
)
from vaebin.config import ClusterConfig
from vaebin.errors import InputError
from vaebin.formats import bins as bins_format
from vaebin.formats import features as features_format
from vaebin.formats import guards as guards_format
from vaebin.formats import latent as latent_format
from vaebin.formats import overlaps as overlaps_format
from vaebin.formats import summary as summary_format
from vaebin.formats.atomic import require_places
from vaebin.formats.bins import REASONS
from vaebin.formats.features import Features
from vaebin.formats.guards import Guard
from vaebin.formats.ids import Ids, require_same
from vaebin.formats.latent import Latent
from vaebin.holders import find_holders
from vaebin.overlaps import find_rows, in_columns
from vaebin.processors import processors
from vaebin.progress import log

_ROWS = 1024  # of counts in memory at once


def cluster(
    latents: Sequence[Path],
    features: Sequence[Path],
    output: Path,
    config: ClusterConfig,
    *,
    summary: Path | None = None,
    guards: Path | None = None,
    biobox: Path | None = None,
    contig2bin: Path | None = None,
    overlaps: Path | None = None,
    save_overlaps: Path | None = None,
    threads: int = 0,
) -> None:
    """Bin the sequences of latent files and write the bin table.

    Features that hold depths are those of contigs. Without features files, or where these hold no sketches or
    sequences that hardly overlap, the sequences themselves are clustered.
    Raises MismatchError when the files do not list the same sequences, InputError when latent means are not numbers.
    """
    require_places(output, summary, guards, biobox, contig2bin, save_overlaps)
    latent = latent_format.read(*latents)
    shards = features_format.shards(*features) if features else []
    if shards:
        require_same(latent.ids, str(latents[0]), Ids.joined([s.ids for s in shards]), str(features[0]))
    elif summary or overlaps or save_overlaps:
        raise InputError("a summary and overlaps need the features file: give it with --features")
    _announce(latent, shards if config.overlaps and not overlaps else [], config)
    threads = threads or processors()
    memory.return_large_blocks()
    with threadpool_limits(1):  # so that results do not depend on how a matrix product is split
        linked = None
        if config.overlaps and shards and shards[0].sketch is not None:
            linked = Linked.by(gather(shards, overlaps, save_overlaps, threads), np.asarray(latent.lengths))
        elif overlaps or save_overlaps:
            raise InputError("an overlaps file needs sketches: vectorize without --no-sketch, cluster with --overlaps")
        result = Result(latent, linked, config, contigs.read_profiles(shards), threads)
    bins_format.write(output, result.bins)
    if summary:
        _write_summary(summary, result, np.concatenate([gc_content(s) for s in shards]))
    if guards:
        guards_format.write(guards, result.guards)
    pairs = list(zip(result.bins.ids, result.bins.assigned.tolist(), strict=True))
    if biobox:
        bins_format.write_biobox(biobox, pairs)
    if contig2bin:
        bins_format.write_contig2bin(contig2bin, pairs)
    _tell(result)


def _announce(latent: Latent, shards: Sequence[Features], config: ClusterConfig) -> None:
    sketches = [s.sketch for s in shards if s.sketch is not None]
    kmers = sum(len(s.hashes) for s in sketches)
    shared = footprints.share_of_shared(sketches, shards[0].spec["sketch_fraction"]) if sketches else 0.0
    needed = footprints.of_clustering(len(latent), kmers, shared, latent.means.shape[1], config)
    memory.announce(needed, "vectorize with a larger --sketch-fraction" if kmers else "a smaller --sample")


class Linked(NamedTuple):
    """What is left to know of overlaps once links are found: depths (n,), and which reads hold k-mers of adapters."""

    links: binning.Links
    depths: NDArray[np.float64]
    adapters: NDArray[np.bool_]

    @classmethod
    def by(cls, evidence: overlaps_format.Evidence, lengths: NDArray[np.int64]) -> "Linked":
        """The links of reads (n,) that are so long; of a million reads the overlaps themselves take half a gigabyte."""
        agreed = agreement.measure(evidence.overlaps, len(lengths), evidence.fraction)
        links = binning.find_links(evidence.overlaps, agreed, lengths)
        return cls(links, coverage.depth(evidence.multiplicity, agreed.intact), evidence.adapters > 0)


class Result:
    """The bins of one run and what is said about them; `profiles` where the sequences are contigs."""

    def __init__(
        self,
        latent: Latent,
        linked: Linked | None,
        config: ClusterConfig,
        profiles: contigs.Profiles | None = None,
        threads: int = 1,
    ) -> None:
        lengths = np.asarray(latent.lengths)
        means = whitening.scale_by_noise(latent.finite_means(), latent.noise)
        self.of_contigs = profiles is not None
        self.depths = None if profiles is None else profiles.depth
        self.guards: list[Guard] = []
        sample = assemblies.samples(latent.ids, config.split_by_sample) if config.split_by_sample else None
        odd = chimeric = np.zeros(len(latent), bool)
        if profiles is not None:
            self.binning = contigs.bin_contigs(means, lengths, config, profiles.values)
        elif linked is None or linked.links.linked < binning.LEAST_LINKED:
            if linked is not None and len(latent):
                log.info(
                    "%.1f %% of the sequences overlap: too few for communities, so they are clustered one by one",
                    100 * linked.links.linked,
                )
            self.binning = binning.bin_sequences(means, config)
        else:
            links, self.depths = linked.links, linked.depths
            self.binning = binning.bin_reads(means, self.depths, links, lengths, config, threads)
            odd, chimeric = self._junk(links, lengths), links.joints >= 0
            self._count("adapter", linked.adapters, lengths, 0)
            self._count("chimera", chimeric, lengths, links.dropped["chimera"])
            self._count("weak overlap", np.zeros(len(latent), bool), lengths, links.dropped["weak"])
            self._count("junk", odd, lengths, 0)
        best, certain = self.binning.best, self.binning.certain
        if sample is not None:
            best = assemblies.split(best, sample, lengths if self.of_contigs else np.ones_like(lengths))
        self.bins = bins_format.Bins(latent.ids, lengths, best, certain, _reasons(best, certain, odd, chimeric, config))

    def _junk(self, links: binning.Links, lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
        degree = np.diff(links.edges.indptr)
        lonely = np.concatenate([[False], junk.lonely_bins(self.binning, lengths, degree)])
        return np.asarray(lonely[self.binning.best] | junk.outliers(self.binning, degree))

    def _count(self, guard: str, reads: NDArray[np.bool_], lengths: NDArray[np.int64], edges: int) -> None:
        self.guards.append(Guard(guard, int(reads.sum()), int(lengths[reads].sum()), edges))


def _reasons(
    best: NDArray[np.int64],
    certain: NDArray[np.float64],
    odd: NDArray[np.bool_],
    chimeric: NDArray[np.bool_],
    config: ClusterConfig,
) -> NDArray[np.int64]:
    """Index (n,) into REASONS: why a sequence is not in its best bin, or that it is."""
    if config.noise == "assign":
        return np.where(best > 0, 0, 1)
    unsure = (best == 0) | (certain < config.min_probability)
    reason = np.where(unsure & chimeric, REASONS.index("chimera"), np.where(unsure, REASONS.index("unsure"), 0))
    return np.where(odd, REASONS.index("junk"), reason)


def gather(shards: Sequence[Features], given: Path | None, save: Path | None, threads: int) -> overlaps_format.Evidence:
    """Overlaps and multiplicities of the reads of all shards, read from a file or found."""
    ids = Ids.joined([s.ids for s in shards])
    if given is not None:
        found = overlaps_format.read(given)
        require_same(found.ids, str(given), ids, "the features file")
    else:
        k, fraction = shards[0].spec["sketch_k"], shards[0].spec["sketch_fraction"]
        lengths = np.concatenate([s.lengths for s in shards])
        sketches = [s.sketch for s in shards if s.sketch]
        holders = find_holders(sketches, lengths, k, fraction, threads)
        multiplicity, adapters = holders.multiplicity, holders.adapters
        rows = find_rows(holders, sketches, lengths, k, threads)
        del holders
        pairs = in_columns(rows, lengths)
        found = overlaps_format.Evidence(ids, pairs, multiplicity, adapters, k, fraction)
        log.info("%s overlapping pairs of reads", f"{len(pairs):,}")
    if save is not None:
        overlaps_format.write(save, found)
    return found


def gc_content(measured: Features) -> NDArray[np.float64]:
    """Share (n,) of G and C among the letters of the counted k-mers; nan without any."""
    k = measured.spec["k"]
    share = np.array([sum(letter in "GC" for letter in name) / k for name in kmers.names(k)])
    content = np.full(len(measured), np.nan)
    for start in range(0, len(measured), _ROWS):
        counts = measured.counts[start : start + _ROWS].astype(float)
        total = counts.sum(1)
        np.divide(counts @ share, total, out=content[start : start + _ROWS], where=total > 0)
    return content


def _write_summary(path: Path, result: Result, gc: NDArray[np.float64]) -> None:
    bins, points = result.bins, result.binning.points
    rows = summaries.summarize(
        points, bins.best, bins.assigned, bins.probability, bins.lengths, result.depths, gc,
        of_contigs=result.of_contigs,
    )  # fmt: skip
    summary_format.write(path, rows)


def _tell(result: Result) -> None:
    assigned = result.bins.assigned
    bins = np.unique(assigned[assigned > 0])
    if not len(bins):
        log.warning("no bin found among %s sequences", f"{len(assigned):,}")
        return
    log.info("%d bins, %.1f %% of %s sequences binned", len(bins), 100 * (assigned > 0).mean(), f"{len(assigned):,}")
