"""One Parquet file on the Hub, of which only what is needed travels, and nothing is used unchecked.

The sidecar knows size and hash of the footer, so that one request brings it; its pages have checksums.
A column chunk of a row group is the smallest part that is fetched and checked.
"""

import hashlib
import io
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from threading import RLock
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.budget import check_budget
from brainlake.storage.footer import Chunk, Footer
from brainlake.storage.parquet import read_claims

SMALL = 4096
"""Bytes up to which a neighbouring column chunk comes along: a request costs more."""

END_BYTES = 64 << 20
"""Most bytes behind the columns, page index included, that are fetched at once."""

KEPT_BYTES = 256 << 20
"""Checked chunks kept in memory, over all files of a repository."""


class ChunkCache:
    """The column chunks that were used last, up to a number of bytes."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._limit, self._bytes = limit, 0
        self._chunks: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def get(self, key: tuple[str, int]) -> bytes | None:
        """A chunk, if it is kept."""
        if key in self._chunks:
            self._chunks.move_to_end(key)
        return self._chunks.get(key)

    def put(self, key: tuple[str, int], chunk: bytes) -> None:
        """Keep a chunk, and forget the oldest ones beyond the limit."""
        self._chunks[key] = chunk
        self._bytes += len(chunk)
        while self._bytes > self._limit and len(self._chunks) > 1:
            self._bytes -= len(self._chunks.popitem(last=False)[1])


class RangedParquet:
    """A remote Parquet file, read by range.

    Parameters
    ----------
    sidecar
        Its row of the manifest, with size and hash of the footer.
    fetch
        Gives the bytes from a start to an end (exclusive).
    cache
        Where checked chunks are kept.
    """

    def __init__(self, sidecar: Sidecar, fetch: Callable[[int, int], bytes], cache: ChunkCache) -> None:
        self._sidecar, self._fetch, self._cache = sidecar, fetch, cache
        self._lock = RLock()
        self._footer_start = sidecar.bytes - (sidecar.footer_bytes or 0)

    @cached_property
    def _end(self) -> bytes:
        if self._sidecar.bytes - self._footer_start > END_BYTES:
            raise self._damaged(f"it claims more than {END_BYTES >> 20} MiB behind its columns")
        with self._lock:
            end = self._fetch(self._footer_start, self._sidecar.bytes)
        if hashlib.sha256(end).hexdigest() != self._sidecar.footer_sha256:
            raise self._damaged("its footer is not the one recorded")
        return end

    @cached_property
    def footer(self) -> Footer:
        """The footer, checked against its hash and believed only where the sidecar says the same."""
        try:
            source = io.BytesIO(self._end)
            footer = read_claims(source, self._sidecar, self._sidecar.bytes)
            if footer.data_end != self._footer_start:
                raise BrainlakeError("its columns do not end where its footer begins")
        except BrainlakeError as error:
            raise self._damaged(str(error)) from None
        return footer

    @property
    def metadata(self) -> pq.FileMetaData:
        """Schema and numbers of rows."""
        return self.footer.metadata

    def read_row_groups(self, groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Row groups of some columns, neighbouring ones in one request."""
        wanted = [c for c in self.footer.chunks if c.group in groups and _is_of(c, columns)]
        return self._decode({start: self._fetch(start, end) for start, end in _joined(wanted)}, groups, columns)

    def read(self, start: int, stop: int) -> bytes:
        """Bytes of the file, as a reader of Parquet asks for them: in the footer, or in one column chunk.

        A reader may ask for a little more than the chunk holds; what lies beyond is fetched as it is.
        """
        chunks = self.footer.chunks
        stop = min(stop, self._sidecar.bytes)
        if start >= self._footer_start:
            return self._end[start - self._footer_start : stop - self._footer_start]
        index = bisect_right(chunks, start, key=lambda chunk: chunk.start) - 1
        if index < 0 or start >= chunks[index].end:
            return self._fetch(start, stop)
        chunk = chunks[index]
        found = self._chunk(index)[start - chunk.start : stop - chunk.start]
        if stop <= chunk.end:
            return found
        if index + 1 == len(chunks) or _is_small(chunks[index + 1]):
            return found + self.read(chunk.end, stop)
        return found + self._fetch(chunk.end, stop)

    def _chunk(self, index: int) -> bytes:
        """A checked column chunk; small ones that follow it come along."""
        chunks = self.footer.chunks
        with self._lock:
            kept = self._cache.get((self._sidecar.path, index))
            if kept is not None:
                return kept
            last = index
            while last + 1 < len(chunks) and _is_small(chunks[last + 1]):
                last += 1
            fetched = chunks[index : last + 1]
            origin = fetched[0].start
            content = self._fetch(origin, fetched[-1].end)
            for at, chunk in enumerate(fetched, index):
                self._decode({origin: content}, [chunk.group], [chunk.path])
                self._cache.put((self._sidecar.path, at), content[chunk.start - origin : chunk.end - origin])
            return content[: fetched[0].end - origin]

    # In this thread alone, as the manifest: see there.
    def _decode(self, parts: dict[int, bytes], groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
        source = RangedFile(partial(_of_parts, parts), self._sidecar.bytes)
        wanted = [c for c in self.footer.chunks if c.group in groups and _is_of(c, columns)]
        try:
            check_budget(cast(BinaryIO, source), self.footer, self._sidecar.bytes, self._sidecar.kind, wanted)
            with pq.ParquetFile(source, metadata=self.metadata, page_checksum_verification=True) as file:
                return file.read_row_groups(list(groups), columns=list(columns), use_threads=False)
        except (OSError, pa.ArrowException, BrainlakeError) as error:
            raise self._damaged(str(error)) from None

    def _damaged(self, what: str) -> BrainlakeError:
        return BrainlakeError(f"{self._sidecar.path} came damaged from the network, or is damaged there: {what}")


class RangedFile(io.RawIOBase):
    """A file as a stream, of which ``between`` gives the bytes from one place to another."""

    def __init__(self, between: Callable[[int, int], bytes], size: int) -> None:
        self._between, self._size, self._at = between, size, 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read anywhere."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """The next bytes; those to the end by default."""
        stop = self._size if size < 0 else min(self._at + size, self._size)
        found = self._between(self._at, stop)
        self._at = stop
        return found


def _of_parts(parts: dict[int, bytes], start: int, stop: int) -> bytes:
    """Bytes of a file of which some parts are in memory; to read elsewhere is an error."""
    for at, content in parts.items():
        if at <= start and stop <= at + len(content):
            return content[start - at : stop - at]
    raise OSError(f"bytes {start} to {stop} were not fetched")


def _is_of(chunk: Chunk, columns: Sequence[str]) -> bool:
    """Whether a chunk is of one of some columns, or of their leaves."""
    return chunk.path in columns or chunk.path.split(".")[0] in columns


def _is_small(chunk: Chunk) -> bool:
    return chunk.end - chunk.start <= SMALL


def _joined(chunks: Sequence[Chunk]) -> list[tuple[int, int]]:
    """Spans of neighbouring chunks, small gaps included."""
    spans: list[tuple[int, int]] = []
    for chunk in chunks:
        if spans and chunk.start - spans[-1][1] <= SMALL:
            spans[-1] = (spans[-1][0], chunk.end)
        else:
            spans.append((chunk.start, chunk.end))
    return spans
