"""What the columns of a Parquet file would need in memory, known from their pages before any of them is decoded.

A dictionary page with one long string, a run of one index, prefixes that are shared: a file of kilobytes can become
gigabytes. Footers do not tell, page headers and the lengths of strings do.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import RawIOBase
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from brainlake.contract.schema import FEATURE_TABLES, RESULTS
from brainlake.errors import BrainlakeError
from brainlake.storage.footer import Chunk, Footer, Thrift

FREE_BYTES = 64 << 20
"""What a file may need, whatever its size. A reader may hold what it decodes four times."""

_OF_FEATURES, _OF_RESULTS, _OF_OTHERS = 8, 32, 16
"""How many times its size it may need beside. Measured on real files of over 200 kB: features need two to five times
their size, reading times and nuisance up to thirteen, and scores, whose rows repeat their words, twenty-four."""

_WIDTHS = {0: 1, 1: 4, 2: 8, 3: 12, 4: 4, 5: 8}
"""Bytes of a value of each physical type of fixed length."""
_STRINGS, _FIXED = 6, 7
_CODECS = {0: None, 1: "snappy", 2: "gzip", 4: "brotli", 5: "lz4", 6: "zstd", 7: "lz4_raw"}
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_BY_DICTIONARY, _BY_PREFIX = (2, 8), 7
_UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    struct.error,
    OSError,
)
_HEADER_BYTES = 1 << 20
"""Largest page header: it may hold the smallest and the largest string of its page."""


@dataclass(frozen=True)
class _Page:
    kind: int
    encoding: int
    n_values: int
    start: int
    stored: int
    size: int
    levels: int
    compressed: bool


def may_need(size: int, table: str = "manifest") -> int:
    """Bytes that a file of a table, of so many bytes, may need in memory."""
    others = _OF_RESULTS if table in RESULTS else _OF_OTHERS
    return FREE_BYTES + (_OF_FEATURES if table in FEATURE_TABLES else others) * size


def check_budget(
    source: BinaryIO | RawIOBase,
    footer: Footer,
    size: int,
    table: str = "manifest",
    chunks: Iterable[Chunk] | None = None,
) -> None:
    """Refuse columns that would need more than files of that size do.

    Parameters
    ----------
    source
        The file, or what was fetched of it.
    footer, size
        Its footer, and its bytes.
    table
        Which table of the contract it is.
    chunks
        The columns to be read; by default all.

    Raises
    ------
    BrainlakeError
        If they would, or their pages cannot be followed.
    """
    limit = may_need(size, table)
    total = 0
    for chunk in footer.chunks if chunks is None else chunks:
        try:
            column = footer.metadata.schema.column(chunk.column)
            depth = (column.max_repetition_level > 0) + (column.max_definition_level > 0)
            for needed in _needed(source, chunk, limit, depth, column.length if chunk.physical == _FIXED else 0):
                total += needed
                if total > limit:
                    raise BrainlakeError(
                        f"would need {total:,} bytes for {size:,}, at column {chunk.path}, and may need {limit:,}: "
                        f"that was made to harm, or is damaged"
                    )
        except _UNREADABLE as error:
            raise BrainlakeError(
                f"has pages of column {chunk.path} in row group {chunk.group} that cannot be followed: {error}"
            ) from None


def _needed(source: BinaryIO | RawIOBase, chunk: Chunk, limit: int, depth: int, longest: int) -> Iterator[int]:
    """Bytes of each page of a column, decoded; lengths and null flags included. ``longest``: of a value."""
    for page in _pages(source, chunk):
        if page.size > limit:
            yield page.size  # before any of it is decompressed
        if page.kind == _DICTIONARY:
            if chunk.physical == _STRINGS:
                longest = _longest(_content(source, chunk, page))
            yield page.size
        elif chunk.physical in _WIDTHS:
            yield page.n_values * (_WIDTHS[chunk.physical] + 4)
        elif page.encoding in _BY_DICTIONARY:
            yield page.n_values * (longest + 8)
        else:
            yield page.size + 8 * page.n_values
            if page.encoding == _BY_PREFIX:
                yield _prefixes(_content(source, chunk, page), page, depth)


def _pages(source: BinaryIO | RawIOBase, chunk: Chunk) -> Iterator[_Page]:
    at = chunk.start
    while at < chunk.end:
        header, length = _header(source, at, chunk.end)
        kind, size, stored = header[1], header[2], header[3]
        about = header.get({_DATA: 5, _DICTIONARY: 7, _DATA_V2: 8}.get(kind, 0), {})
        start, levels = at + length, 0
        if kind == _DATA_V2:
            levels = about[5] + about[6]
            encoding = about[4]
        else:
            encoding = about.get(2, 0)
        at = start + stored
        if size < 0 or stored < 0 or at > chunk.end or about.get(1, 0) < 0 or levels < 0:
            raise ValueError("a page is not inside its column")
        if about:
            yield _Page(kind, encoding, about[1], start, stored, size, levels, about.get(7, True))


def _header(source: BinaryIO | RawIOBase, at: int, end: int) -> tuple[dict[int, Any], int]:
    """A page header, and its length."""
    window = 256
    while True:
        source.seek(at)
        thrift = Thrift(source.read(min(window, end - at)) or b"")
        try:
            return thrift.struct(), thrift.at
        except ValueError:
            if window >= min(_HEADER_BYTES, end - at):
                raise
            window *= 16


def _content(source: BinaryIO | RawIOBase, chunk: Chunk, page: _Page) -> bytes:
    """A page without compression."""
    source.seek(page.start)
    raw = source.read(page.stored) or b""
    codec = _CODECS[chunk.codec]
    if codec is None or not page.compressed:
        return raw
    plain, packed = raw[: page.levels], raw[page.levels :]
    return plain + bytes(pa.Codec(codec).decompress(packed, page.size - page.levels, asbytes=True))


def _longest(dictionary: bytes) -> int:
    """Length of the longest string of a dictionary page."""
    at = found = 0
    while at < len(dictionary):
        (length,) = struct.unpack_from("<I", dictionary, at)
        found = max(found, length)
        at += 4 + length
    return found


def _prefixes(content: bytes, page: _Page, depth: int) -> int:
    """Bytes that the strings of a page share with those before them; ``depth`` kinds of levels come first."""
    at = page.levels
    for _ in range(depth if page.kind == _DATA else 0):
        (length,) = struct.unpack_from("<I", content, at)
        at += 4 + length
    return _sum_of_packed(content[at:], page)


def _sum_of_packed(content: bytes, page: _Page) -> int:
    """Sum of lengths that are packed as differences in blocks (DELTA_BINARY_PACKED)."""
    thrift = Thrift(content)
    block, parts, n, value = thrift.varint(), thrift.varint(), thrift.varint(), thrift.integer()
    if n > page.n_values or not 0 < parts <= block <= 1 << 16 or not 0 <= value <= page.size:
        raise ValueError("lengths of strings make no sense")
    each, total, found = block // parts, value, 1
    while found < n:
        least = thrift.integer()
        widths = content[thrift.at : thrift.at + parts]
        thrift.at += parts
        for width in widths:
            if found >= n:
                break
            packed = np.frombuffer(content, np.uint8, each * width // 8, thrift.at)
            thrift.at += each * width // 8
            bits = np.unpackbits(packed, bitorder="little").reshape(each, width).astype(np.int64)
            deltas = least + bits @ (1 << np.arange(width, dtype=np.int64))
            values = value + np.cumsum(deltas[: n - found])
            if width > 32 or values.min() < 0 or values.max() > page.size:
                raise ValueError("lengths of strings make no sense")
            value, total, found = int(values[-1]), total + int(values.sum()), found + each
    return total
