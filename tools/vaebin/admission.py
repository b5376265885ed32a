"""Which records of the input are measured."""

from collections.abc import Iterable, Iterator

from vaebin import identity
from vaebin.config import VectorizeConfig
from vaebin.errors import InputError
from vaebin.sequences import Record


class Admission:
    """Which records are kept; counts them by what became of them."""

    def __init__(self, first: int, config: VectorizeConfig) -> None:
        self.records = {"read": 0, "kept": 0, "too_short": 0, "no_kmers": 0}
        if config.min_quality:
            self.records["low_quality"] = 0
        self.bases = 0
        self._first = first
        self._min_length = config.min_length
        self._most_errors = 10 ** (-config.min_quality / 10) * (1 + 1e-9)  # a mean is not exact in its last digits
        self._numbers: dict[str, int] = {}

    def admit(self, stream: Iterable[Record]) -> Iterator[Record]:
        """The records to keep."""
        for number, record in enumerate(stream, self._first + 1):
            self.records["read"] += 1
            if reason := self._fault(record, number):
                self.records[reason] += 1
                continue
            earlier = self._numbers.setdefault(record.id, number)
            if earlier != number:
                raise InputError(f"records {earlier} and {number} share the id {record.id!r}; ids must differ")
            self.records["kept"] += 1
            self.bases += len(record.sequence)
            yield record

    def _fault(self, record: Record, number: int) -> str:
        """Why the record is dropped; nothing where it is kept."""
        if len(record.sequence) < self._min_length:
            return "too_short"
        if "low_quality" in self.records and record.sequence:
            if record.qualities is None:
                raise InputError(
                    f"record {number} ({record.id!r}) has no qualities, which --min-quality needs; "
                    "leave the option out, or give FASTQ or BAM"
                )
            if identity.mean_error(record.qualities) > self._most_errors:
                return "low_quality"
        return ""
