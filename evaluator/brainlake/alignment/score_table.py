"""Rows of scores as a table."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import polars as pl
import pyarrow as pa

from brainlake.alignment.design.score_row import BASELINE, KINDS, ScoreRow
from brainlake.contract.schema import SCORES
from brainlake.version import __version__

_ORDER: Final = {kind: place for place, kind in enumerate(KINDS)}


def score_table(rows: Sequence[ScoreRow]) -> pl.DataFrame:
    """Put rows under the columns of ``scores``, kind after kind, models before baselines.

    What a row has no value for, and NaN, become null: a score that does not exist is not a number.
    """
    ordered = sorted(rows, key=lambda row: (_ORDER[row.kind], row.identity.is_baseline))
    return pl.DataFrame(pa.Table.from_pylist([_columns(row) for row in ordered], schema=SCORES))


def together(tables: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Tables of scores as one; what was scored twice, such as a part beside its composite benchmark, counts once."""
    return pl.concat(tables).unique(maintain_order=True)


def put_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Tables of one benchmark and protocol over several lists of models, as one of all models; baselines count once.

    Parameters
    ----------
    parts
        As from :func:`score_table`, in the order of the models; one at least.
    """
    ours = pl.col("model").str.starts_with(BASELINE)
    rows = pl.concat([parts[0], *(part.filter(~ours) for part in parts[1:])])
    place = {name: k for k, name in enumerate(rows["benchmark"].unique(maintain_order=True))}
    by_kind, by_benchmark = pl.col("kind").replace_strict(_ORDER), pl.col("benchmark").replace_strict(place)
    return rows.sort(by_kind, ours, by_benchmark, maintain_order=True)


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
