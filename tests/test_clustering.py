"""The cluster stage on files: what it finds on simulated reads, and that nothing but the input decides the bytes."""

import dataclasses

import numpy as np
import pytest

import feature_files
import simulated
from vaebin.clustering import cluster, gc_content
from vaebin.config import ClusterConfig, VectorizeConfig
from vaebin.errors import InputError, MismatchError
from vaebin.formats import bins, features, guards, latent, overlaps, summary
from vaebin.formats.ids import Ids
from vaebin.vectorizing import vectorize

GCS = (0.35, 0.5, 0.65)
SIZES = (60_000, 40_000, 20_000)
DEPTHS = (12, 8, 14)
CONFIG = ClusterConfig(community_size=6, min_cluster_size=6, selection="eom")
OUTPUTS = ("summary", "guards", "biobox", "save_overlaps")
ODD = 8  # random reads at the end


@dataclasses.dataclass(frozen=True)
class Sample:
    """Files of one sample: reads, features and latents, and where the reads are from."""

    folder: object
    reads: simulated.Reads
    means: np.ndarray

    @property
    def ids(self):
        return [f"read{i}" for i in range(len(self.reads))]

    def vectorize(self, name, records=None, sketch=True):
        path = self.folder / name
        config = VectorizeConfig(sketch=sketch, sketch_k=simulated.K, sketch_fraction=simulated.FRACTION)
        vectorize([self.fasta], path, config, records=records, threads=1)
        return path

    @property
    def fasta(self):
        path = self.folder / "reads.fasta"
        path.write_text("".join(f">{i}\n{s.decode()}\n" for i, s in zip(self.ids, self.reads.sequences, strict=True)))
        return path

    def embed(self, name, records=slice(None), **changes):
        """A latent file in which reads of one genome scatter by their noise."""
        path = self.folder / name
        first = records.start or 0
        values = {
            "ids": Ids.of(self.ids[records]), "lengths": self.reads.lengths[records], "means": self.means[records],
            "logvar": None, "noise": np.eye(self.means.shape[1]), "model": "m", "first_record": first,
        }  # fmt: skip
        latent.write(path, latent.Latent(**{**values, **changes}), {})
        return path


def make_sample(folder, sizes=SIZES, odd=ODD):
    rng = np.random.default_rng(101)
    genomes = [simulated.random_genome(rng, size, gc) for size, gc in zip(sizes, GCS, strict=False)]
    reads = simulated.shotgun(rng, genomes, DEPTHS[: len(sizes)], 4000, identity=0.97)
    reads = reads.with_more(simulated.junk(rng, odd, 5000))
    centres = np.array([[8, 0, 0], [0, 8, 0], [0, 0, 8], [0, 0, 0]])
    means = centres[reads.genome] + rng.normal(size=(len(reads), 3))
    means[len(reads) - odd :] = rng.normal(scale=100, size=(odd, 3))
    return Sample(folder, reads, means.astype(np.float32))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return make_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def files(sample):
    return sample.embed("latent.npz"), sample.vectorize("features.npz")


def run(folder, latents, measured, config=CONFIG, outputs=OUTPUTS, **more):
    """Cluster with every output; the bytes of each."""
    folder.mkdir(exist_ok=True)
    paths = {name: folder / name for name in outputs}
    cluster(latents, measured, folder / "bins", config, **paths, **{"threads": 1, **more})
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def whole(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("whole")
    return folder, run(folder, [files[0]], [files[1]])


@pytest.fixture(scope="module")
def found(whole):
    return bins.read(whole[0] / "bins")


class TestBins:
    def test_every_sequence_has_a_row_in_input_order(self, sample, found):
        assert list(found.ids) == sample.ids
        assert found.lengths.tolist() == sample.reads.lengths.tolist()

    def test_genomes_are_bins_the_largest_first(self, sample, found):
        assert (found.best == sample.reads.genome + 1)[:-ODD].mean() > 0.98

    def test_all_are_assigned(self, found):
        assert set(found.reason.tolist()) == {bins.REASONS.index("assigned")}
        assert found.assigned.tolist() == found.best.tolist()
        assert found.best.min() == 1


class TestKeepingNoise:
    @pytest.fixture(scope="class")
    @classmethod
    def kept(cls, tmp_path_factory, files):
        folder = tmp_path_factory.mktemp("kept")
        run(folder, [files[0]], [files[1]], dataclasses.replace(CONFIG, noise="keep"))
        return bins.read(folder / "bins")

    def test_changes_no_likeliest_bin(self, kept, found):
        assert kept.best.tolist() == found.best.tolist()
        assert kept.probability.tolist() == found.probability.tolist()

    def test_junk_is_left_out(self, kept):
        assert kept.reason[-ODD:].tolist() == [bins.REASONS.index("junk")] * ODD
        assert not kept.assigned[-ODD:].any()

    def test_a_genomes_reads_are_no_junk(self, kept):
        assert (kept.reason[:-ODD] == bins.REASONS.index("junk")).mean() < 0.01

    def test_unsure_reads_are_left_out(self, kept):
        rest = kept.reason[:-ODD]
        unsure = kept.probability[:-ODD] < CONFIG.min_probability
        assert (kept.assigned[:-ODD] > 0).mean() > 0.9
        assert not (kept.assigned[:-ODD] > 0)[unsure].any()
        assert set(rest[~unsure].tolist()) <= {bins.REASONS.index("assigned"), bins.REASONS.index("junk")}

    @pytest.mark.parametrize(("least", "reason"), [(0.0, "assigned"), (1.01, "unsure")], ids=["all sure", "none sure"])
    def test_min_probability(self, tmp_path, sample, least, reason):
        config = dataclasses.replace(CONFIG, noise="keep", min_probability=least)
        cluster([sample.embed("plain.npz")], [], tmp_path / "bins", config)
        assert set(bins.read(tmp_path / "bins").reason.tolist()) == {bins.REASONS.index(reason)}


class TestContigs:
    """Contigs of one assembly stand side by side: a repeat joins two of them here and there, nothing else."""

    @pytest.fixture
    def contigs(self, tmp_path):
        rng = np.random.default_rng(102)
        count, length, repeat = 300, 4000, simulated.random_genome(rng, 2000)
        codes = [simulated.random_genome(rng, length) for _ in range(3 * count)]
        for joined in codes[:6]:
            joined[:2000] = repeat
        genome = np.repeat([0, 1, 2], count)
        nothing = np.zeros(3 * count, int)
        reads = simulated.Reads([simulated.text(c) for c in codes], genome, nothing, nothing, nothing.astype(bool))
        means = 9 * np.eye(3)[genome] + rng.normal(size=(3 * count, 3))
        return Sample(tmp_path, reads, means.astype(np.float32))

    def test_are_clustered_one_by_one(self, contigs, tmp_path):
        """So many reads without an overlap would be junk; contigs are not."""
        out = tmp_path / "out"
        config = dataclasses.replace(CONFIG, noise="keep", min_cluster_size=20)
        written = run(out, [contigs.embed("latent")], [contigs.vectorize("features")], config)
        found = bins.read(out / "bins")
        assert set(found.best.tolist()) == {1, 2, 3}
        assert "junk" not in {bins.REASONS[r] for r in found.reason}
        assert written["guards"].decode().splitlines()[2:] == []


class TestContigsWithDepth:
    """Three genomes of 90, 60 and 30 contigs in two assemblies: of each genome a third is in the second."""

    GENOME = np.repeat([0, 1, 2], [90, 60, 30])
    OF_SECOND = np.arange(180) % 3 == 2
    DEPTH = np.array([[4, 0], [1, 9], [0.5, 0.5]], np.float32)[GENOME]
    FILES = ("summary", "biobox", "contig2bin")

    @pytest.fixture
    def files(self, tmp_path):
        """Latent and features files of either assembly, whose contigs are called aC0 and so on, or bC120."""
        (tmp_path / "in").mkdir()
        parts, _ = feature_files.parts_of(180, 1)
        means = (20 * np.eye(3)[self.GENOME] + np.random.default_rng(0).normal(size=(180, 3))).astype(np.float32)
        latents, measured = [], []
        for first, prefix, rows in ((0, "aC", ~self.OF_SECOND), (120, "bC", self.OF_SECOND)):
            path = tmp_path / "in" / prefix
            measured.append(feature_files.write(path, parts[rows], first, prefix=prefix, depth=self.DEPTH[rows]))
            there = features.read(path)
            latents.append(tmp_path / "in" / f"latent{prefix}")
            values = latent.Latent(there.ids, there.lengths, means[rows], None, np.eye(3), "m", first)
            latent.write(latents[-1], values, {})
        return latents, measured

    def run(self, tmp_path, files, **changes):
        """Bins and summary, contigs in the order of the assemblies."""
        self.written = run(tmp_path / "out", *files, ClusterConfig(min_cluster_size=20, **changes), self.FILES)
        rows = summary.read(tmp_path / "out" / "summary")
        return bins.read(tmp_path / "out" / "bins"), rows

    def test_are_bins_by_bases_and_their_summary_knows_bases_and_depth(self, tmp_path, files):
        found, rows = self.run(tmp_path, files)
        order = np.concatenate([self.GENOME[~self.OF_SECOND], self.GENOME[self.OF_SECOND]])
        assert found.best.tolist() == (order + 1).tolist()
        assert [row.bases for row in rows] == np.bincount(found.best, found.lengths)[1:].tolist()
        assert [row.genome_size for row in rows] == [row.bases for row in rows]
        assert [row.depth for row in rows] == [4, 10, 1]  # in both samples together
        assert {(row.closure, row.kind) for row in rows} == {(None, "fragment")}
        assert all(row.gc and row.nearest for row in rows)

    def test_of_several_assemblies_are_split_by_sample(self, tmp_path, files):
        whole, _ = self.run(tmp_path, files)
        found, rows = self.run(tmp_path, files, split_by_sample="C")
        parted = {(name[0], old, new) for name, old, new in zip(found.ids, whole.best, found.best, strict=True)}
        assert len(parted) == 6
        assert sorted(f"{new}{sample}" for sample, _, new in parted) == ["1a", "2a", "3b", "4b", "5a", "6b"]
        assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
        assert [row.sequences for row in rows] == [60, 40, 30, 20, 20, 10]
        assert found.probability.tolist() == whole.probability.tolist()

    def test_split_by_what_an_id_lacks_is_refused(self, tmp_path, files):
        with pytest.raises(InputError, match="^'aC0' does not begin with a sample and '_'"):
            self.run(tmp_path, files, split_by_sample="_")

    def test_contig2bin_for_das_tool(self, tmp_path, files):
        found, _ = self.run(tmp_path, files)
        pairs = [line.split("\t") for line in self.written["contig2bin"].decode().splitlines()]
        assert pairs == [[name, f"bin_{number}"] for name, number in zip(found.ids, found.best, strict=True)]
        assert [line.split("\t") for line in self.written["biobox"].decode().splitlines()[3:]] == pairs


class TestFurtherFiles:
    def test_summary(self, whole, found):
        rows = summary.read(whole[0] / "summary")
        assert [row.number for row in rows] == [1, 2, 3]
        assert [row.sequences for row in rows] == np.bincount(found.assigned)[1:].tolist()
        assert [row.depth for row in rows] == pytest.approx(DEPTHS, rel=0.25)
        assert [row.genome_size for row in rows] == pytest.approx(SIZES, rel=0.25)
        assert [row.gc for row in rows] == pytest.approx(GCS, abs=0.03)
        assert min(row.closure for row in rows) > 0.95
        assert {row.kind for row in rows} == {"fragment", "plasmid-like"}

    def test_guards(self, whole, sample):
        found = {guard.guard: guard for guard in guards.read(whole[0] / "guards")}
        assert list(found) == ["adapter", "chimera", "weak overlap", "junk"]
        assert (found["adapter"].reads, found["adapter"].bases) == (0, 0)
        assert found["junk"].reads >= ODD
        assert found["junk"].bases >= sample.reads.lengths[-ODD:].sum()

    def test_biobox(self, whole, sample, found):
        header, columns, *rows = whole[1]["biobox"].decode().split("\n", 3)[1:]
        assert header == "@SampleID:sample"
        assert columns == "@@SEQUENCEID\tBINID"
        assert rows[0].splitlines() == [f"{i}\tbin_{b}" for i, b in zip(sample.ids, found.assigned, strict=True)]

    def test_overlaps(self, whole, sample):
        saved = overlaps.read(whole[0] / "save_overlaps")
        assert list(saved.ids) == sample.ids
        assert (saved.k, saved.fraction) == (simulated.K, simulated.FRACTION)
        holders, pairs = simulated.overlap(sample.reads.sequences)
        assert np.array_equal(saved.overlaps.shared, pairs.shared)
        assert np.array_equal(saved.multiplicity, holders.multiplicity)


class TestSameBytes:
    def test_again(self, tmp_path, files, whole):
        assert run(tmp_path, [files[0]], [files[1]]) == whole[1]

    def test_with_more_threads(self, tmp_path, files, whole):
        assert run(tmp_path, [files[0]], [files[1]], threads=2) == whole[1]

    def test_from_saved_overlaps(self, tmp_path, files, whole, monkeypatch):
        monkeypatch.setattr("vaebin.clustering.find_rows", None)  # not needed
        assert run(tmp_path, [files[0]], [files[1]], overlaps=whole[0] / "save_overlaps") == whole[1]

    @pytest.mark.parametrize("cuts", [(100,), (1, 150)], ids=["two shards", "three shards"])
    def test_from_shards_in_any_order(self, tmp_path, sample, whole, cuts):
        bounds = list(zip((0, *cuts), (*cuts, len(sample.reads)), strict=True))
        latents = [sample.embed(f"latent{a}", slice(a, b)) for a, b in bounds]
        measured = [sample.vectorize(f"features{a}", (a, b)) for a, b in bounds]
        assert run(tmp_path, latents[::-1], measured[::-1]) == whole[1]


class TestWithoutOverlaps:
    def test_sequences_are_clustered(self, tmp_path, sample, files):
        cluster([files[0]], [], tmp_path / "bins", dataclasses.replace(CONFIG, min_cluster_size=15))
        assert (bins.read(tmp_path / "bins").best == sample.reads.genome + 1)[:-ODD].mean() > 0.95

    def test_features_without_sketches_and_no_overlaps_are_the_same(self, tmp_path, sample, files):
        outputs = ("summary", "guards", "biobox")
        plain = sample.vectorize("plain-features.npz", sketch=False)
        config = dataclasses.replace(CONFIG, overlaps=False)
        first = run(tmp_path / "a", [files[0]], [plain], outputs=outputs)
        second = run(tmp_path / "b", [files[0]], [files[1]], config, outputs=outputs)
        assert first == second
        rows = summary.read(tmp_path / "a" / "summary")
        assert {(row.depth, row.genome_size, row.kind) for row in rows} == {(None, None, "unknown")}

    def test_without_noise_the_means_are_taken_as_they_are(self, tmp_path, sample, files):
        """The noise written is 1 in every direction, so that nothing changes."""
        cluster([sample.embed("bare.npz", noise=None)], [], tmp_path / "a", CONFIG)
        cluster([files[0]], [], tmp_path / "b", CONFIG)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


class TestRefusals:
    @pytest.mark.parametrize("output", ["summary", "overlaps", "save_overlaps"])
    def test_what_needs_the_features_file(self, tmp_path, files, output):
        with pytest.raises(InputError, match="give it with --features"):
            cluster([files[0]], [], tmp_path / "bins", CONFIG, **{output: tmp_path / "x"})
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("change", ["sketches", "config"])
    @pytest.mark.parametrize("option", ["overlaps", "save_overlaps"])
    def test_overlaps_where_none_are_looked_for(self, tmp_path, sample, files, whole, change, option):
        measured = sample.vectorize("plain-features.npz", sketch=False) if change == "sketches" else files[1]
        config = dataclasses.replace(CONFIG, overlaps=change != "config")
        path = whole[0] / "save_overlaps" if option == "overlaps" else tmp_path / "x"
        with pytest.raises(InputError, match="overlaps"):
            cluster([files[0]], [measured], tmp_path / "bins", config, **{option: path})
        assert list(tmp_path.iterdir()) == []

    def test_other_features(self, tmp_path, sample, files):
        ids = Ids.of([*sample.ids[:5], "stranger", *sample.ids[6:]])
        with pytest.raises(MismatchError, match=r"record 6 is 'read5', but .* has 'stranger' there"):
            cluster([sample.embed("other", ids=ids)], [files[1]], tmp_path / "bins", CONFIG)

    def test_fewer_features(self, tmp_path, sample, files):
        measured = sample.vectorize("fewer", (0, 10))
        with pytest.raises(MismatchError, match="10 records, but .* has"):
            cluster([files[0]], [measured], tmp_path / "bins", CONFIG)

    def test_other_overlaps(self, tmp_path, sample, files, whole):
        first = sample.embed("first", slice(0, 10)), sample.vectorize("fewer", (0, 10))
        with pytest.raises(MismatchError, match="10 records, but .*save_overlaps has"):
            cluster([first[0]], [first[1]], tmp_path / "bins", CONFIG, overlaps=whole[0] / "save_overlaps")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("with_features", [False, True], ids=["alone", "with features"])
    def test_means_that_are_not_numbers(self, tmp_path, sample, files, with_features):
        means = sample.means.copy()
        means[5, 0] = np.inf
        with pytest.raises(InputError, match="'read5' are not numbers"):
            cluster([sample.embed("odd", means=means)], files[1:2] if with_features else [], tmp_path / "bins", CONFIG)
        assert not (tmp_path / "bins").exists()


@pytest.mark.parametrize(
    ("n", "noise"), [(0, "assign"), (1, "assign"), (2, "keep"), (10, "assign")], ids=["none", "one", "two", "ten"]
)
def test_few_sequences_make_valid_files(tmp_path, n, noise, caplog):
    """No bin is no error: every file asked for is there, and one warning."""
    (tmp_path / "in").mkdir()
    sample = make_sample(tmp_path / "in", (40_000,), odd=0)
    some = dataclasses.replace(
        sample,
        reads=dataclasses.replace(
            sample.reads, **{name: getattr(sample.reads, name)[:n] for name in vars(sample.reads)}
        ),
        means=sample.means[:n],
    )  # fmt: skip
    config = ClusterConfig(noise=noise)
    written = run(tmp_path / "out", [some.embed("latent")], [some.vectorize("features")], config)
    assert set(written) == {"bins", *OUTPUTS}
    found = bins.read(tmp_path / "out" / "bins")
    assert list(found.ids) == some.ids
    assert found.best.max(initial=0) <= 1
    assert len(overlaps.read(tmp_path / "out" / "save_overlaps").ids) == n
    if n <= 2:
        assert found.best.tolist() == [0] * n
        assert [r.message for r in caplog.records if r.levelname == "WARNING"] == [f"no bin found among {n} sequences"]


@pytest.mark.parametrize("output", ["output", *OUTPUTS])
def test_a_place_that_is_not_there_is_told_before_anything_is_read(tmp_path, output):
    files = {"output": tmp_path / "bins", output: tmp_path / "missing" / "x"}
    with pytest.raises(InputError, match="the folder .*missing does not exist; make it first"):
        cluster([tmp_path / "no.npz"], [tmp_path / "no.npz"], config=CONFIG, **files)


def test_gc_content(tmp_path):
    """Of the 4-mers of AAAA, GGGGG, ACGT and of nothing."""
    path = tmp_path / "x.fasta"
    path.write_text(">a\nAAAA\n>b\nGGGGG\n>c\nACGT\n>d\nNNNN\n")
    vectorize([path], tmp_path / "features", VectorizeConfig(sketch=False), threads=1)
    assert gc_content(features.read(tmp_path / "features")) == pytest.approx([0, 1, 0.5, np.nan], nan_ok=True)
