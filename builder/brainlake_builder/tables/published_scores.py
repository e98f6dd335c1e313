"""Scores that others published, from a plain table: they stand beside ours, and are never taken for them.

Their protocol is called ``published:<source>``, so that whoever groups scores by protocol keeps every source apart.
"""

from pathlib import Path
from typing import Any, Final

from brainlake.alignment.design.score_row import PUBLISHED
from brainlake.contract.schema import SCORES
from brainlake.errors import BrainlakeError
from brainlake.version import __version__
from brainlake_builder.tables.stated_table import bank_name, check_source, read_stated

OURS: Final = (
    *("kind", "model_revision", "stimuli_sha256", "recipe_digest", "selected_layers", "seeds", "alpha", "p_floor"),
    *("engine_version", "file", "author"),
)
"""Columns of ``scores`` that only what made the numbers can state."""

MAY: Final = ("source", *(name for name in SCORES.names if name not in OURS))
NOT_STATED: Final = "not stated"

_VALUES: Final = (
    *("score", "ceiling", "ceiling_method", "normalized", "ci_low", "ci_high", "ci_method", "p_value", "p_method"),
    *("n_stimuli", "n_targets", "n_subjects"),
)
_CORRELATIONS: Final = ("pearson", "spearman", "kendall")
_POSITIVE: Final = ("ceiling", "n_folds", "n_stimuli", "n_targets", "n_subjects")


def read_published(file: Path, source: str | None = None) -> list[dict[str, Any]]:
    """Rows of ``scores`` from a plain table.

    Parameters
    ----------
    file
        CSV, TSV or Parquet with the columns ``model``, ``benchmark`` and ``score``, or ``normalized`` where only a
        score divided by its ceiling is known, and what else is known, called as in ``scores``. A column ``source``
        names the sources of a table that has several.
    source
        Who published the scores, where the table does not say it.

    Raises
    ------
    BrainlakeError
        If the table cannot be read; a row has no score, or one that cannot be, or an interval, p value, ceiling or
        number that cannot be; no source, or two; or says the same thing as another row.
    """
    check_source(source)
    rows = read_stated(file, "scores", MAY, ("model", "benchmark")).to_dicts()
    seen: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows, 1):
        own = row.pop("source", None)
        if bool(own) == bool(source):
            wrong = "two sources, its own and the one given" if source else "no source"
            raise _wrong(file, number, f"has {wrong}: say who published it, in a column source or with --source, once")
        _check(file, number, row)
        stated = row.get("protocol")
        row |= {
            "kind": "headline" if row.get("layer") is None else "layer",
            "model": bank_name(row["model"]),
            "protocol": f"{PUBLISHED}{own or source}" + (f", {stated}" if stated else ""),
            "metric": row.get("metric") or NOT_STATED,
            "selection": row.get("selection") or NOT_STATED,
            "engine_version": __version__,
        }
        what = tuple(value for name, value in row.items() if name not in _VALUES)
        if (first := seen.setdefault(what, number)) != number:
            raise _wrong(
                file, number, f"says again what row {first} says: tell them apart in a column, or leave one out"
            )
    return [{name: row.get(name) for name in SCORES.names} for row in rows]


def _check(file: Path, number: int, row: dict[str, Any]) -> None:
    if row.get("score") is None and row.get("normalized") is None:
        raise _wrong(file, number, "has no score: fill in score, or normalized if it was divided by its ceiling")
    if row.get("metric") in _CORRELATIONS and abs(row.get("score") or 0) > 1:
        raise _wrong(file, number, f"has a {row['metric']} correlation of {row['score']:g}: write .25 for 25 %")
    for name in _POSITIVE:
        if row.get(name) is not None and row[name] <= 0:
            raise _wrong(file, number, f"has {name} {row[name]:g}: it has to be above 0, leave it empty if not known")
    if (row.get("layer") or 0) < 0:
        raise _wrong(file, number, f"has layer {row['layer']}: count from the embedding, which is layer 0")
    if not 0 <= (row.get("p_value") or 0.0) <= 1:
        raise _wrong(file, number, f"has a p value of {row['p_value']:g}: it is between 0 and 1")
    low, high = row.get("ci_low"), row.get("ci_high")
    if low is not None and high is not None and low > high:
        raise _wrong(file, number, f"has an interval from {low:g} to {high:g}: ci_low is its lower end")


def _wrong(file: Path, number: int, what: str) -> BrainlakeError:
    return BrainlakeError(f"{file}, row {number} {what}")
