"""Parquet files of a bank: how activations are written, the facts of a footer, and which claims are believed."""

import hashlib
from pathlib import Path
from typing import Any, BinaryIO, Final

from brainlake.contract.formats import schema_of
from brainlake.contract.schema import FEATURE_TABLES, same_shape
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.files import sha256_file
from brainlake.storage.footer import MAGIC, Footer, read_footer

VALUES_PER_BYTE = 1000
"""Values of one column a byte of file, at most. Real tables have less than one, a few thousand rows of a constant
some hundred; a file that claims more was made to fill the memory of who reads it."""

ACTIVATIONS: Final[dict[str, Any]] = {
    "compression": "zstd",
    "compression_level": 1,
    "use_dictionary": ["model", "stimulus_set", "recipe", "stimulus_id"],
    "column_encoding": {"activation.list.element": "BYTE_STREAM_SPLIT"},
    "write_statistics": ["model", "stimulus_set", "recipe", "layer", "stimulus_id"],
    "data_page_size": 1 << 20,
    "write_page_index": True,
    "write_page_checksum": True,
}
"""How activations are written, one row group a layer. BYTE_STREAM_SPLIT on the values and no dictionary on them, zstd
level 1, 1 MB pages, page checksums and a page index: the smallest file that DuckDB, polars, pyarrow and datasets all
read."""


def file_facts(path: Path, sha256: str | None = None) -> dict[str, Any]:
    """Hash, size and rows of a Parquet file, and size and hash of what follows its last column chunk.

    Parameters
    ----------
    sha256
        Of the file, where whoever wrote it knows; else it is read.
    """
    with path.open("rb") as file:
        footer = read_footer(file)
        end = end_facts(file, footer)
    return {
        "sha256": sha256 or sha256_file(path),
        "bytes": footer.data_end + end["footer_bytes"],
        "rows": footer.metadata.num_rows,
        **end,
    }


def end_facts(source: BinaryIO, footer: Footer) -> dict[str, Any]:
    """Size and hash of what follows the last column chunk of a file."""
    source.seek(footer.data_end)
    end = source.read()
    return {"footer_bytes": len(end), "footer_sha256": hashlib.sha256(end).hexdigest()}


def read_claims(source: BinaryIO, sidecar: Sidecar, size: int) -> Footer:
    """Read a footer, and refuse one that claims what its file cannot hold, or what its sidecar does not say.

    Parameters
    ----------
    source
        The file, or its last bytes.
    sidecar
        What it says: table of the contract, format, and rows.
    size
        Bytes of the file.

    Raises
    ------
    BrainlakeError
        If the schema, the number of rows, or the layers, stimuli and features of a file of features are others, or
        :func:`read_counts` does not believe it.
    """
    footer = read_counts(source, size)
    metadata = footer.metadata
    difference = same_shape(metadata.schema.to_arrow_schema(), schema_of(sidecar.kind, sidecar.format))
    if difference:
        raise BrainlakeError(f"is not a table of {sidecar.kind}: {difference}")
    counted = sum(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
    if not metadata.num_rows == counted == sidecar.rows:
        raise BrainlakeError(f"has {metadata.num_rows} rows, not {sidecar.rows}")
    _check_shape(footer, sidecar)
    return footer


def _check_shape(footer: Footer, sidecar: Sidecar) -> None:
    """Refuse a file of features that is not of the layers, the stimuli and the width that its sidecar says."""
    if sidecar.kind not in FEATURE_TABLES or sidecar.n is None:
        return
    recorded = [entry["layer"] for entry in sidecar.layers]
    each = 1 if sidecar.kind == "kernels" else sidecar.n
    expected = each * (1 if sidecar.kind == "surprisal" else len(recorded))
    if sidecar.rows != expected:
        raise BrainlakeError(f"has {sidecar.rows} rows, and its sidecar speaks of {expected}")
    groups = [footer.metadata.row_group(g).num_rows for g in range(footer.metadata.num_row_groups)]
    if sidecar.kind == "activations" and sidecar.d is not None:
        for chunk in footer.chunks:
            if chunk.path.startswith("activation.") and chunk.n_values != groups[chunk.group] * sidecar.d:
                raise BrainlakeError(f"is not of {sidecar.d} features a layer, as its sidecar says")
    found = _layers(footer)
    if found is not None and sidecar.kind != "surprisal" and found != recorded:
        raise BrainlakeError(f"holds layers {found}, and its sidecar speaks of {recorded}, in this order")


def _layers(footer: Footer) -> list[int] | None:
    """Layers in file order, if the footer says that each row group has one."""
    chunks = sorted((chunk.group, chunk.bounds) for chunk in footer.chunks if chunk.path == "layer")
    if any(bounds is None or bounds[0] != bounds[1] for _, bounds in chunks):
        return None
    return list(dict.fromkeys(int.from_bytes(bounds[0], "little", signed=True) for _, bounds in chunks if bounds))


def read_counts(source: BinaryIO, size: int) -> Footer:
    """Read a footer, and refuse one whose columns cannot lie, or cannot have so many values, in a file of that size.

    Raises
    ------
    BrainlakeError
        If an offset or the number of values is not believable.
    """
    footer = read_footer(source)
    metadata = footer.metadata
    if len(footer.chunks) != metadata.num_row_groups * metadata.num_columns:
        raise BrainlakeError("has a row group that lacks a column")
    previous = len(MAGIC)
    for chunk in footer.chunks:
        if not previous <= chunk.start <= chunk.end < size:
            raise BrainlakeError(f"column {chunk.path} of row group {chunk.group} is not where its footer says")
        if max(chunk.n_values, metadata.row_group(chunk.group).num_rows) > VALUES_PER_BYTE * size:
            raise BrainlakeError(
                f"claims {chunk.n_values:,} values of {chunk.path} in {size:,} bytes: "
                f"that was made to harm, or is damaged"
            )
        previous = chunk.end
    return footer
