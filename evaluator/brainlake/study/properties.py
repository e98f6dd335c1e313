"""What goes with alignment: size, knowledge, problem solving, loss, over models that share bases."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, get_args

import numpy as np
import polars as pl

from brainlake.encoding.clustered_correlation import MIN_CLUSTERS, clustered_correlation
from brainlake.errors import BrainlakeError
from brainlake.study.correlation_row import Correlation, Method
from brainlake.study.false_discovery import adjusted
from brainlake.study.frames import check_table, table_of
from brainlake.study.lineage import Model, families, lineage
from brainlake.study.model_scores import QUESTION, Answers, Question, Score, model_scores, overall

LOG_SIZE: Final = "log10_params"
RAW_SIZE: Final = "n_params"
OF_MODELS: Final = "models"
"""Source of a size that stands in the table ``models``."""
INTERVAL: Final = "jackknife over bases on Fisher's z, Student's t"
_NEEDED: Final = ("model", "property", "value", "source")


class Property(NamedTuple):
    """What was measured of models, and who did it; those of two sources are two."""

    name: str
    source: str


def property_correlations(
    scores: pl.DataFrame,
    properties: pl.DataFrame,
    models: pl.DataFrame,
    benchmarks: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Correlate properties of models with their scores, on each benchmark and on the mean of several.

    The size of models, ``log10_params``, is one more property. Beside each plain correlation stand: that of each
    property given size, of size given the property, the same with raw size instead of its logarithm, since conclusions
    turn on that; and the plain one with one family of models left out.

    Parameters
    ----------
    scores, models, benchmarks
        As :func:`brainlake.study.pairs.tuning_pairs`.
    properties
        The table ``model_properties``.

    Returns
    -------
    Fields of :class:`~brainlake.study.correlation_row.Correlation` say what the columns are. A correlation of fewer
    than 4 models (5 if something is given), or of what does not vary, is null, and ``ci_method`` says why.

    Raises
    ------
    BrainlakeError
        If columns are missing, a source has two values of a property for a model or one that is no number, or scores
        or models contradict each other.
    """
    return table_of(correlations(model_scores(scores, benchmarks), properties, lineage(models)), Correlation)


def correlations(answers: Answers, properties: pl.DataFrame, models: Mapping[str, Model]) -> list[Correlation]:
    """Correlations on every question."""
    measured, whole = _measured(properties, models), overall(answers)
    rows: list[Correlation] = []
    for question, values in answers.items():
        counted = [models[name] for name in sorted(values) if name in models and models[name].counts]
        if not counted:  # scores of models that the table models does not know
            continue
        rows += [replace(row, overall=question in whole) for row in _rows(question, values, counted, measured)]
    return adjusted(rows, _family, _named)


def _measured(properties: pl.DataFrame, models: Mapping[str, Model]) -> dict[Property, dict[str, float]]:
    """Values of every property by model; size in both forms comes first."""
    check_table("properties", properties, _NEEDED, "the table model_properties, or one of its form")
    sizes = {name: float(model.n_params) for name, model in models.items() if model.n_params}
    found: dict[Property, dict[str, float]] = {
        Property(LOG_SIZE, OF_MODELS): {name: float(np.log10(size)) for name, size in sizes.items()},
        Property(RAW_SIZE, OF_MODELS): sizes,
    }
    for row in properties.select(_NEEDED).unique(maintain_order=True).to_dicts():
        values = found.setdefault(Property(row["property"], row["source"]), {})
        if row["model"] in values:
            raise BrainlakeError(
                f"{row['source']} gives {row['model']} two values of {row['property']}, {values[row['model']]:g} and "
                f"{row['value']:g}: name their sources apart"
            )
        if row["value"] is None or not np.isfinite(row["value"]):
            raise BrainlakeError(
                f"{row['source']} gives {row['model']} no number as its {row['property']}, but {row['value']}: leave "
                "the row out"
            )
        values[row["model"]] = float(row["value"])
    return found


def _rows(
    question: Question,
    values: Mapping[str, Score],
    counted: Sequence[Model],
    measured: Mapping[Property, Mapping[str, float]],
) -> Iterator[Correlation]:
    for which, given in _asked(list(measured)):
        there = [m for m in counted if m.name in measured[which] and (not given or m.name in measured[given])]
        tuned = [model for model in there if model.tuned]
        sets = {"tuned": tuned, "all": there if len(there) > len(tuned) else []}
        for models, chosen in sets.items():
            apart = families(chosen) if given is None and len(families(chosen)) > 1 else []
            for method in get_args(Method) if chosen else ():
                for left_out in (None, *apart):
                    kept = [model for model in chosen if model.family != left_out]
                    bare = _bare(question, which, models, method, given, left_out, kept)
                    yield _correlated(bare, kept, values, measured[which], measured[given] if given else None)


def _asked(known: Sequence[Property]) -> Iterator[tuple[Property, Property | None]]:
    """Properties, and what each is freed from."""
    sizes = [one for one in known if one.source == OF_MODELS and one.name in (LOG_SIZE, RAW_SIZE)]
    others = [one for one in known if one not in sizes]
    yield sizes[0], None
    for one in others:
        yield one, None
        for size in sizes:
            yield one, size
            yield size, one


def _bare(
    question: Question,
    which: Property,
    models: str,
    method: str,
    given: Property | None,
    left_out: str | None,
    kept: Sequence[Model],
) -> Correlation:
    there = families(kept)
    return Correlation(
        **question.about,
        property=which.name,
        source=which.source,
        models=models,
        method=method,
        given=given.name if given else None,
        given_source=given.source if given else None,
        left_out=left_out,
        n_models=len(kept),
        n_bases=len({model.root for model in kept}),
        n_families=len(there),
        families=", ".join(there),
    )


def _correlated(
    bare: Correlation,
    kept: Sequence[Model],
    values: Mapping[str, Score],
    of: Mapping[str, float],
    given: Mapping[str, float] | None,
) -> Correlation:
    least = 4 if given is None else 5
    if len(kept) < least:
        return replace(bare, ci_method=f"no correlation: {len(kept)} of the {least} models that it needs")
    x, y = [of[model.name] for model in kept], [values[model.name].value for model in kept]
    third = None if given is None else [given[model.name] for model in kept]
    found = clustered_correlation(x, y, [model.root for model in kept], third, ranks=bare.method == "spearman")
    if np.isnan(found.r):
        beyond = f" beyond {bare.given}" if bare.given else ""
        return replace(bare, ci_method=f"no correlation: scores or values do not vary{beyond}")
    with_r = replace(bare, r=found.r, p_independent=found.p_independent)
    if np.isnan(found.low):
        few = f"{bare.n_bases} bases are too few, {MIN_CLUSTERS} are needed"
        why = few if bare.n_bases < MIN_CLUSTERS else "without one of the bases nothing varies, or all are in line"
        return replace(with_r, ci_method=f"none: {why}")
    return replace(with_r, ci_low=found.low, ci_high=found.high, ci_method=INTERVAL, p_value=found.p)


def _family(row: Correlation) -> tuple[object, ...] | None:
    """The plain correlations of one question, set of models and method."""
    if row.given is not None or row.left_out is not None:
        return None
    return *(getattr(row, name) for name in QUESTION), row.models, row.method


def _named(rows: Sequence[Correlation]) -> str:
    names = [row.property for row in rows]
    told = [f"{row.property} ({row.source})" if names.count(row.property) > 1 else row.property for row in rows]
    return f"properties of {rows[0].models} models: {', '.join(told)}"
