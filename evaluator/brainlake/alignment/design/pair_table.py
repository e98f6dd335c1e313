"""Pairs of scores as rows of ``comparisons``."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from brainlake.alignment.design.score_row import Identity
from brainlake.contract.schema import COMPARISONS
from brainlake.encoding.arrays import FloatArray
from brainlake.encoding.paired import Differences, Pair
from brainlake.version import __version__


def ranked_pairs(scores: FloatArray) -> list[Pair]:
    """Every two of scores (M,), the better one of them first, pairs with the best first."""
    order = np.argsort(-scores, kind="stable").tolist()
    return [(a, b) for k, a in enumerate(order) for b in order[k + 1 :]]


def pair_table(
    identities: Sequence[Identity], pairs: Sequence[Pair], found: Differences, about: Mapping[str, Any]
) -> pl.DataFrame:
    """A row a pair.

    Parameters
    ----------
    identities
        Who was scored.
    pairs
        Which two of them.
    found
        Their differences; what is nan becomes null.
    about
        Columns that are the same in all rows.
    """
    rows = []
    for k, (a, b) in enumerate(pairs):
        numbers = {
            "difference": found.values[k],
            "ci_low": found.low[k],
            "ci_high": found.high[k],
            "p_value": found.p_values[k],
            "p_adjusted": found.p_adjusted[k],
        }
        sides = {
            "model_a": identities[a].model,
            "recipe_a": identities[a].recipe,
            "model_b": identities[b].model,
            "recipe_b": identities[b].recipe,
        }
        known = {name: None if np.isnan(value) else float(value) for name, value in numbers.items()}
        rows.append({**about, **sides, **known, "engine_version": __version__})
    return pl.DataFrame(pa.Table.from_pylist(rows, schema=COMPARISONS))
