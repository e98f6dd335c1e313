"""Which noise ceiling belongs to a score."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from brainlake.bank.catalogue import Bank
from brainlake.encoding.folds import Folds
from brainlake.recordings.responses import KEPT_WHOLE


@dataclass(frozen=True)
class Ceiling:
    """The largest r that the noise in the data allows, and where that comes from, with its interval if it has one."""

    value: float
    method: str


def matching_ceiling(
    ceilings: pl.DataFrame,
    protocol: str,
    folds: Folds | None,
    roi: str | None,
    divides_by_reliability: bool,
    subjects: Collection[str] = (),
    targets: Collection[str] = (),
) -> Ceiling | None:
    """The ceiling of a score, or None: a ceiling of other folds, or of another region or subject, is not one.

    Parameters
    ----------
    ceilings
        Rows of ``ceilings`` of one benchmark.
    protocol, folds, roi
        What the score was computed by. A ceiling without protocol or folds is a property of the data alone.
    divides_by_reliability
        Brain-Score divides r by the reliability itself; its square root is what bounds r.
    subjects, targets
        What the score covers: a ceiling of one subject, or of one target, belongs to scores of nothing else.
    """
    if ceilings.is_empty():
        return None
    here = ceilings.filter(
        pl.col("protocol").is_null() | (pl.col("protocol") == protocol),
        pl.col("folds").is_null() | pl.col("folds").is_in(_stored_words(folds)),
        pl.col("roi").eq_missing(pl.lit(roi, pl.String)),
        *(
            pl.col(column).is_null() | pl.col(column).is_in(list(names) if len(names) == 1 else [])
            for column, names in (("subject", set(subjects)), ("target_id", set(targets)))
        ),
    )
    if here.is_empty():
        return None
    row = here.sort(pl.col("protocol").is_null(), maintain_order=True).row(0, named=True)
    numbers = [row[name] for name in ("value", "ci_low", "ci_high")]
    method = row["method"]
    if row["scale"] != "max_r" and not divides_by_reliability:
        numbers = [None if one is None else float(np.sqrt(max(one, 0.0))) for one in numbers]
        method = f"square root of {method}"
    value, low, high = numbers
    return Ceiling(value, method if low is None else f"{method} [{low:.3f}, {high:.3f}]")


def _stored_words(folds: Folds | None) -> list[str]:
    """What ``ceilings.folds`` says where a ceiling belongs to these folds."""
    if folds is None:
        return []
    return [folds.name, *(word for word, whole in KEPT_WHOLE.items() if whole == folds.whole)]


def ceilings_of(bank: Bank, benchmark: str) -> pl.DataFrame:
    """Rows of ``ceilings`` of a benchmark; none if the bank has none."""
    return bank.table("ceilings", benchmark=benchmark)
