"""Genes that nearly every bacterium has once: how many of them contigs hold tells how whole and how pure they are.

Genes by Prodigal (Hyatt et al. 2010) in pyrodigal, profiles by HMMER (Eddy 2011) in pyhmmer. The profiles are the
user's, for instance the 111 of Dupont et al. 2012, from Pfam (CC0) and TIGRFAMs (CC BY-SA 4.0), as other binners bring
them along.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vaebin.errors import FormatError, InputError

# Profiles of one gene in different clades, of which a genome has one: of Gly-tRNA synthetase, Pro-tRNA synthetase, the
# beta subunit of Phe-tRNA synthetase, and the beta' subunit of RNA polymerase.
ALTERNATIVES = {
    "TIGR00389": "TIGR00388", "TIGR00409": "TIGR00408", "TIGR00472": "TIGR00471", "TIGR02387": "TIGR02386"
}  # fmt: skip
_TRAINED = 20_000  # bases from which Prodigal learns a genome's own genes
_LIBRARIES = ("pyhmmer", "pyrodigal")


def read(path: Path) -> list[Any]:
    """The profiles (pyhmmer.plan7.HMM) of a file in HMMER's format, each with a gathering threshold.

    Raises InputError without the file or the libraries, FormatError when it is no such file.
    """
    if missing := [name for name in _LIBRARIES if not find_spec(name)]:
        raise InputError(f"--markers needs {' and '.join(missing)}; install them: pip install 'vaebin[markers]'")
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected profiles of marker genes in HMMER's format")
    from pyhmmer.plan7 import HMMFile

    try:
        with HMMFile(path) as stream:
            profiles = list(stream)
    except (ValueError, EOFError, OSError):
        profiles = []
    if not profiles:
        raise FormatError(f"{path}: not profiles of HMMER 3; expected a file of hmmbuild")
    for profile in profiles:
        if not profile.cutoffs.gathering_available():
            raise FormatError(f"{path}: {_text(profile.name)} has no gathering threshold (GA); take profiles with one")
    return profiles


def count(contigs: Sequence[bytes], profiles: Sequence[Any], threads: int) -> dict[str, int]:
    """How many genes of the contigs match each marker, above its gathering threshold."""
    import pyhmmer

    search: Any = pyhmmer.hmmsearch
    genes: dict[str, set[Any]] = defaultdict(set)
    for hits in search(profiles, _proteins(contigs), cpus=threads, bit_cutoffs="gathering"):
        genes[_marker(hits.query)].update(hit.name for hit in hits.included)
    return {name: len(genes[name]) for name in dict.fromkeys(map(_marker, profiles))}


def _proteins(contigs: Sequence[bytes]) -> list[Any]:
    from pyhmmer.easel import Alphabet, TextSequence
    from pyrodigal import GeneFinder

    finder = GeneFinder(meta=sum(map(len, contigs)) < _TRAINED)
    if not finder.meta:
        finder.train(*contigs)
    proteins = [gene.translate(include_stop=False) for contig in contigs for gene in finder.find_genes(contig)]
    return [
        TextSequence(name=str(number).encode(), sequence=protein).digitize(Alphabet.amino())
        for number, protein in enumerate(proteins)
    ]


def _marker(profile: Any) -> str:
    name = _text(profile.name)
    return ALTERNATIVES.get(name, name)


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name


def completeness(copies: Mapping[str, int]) -> float:
    """Share of the markers that are there."""
    return sum(n > 0 for n in copies.values()) / len(copies)


def contamination(copies: Mapping[str, int]) -> float:
    """Copies of markers beyond the first, as a share of the markers."""
    return sum(max(0, n - 1) for n in copies.values()) / len(copies)
