"""The footer of a Parquet file, read without trusting it.

pyarrow does not raise but ends the process when it is asked about a column whose metadata make no sense: one flipped
bit, or a file made to harm, would end whatever program looks at it. What is needed of columns is read here.
"""

import io
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.errors import BrainlakeError

MAGIC = b"PAR1"

FOOTER_BYTES = 2 << 20
"""Largest footer that is parsed, which may need seventy times its size; one of 126 layers has 74 kB."""

# Numbers of fields in parquet.thrift.
_ROW_GROUPS, _COLUMNS, _METADATA = 4, 1, 3
_PHYSICAL, _PATH, _CODEC, _N_VALUES, _SIZE, _DATA, _DICTIONARY, _STATISTICS = 1, 3, 4, 5, 7, 9, 11, 12
_MAXIMUM, _MINIMUM = 5, 6

_LONGEST_BITS = 70
"""Ten bytes of seven bits hold 64. Without an end, an integer of a megabyte would take minutes to put together."""


@dataclass(frozen=True, order=True)
class Chunk:
    """One column of one row group: where it begins and ends in its file, and how many values it claims.

    ``bounds`` are the smallest and the largest value as Parquet stores them, where the footer has them; ``physical``
    and ``codec`` are the numbers of type and compression in parquet.thrift.
    """

    start: int
    end: int
    group: int
    column: int
    path: str
    n_values: int
    bounds: tuple[bytes, bytes] | None = field(default=None, compare=False)
    physical: int = field(default=0, compare=False)
    codec: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Footer:
    """A footer; of ``metadata`` only the schema and the numbers of rows may be asked for.

    ``chunks`` are in file order.
    """

    metadata: pq.FileMetaData
    chunks: list[Chunk]

    @property
    def data_end(self) -> int:
        """Where the last column chunk ends: page index and footer follow."""
        return max((chunk.end for chunk in self.chunks), default=len(MAGIC))


def read_footer(source: BinaryIO) -> Footer:
    """Read the footer of a file, or of its last bytes.

    Raises
    ------
    BrainlakeError
        If it is none.
    """
    try:
        size = source.seek(0, io.SEEK_END)
        source.seek(max(0, size - 8))
        tail = source.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != MAGIC or not 0 < length <= size - 8:
            raise BrainlakeError("does not end like a Parquet file")
        if length > FOOTER_BYTES:
            raise BrainlakeError(f"has a footer of {length:,} bytes: that was made to harm, or is damaged")
        source.seek(size - 8 - length)
        chunks = list(_chunks(source.read(length)))
        source.seek(0)
        return Footer(pq.read_metadata(source), chunks)
    except (pa.ArrowException, OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BrainlakeError(f"has no footer that can be read: {error}") from None


# The layers of a model are read one by one, and each asks for the footer of the same file.
@lru_cache(maxsize=2)
def _chunks(raw: bytes) -> tuple[Chunk, ...]:
    found = []
    for group, row_group in enumerate(Thrift(raw).struct().get(_ROW_GROUPS, [])):
        for column, chunk in enumerate(row_group[_COLUMNS]):
            facts = chunk[_METADATA]
            start = min(facts[_DATA], facts.get(_DICTIONARY) or facts[_DATA])
            path = ".".join(part.decode() for part in facts[_PATH])
            ends = facts.get(_STATISTICS, {})
            bounds = (ends[_MINIMUM], ends[_MAXIMUM]) if {_MINIMUM, _MAXIMUM} <= set(ends) else None
            kinds = facts[_PHYSICAL], facts[_CODEC]
            found.append(Chunk(start, start + facts[_SIZE], group, column, path, facts[_N_VALUES], bounds, *kinds))
    return tuple(sorted(found))


class Thrift:
    """Thrift's compact protocol: a struct becomes its values by field number; ``at`` is where the next one begins."""

    def __init__(self, content: bytes) -> None:
        self._content, self.at = content, 0

    def struct(self) -> dict[int, Any]:
        """The struct that begins here."""
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            delta, kind = head >> 4, head & 15
            number = number + delta if delta else self.integer()
            fields[number] = kind == 1 if kind in (1, 2) else self._value(kind)
        return fields

    def _value(self, kind: int) -> Any:
        if kind in (1, 2, 3):  # truth values inside lists, and bytes
            return self._byte()
        if kind in (4, 5, 6):
            return self.integer()
        if kind in (7, 8):
            return self._bytes(8 if kind == 7 else self.varint())
        if kind in (9, 10):
            head = self._byte()
            n = self.varint() if head >> 4 == 15 else head >> 4
            return [self._value(head & 15) for _ in range(n)]
        if kind == 12:
            return self.struct()
        raise ValueError(f"no value of kind {kind} belongs there")

    def _byte(self) -> int:
        try:
            byte = self._content[self.at]
        except IndexError:
            raise ValueError("it ends early") from None
        self.at += 1
        return byte

    def _bytes(self, n: int) -> bytes:
        found = self._content[self.at : self.at + n]
        if len(found) < n:
            raise ValueError("it ends early")
        self.at += n
        return found

    def integer(self) -> int:
        """The signed integer that begins here."""
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def varint(self) -> int:
        """The unsigned integer that begins here."""
        value = self._byte()
        if value < 128:
            return value
        value &= 127
        for shift in range(7, _LONGEST_BITS, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("an integer has more than 64 bits")
