"""Rows of scores as a table."""

import math
from collections.abc import Sequence
from typing import Any, Final

import polars as pl
import pyarrow as pa

from brainlake.alignment.design.score_row import KINDS, ScoreRow
from brainlake.contract.schema import SCORES
from brainlake.version import __version__

BESIDE_SCORES: Final = pa.schema(
    [
        ("kind", pa.string()),
        ("kept_whole", pa.string()),
        ("n_folds", pa.int16()),
        ("n_subjects", pa.int32()),
        ("p_floor", pa.float64()),
    ]
)
"""Columns of a frame of scores that the table ``scores`` of a bank does not have."""

_COLUMNS: Final = pa.schema([*SCORES, *(column for column in BESIDE_SCORES if column.name not in SCORES.names)])
_ORDER: Final = {kind: place for place, kind in enumerate(KINDS)}


def score_table(rows: Sequence[ScoreRow]) -> pl.DataFrame:
    """Put rows under the columns of ``scores`` and of ``BESIDE_SCORES``, kind after kind, models before baselines.

    What a row has no value for, and NaN, become null: a score that does not exist is not a number.
    """
    ordered = sorted(rows, key=lambda row: (_ORDER[row.kind], row.identity.is_baseline))
    return pl.DataFrame(pa.Table.from_pylist([_columns(row) for row in ordered], schema=_COLUMNS))


def stored(scores: pl.DataFrame) -> pl.DataFrame:
    """The columns that a file of scores has."""
    return scores.select(SCORES.names)


def _columns(row: ScoreRow) -> dict[str, Any]:
    fields = dict(vars(row))
    identity, ceiling, interval, p = (fields.pop(name) for name in ("identity", "ceiling", "interval", "p"))
    columns = fields | vars(identity) | {"engine_version": __version__}
    if ceiling is not None:
        columns |= {
            "ceiling": ceiling.value,
            "ceiling_method": ceiling.method,
            "normalized": row.score / ceiling.value,
        }
    if interval is not None:
        columns |= {"ci_low": interval.low, "ci_high": interval.high, "ci_method": interval.method}
    if p is not None:
        columns |= {"p_value": p.value, "p_floor": p.floor, "p_method": p.method}
    return {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in columns.items()}
