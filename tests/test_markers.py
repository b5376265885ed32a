"""Marker genes: profiles made here of a real genome's proteins, counted in stretches that hold them or do not."""

import sys
from pathlib import Path

import numpy as np
import pytest

from vaebin import markers
from vaebin.errors import FormatError, InputError
from vaebin.sequences import read

pyhmmer = pytest.importorskip("pyhmmer", reason="no pyhmmer: pip install 'vaebin[markers]'")
pyrodigal = pytest.importorskip("pyrodigal", reason="no pyrodigal: pip install 'vaebin[markers]'")

REFERENCES = Path(__file__).parent / "data" / "references.fasta.gz"
NAMES = ["one", "TIGR00408", "TIGR00409"]  # the last two are of one gene


@pytest.fixture(scope="module")
def genomes():
    return {r.id.split("|")[0].split("_")[0]: bytes(r.sequence) for r in read([REFERENCES])}


@pytest.fixture(scope="module")
def genes(genomes):
    """Three long genes of E. coli on its forward strand, far apart."""
    finder = pyrodigal.GeneFinder()
    finder.train(genomes["Escherichia"])
    found = [g for g in finder.find_genes(genomes["Escherichia"]) if g.strand == 1 and not g.partial_begin]
    return sorted(sorted(found, key=lambda g: g.begin - g.end)[:3], key=lambda g: g.begin)


def write_profiles(path, genes, gathering=100.0):
    builder, background = pyhmmer.plan7.Builder(ALPHABET), pyhmmer.plan7.Background(ALPHABET)
    with open(path, "wb") as stream:
        for name, gene in zip(NAMES, genes, strict=True):
            text = pyhmmer.easel.TextSequence(name=name.encode(), sequence=gene.translate(include_stop=False))
            profile, _, _ = builder.build(text.digitize(ALPHABET), background)
            if gathering:
                profile.cutoffs.gathering = (gathering, gathering)
            profile.write(stream)
    return path


ALPHABET = pyhmmer.easel.Alphabet.amino()


@pytest.fixture(scope="module")
def profiles(genes, tmp_path_factory):
    return write_profiles(tmp_path_factory.mktemp("profiles") / "markers.hmm", genes)


def with_(genome, genes, *numbers):
    """The stretches of the genome with these of its genes, 300 bases beyond either side."""
    return [genome[genes[n].begin - 300 : genes[n].end + 300] for n in numbers]


@pytest.mark.parametrize(
    ("held", "copies", "completeness", "contamination"),
    [
        ((), {"one": 0, "TIGR00408": 0}, 0, 0),
        ((0,), {"one": 1, "TIGR00408": 0}, 0.5, 0),
        ((0, 1), {"one": 1, "TIGR00408": 1}, 1, 0),
        ((0, 2), {"one": 1, "TIGR00408": 1}, 1, 0),
        ((0, 0, 0, 1), {"one": 3, "TIGR00408": 1}, 1, 1),
        ((1, 2), {"one": 0, "TIGR00408": 2}, 0.5, 0.5),
    ],
)
def test_markers_are_counted(genomes, genes, profiles, held, copies, completeness, contamination):
    """Beside a stretch of another genome, without which Prodigal has too little to learn from."""
    contigs = [genomes["Staphylococcus"], *with_(genomes["Escherichia"], genes, *held)]
    found = markers.count(contigs, markers.read(profiles), 2)
    assert found == copies
    assert markers.completeness(found) == completeness
    assert markers.contamination(found) == contamination


def test_little_is_searched_too(genomes, genes, profiles):
    """Under 20 kb genes are found by models of other genomes."""
    found = markers.count(with_(genomes["Escherichia"], genes, 0), markers.read(profiles), 1)
    assert found == {"one": 1, "TIGR00408": 0}


def test_nothing_holds_no_marker(profiles):
    rng = np.random.default_rng(1)
    assert markers.count([], markers.read(profiles), 1) == {"one": 0, "TIGR00408": 0}
    assert markers.count([bytes(rng.choice(list(b"ACGT"), 500).tolist())], markers.read(profiles), 1)["one"] == 0


class TestErrors:
    def test_no_file(self, tmp_path):
        with pytest.raises(InputError, match="no.hmm: no such file; expected profiles of marker genes"):
            markers.read(tmp_path / "no.hmm")

    @pytest.mark.parametrize("content", ["", "Dear reader,\n", ">a\nACGT\n"])
    def test_no_profiles(self, tmp_path, content):
        (tmp_path / "x.hmm").write_text(content)
        with pytest.raises(FormatError, match=r"x.hmm: not profiles of HMMER 3; expected a file of hmmbuild"):
            markers.read(tmp_path / "x.hmm")

    def test_no_threshold(self, tmp_path, genes):
        with pytest.raises(FormatError, match=r"one has no gathering threshold \(GA\); take profiles with one"):
            markers.read(write_profiles(tmp_path / "x.hmm", genes, gathering=None))

    def test_no_libraries(self, monkeypatch, profiles):
        monkeypatch.setattr(sys, "path", [])
        monkeypatch.setattr(sys, "modules", {k: v for k, v in sys.modules.items() if k[:2] != "py"})
        monkeypatch.setattr(sys, "path_importer_cache", {})
        with pytest.raises(InputError, match=r"--markers needs pyhmmer and pyrodigal; install them: pip install"):
            markers.read(profiles)
