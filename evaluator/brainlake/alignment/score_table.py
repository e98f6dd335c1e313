"""Rows of scores as the table of the contract."""

import math
from collections.abc import Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from brainlake.contract.schema import SCORES
from brainlake.version import __version__


def score_table(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Put rows under the columns of ``scores``.

    Parameters
    ----------
    rows
        Columns by name; ``ceiling`` is a :class:`brainlake.alignment.design.ceilings.Ceiling` or None. Columns that
        are not given, and NaN, become null: a score that does not exist is not a number.
    """
    return pl.DataFrame(pa.Table.from_pylist([_complete(row) for row in rows], schema=SCORES))


def _complete(row: dict[str, Any]) -> dict[str, Any]:
    ceiling = row.get("ceiling")
    complete = {
        **row,
        "ceiling": ceiling.value if ceiling else None,
        "ceiling_method": ceiling.method if ceiling else None,
        "normalized": row["score"] / ceiling.value if ceiling else None,
        "engine_version": __version__,
    }
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in complete.items()}
