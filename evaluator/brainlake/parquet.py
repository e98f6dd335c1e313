"""The footer of a Parquet file: its facts for the sidecar, and which of its claims are believed."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from brainlake.errors import BrainlakeError
from brainlake.files import sha256_file
from brainlake.schema import same_shape

VALUES_PER_BYTE = 1000
"""Values of one column a byte of file, at most. Real tables have less than one, a few thousand rows of a constant
some hundred; a file that claims more was made to fill the memory of who reads it."""

MAGIC = b"PAR1"


def file_facts(path: Path) -> dict[str, Any]:
    """Hash, size and rows of a Parquet file, and size and hash of what follows its last column chunk."""
    metadata = pq.read_metadata(path)
    start = data_end(metadata)
    with path.open("rb") as file:
        file.seek(start)
        footer = file.read()
    return {
        "sha256": sha256_file(path),
        "bytes": start + len(footer),
        "rows": metadata.num_rows,
        "footer_bytes": len(footer),
        "footer_sha256": hashlib.sha256(footer).hexdigest(),
    }


def chunk_span(column: pq.ColumnChunkMetaData) -> tuple[int, int]:
    """Where a column chunk begins and ends in its file."""
    start = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
    return start, start + column.total_compressed_size


def chunks(metadata: pq.FileMetaData) -> list[tuple[int, int, int, int]]:
    """Start, end, row group and column of every column chunk, in file order."""
    columns = range(metadata.num_columns)
    found = [
        (*chunk_span(metadata.row_group(group).column(column)), group, column)
        for group in range(metadata.num_row_groups)
        for column in columns
    ]
    return sorted(found)


def data_end(metadata: pq.FileMetaData) -> int:
    """Where the last column chunk ends: page index and footer follow."""
    return max((end for _, end, _, _ in chunks(metadata)), default=len(MAGIC))


def check_claims(metadata: pq.FileMetaData, table: str, rows: int, size: int) -> None:
    """Refuse a footer that claims what its file cannot hold, or what its sidecar does not say.

    Parameters
    ----------
    metadata
        The footer.
    table, rows, size
        Table of the contract, rows, and bytes of the file by its sidecar.

    Raises
    ------
    BrainlakeError
        If the schema, the number of rows, an offset or the number of values is not believable.
    """
    difference = same_shape(metadata.schema.to_arrow_schema(), table)
    if difference:
        raise BrainlakeError(f"is not a table of {table}: {difference}")
    counted = sum(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
    if not metadata.num_rows == counted == rows:
        raise BrainlakeError(f"has {metadata.num_rows} rows, not {rows}")
    previous = len(MAGIC)
    for start, end, group, column in chunks(metadata):
        chunk = metadata.row_group(group).column(column)
        if not previous <= start <= end < size:
            raise BrainlakeError(f"column {chunk.path_in_schema} of row group {group} is not where its footer says")
        if max(chunk.num_values, metadata.row_group(group).num_rows) > VALUES_PER_BYTE * size:
            raise BrainlakeError(
                f"claims {chunk.num_values:,} values of {chunk.path_in_schema} in {size:,} bytes: "
                f"that was made to harm, or is damaged"
            )
        previous = end
