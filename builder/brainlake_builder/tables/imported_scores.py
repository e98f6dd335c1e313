"""Scores as a table of a bank, so that they are published with it."""

from pathlib import Path

import polars as pl
import pyarrow as pa

from brainlake.contract.schema import SCORES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake_builder.tables.writer import write_table


def add_scores(bank: Path, name: str, file: Path) -> Sidecar:
    """Put a file of scores into a bank.

    Parameters
    ----------
    bank
        Folder of the bank.
    name
        Name of the scores: banks that open together need different ones, so it is good to begin with who made them.
    file
        What ``--out`` of ``brainlake brain`` or ``brainlake behavior`` wrote.

    Raises
    ------
    BrainlakeError
        If the file is no table of scores.
    """
    try:
        rows = pl.read_parquet(file).to_dicts()
        table = pa.Table.from_pylist(rows, schema=SCORES)
        if rows and rows[0].keys() != set(SCORES.names):
            raise ValueError(f"its columns are not those of the table scores: {', '.join(rows[0])}")
    except (OSError, ValueError, pl.exceptions.PolarsError, pa.ArrowException) as error:
        raise BrainlakeError(f"{file} holds no scores: {error}; write one with `brainlake brain ... --out`") from None
    return write_table(bank, "scores", name, table)
