"""One Parquet file from files that were encoded side by side: their pages are copied, their footers become one.

pyarrow encodes and compresses the row groups of a file one behind the other, so that a file of many layers keeps one
core busy and the others waiting. The bytes are those that one ``pyarrow.parquet.ParquetWriter`` would have written.
"""

import hashlib
from typing import Any, BinaryIO

from brainlake.storage.footer import MAGIC
from brainlake_builder.tables.thrift import Struct, read_struct, write_struct

# Numbers of fields in parquet.thrift.
_ROWS, _ROW_GROUPS = 3, 4
_COLUMNS, _GROUP_OFFSET = 1, 5
_CHUNK_OFFSET, _METADATA, _OFFSET_INDEX, _OFFSET_SIZE, _COLUMN_INDEX, _COLUMN_SIZE = 2, 3, 4, 5, 6, 7
_SIZE, _PAGES, _INDEX_PAGE, _DICTIONARY = 7, 9, 10, 11
_LOCATIONS, _PLACE = 1, 1


class ParquetAssembly:
    """A file to which whole Parquet files of one schema are appended, as a context: their row groups follow each other.

    Parameters
    ----------
    file
        Where it goes, opened for writing at its beginning.

    Attributes
    ----------
    sha256
        Of the bytes that were written.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = 0
        self._footer: Struct = {}
        self._column_indexes: list[tuple[Struct, bytes]] = []
        self._offset_indexes: list[tuple[Struct, bytes]] = []
        self.sha256 = hashlib.sha256()

    def append(self, part: bytes) -> None:
        """Append the row groups of a file that was written with a page index or without."""
        length = int.from_bytes(part[-8:-4], "little")
        footer, _ = read_struct(part, len(part) - 8 - length)
        groups = footer[_ROW_GROUPS].content.elements
        chunks = [chunk for group in groups for chunk in group[_COLUMNS].content.elements]
        if not self._footer:
            self._write(MAGIC)
        end = max(_end(chunk[_METADATA].content) for chunk in chunks)
        shift = self._at - len(MAGIC)
        self._write(memoryview(part)[len(MAGIC) : end])
        for chunk in chunks:
            self._keep_indexes(chunk, part, shift)
            _move(chunk, _CHUNK_OFFSET, shift)
            for number in (_PAGES, _INDEX_PAGE, _DICTIONARY):
                _move(chunk[_METADATA].content, number, shift)
        for group in groups:
            _move(group, _GROUP_OFFSET, shift)
        if self._footer:
            self._footer[_ROWS].content += footer[_ROWS].content
            self._footer[_ROW_GROUPS].content.elements += groups
        else:
            self._footer = footer

    def close(self) -> None:
        """Write the indexes and the footer."""
        for indexes, offset, size in (
            (self._column_indexes, _COLUMN_INDEX, _COLUMN_SIZE),
            (self._offset_indexes, _OFFSET_INDEX, _OFFSET_SIZE),
        ):
            for chunk, content in indexes:
                chunk[offset].content, chunk[size].content = self._at, len(content)
                self._write(content)
        footer = write_struct(self._footer)
        self._write(footer + len(footer).to_bytes(4, "little") + MAGIC)

    def _keep_indexes(self, chunk: Struct, part: bytes, shift: int) -> None:
        if _COLUMN_INDEX in chunk:
            at = chunk[_COLUMN_INDEX].content
            self._column_indexes.append((chunk, part[at : at + chunk[_COLUMN_SIZE].content]))
        if _OFFSET_INDEX in chunk:
            index, _ = read_struct(part, chunk[_OFFSET_INDEX].content)
            for location in index[_LOCATIONS].content.elements:
                _move(location, _PLACE, shift)
            self._offset_indexes.append((chunk, write_struct(index)))

    def _write(self, content: bytes | memoryview) -> None:
        self._file.write(content)
        self.sha256.update(content)
        self._at += len(content)


def _end(metadata: Struct) -> int:
    first = min(metadata[k].content for k in (_PAGES, _DICTIONARY) if k in metadata and metadata[k].content)
    end: int = first + metadata[_SIZE].content
    return end


def _move(struct: dict[int, Any], number: int, shift: int) -> None:
    if number in struct and struct[number].content:
        struct[number].content += shift
