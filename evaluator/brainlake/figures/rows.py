"""Which rows of a table of scores a figure draws, and what its models are called in it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.errors import BrainlakeError, counted, listed
from brainlake.figures.harmless import harmless_text
from brainlake.figures.text_width import cut
from brainlake.report.twins import twins_together
from brainlake.study.frames import check_table
from brainlake.study.likeness import ALIKE, refuse_unlike

DRAWN: Final = ("headline", "layer", "other_folds")
"""Kinds of scores that figures draw."""
QUESTION: Final = ("benchmark", "stimulus_set", "measure", "protocol")
"""Columns that say what was asked: scores of different questions share no axis."""
WHOLE: Final = ("subject", "roi", "target_id")
NORMALIZED: Final = "score / ceiling"
"""The metric of scores that are known only divided by their ceiling."""
Sort = Literal["model", "untrained", "baseline"]
LONGEST: Final = 160
"""Pixels of a label."""
SIZE: Final = 10
_ONE_SCORE: Final = (*QUESTION, "kind", "model", "recipe", "layer", *WHOLE)
_NEEDED: Final = (*_ONE_SCORE, *ALIKE, "metric", "score", "normalized", "ceiling", "ci_low", "ci_high", "ci_method")


def checked(scores: pl.DataFrame) -> pl.DataFrame:
    """The same table.

    Raises
    ------
    BrainlakeError
        If it is no table of scores.
    """
    check_table("scores", scores, _NEEDED, "a table of scores, all columns of it")
    return scores


def one_question(scores: pl.DataFrame) -> pl.DataFrame:
    """The same table of scores.

    Raises
    ------
    BrainlakeError
        If it answers several questions, whose scores share no axis; if one thing has two scores, or two models have
        scores that do not compare.
    """
    asked = checked(scores).select(QUESTION).unique(maintain_order=True)
    if len(asked) > 1:
        names = [about(row) for row in asked.to_dicts()]
        raise BrainlakeError(f"a figure has one question, and these scores answer several{listed(names)}; filter them")
    refuse_doubles(scores)
    refuse_unlike_models(scores)
    return scores


def refuse_doubles(scores: pl.DataFrame) -> None:
    """Refuse two scores where a figure has one place.

    Raises
    ------
    BrainlakeError
        With what has two.
    """
    drawn = scores.filter(pl.col("kind").is_in(DRAWN))
    twice = drawn.filter(drawn.select(_ONE_SCORE).is_duplicated())
    if len(twice):
        row = twice.row(0, named=True)
        there = "file" in twice.columns and twice["file"].count()
        files = f" ({', '.join(map(str, twice['file'].drop_nulls().unique(maintain_order=True)))})" if there else ""
        raise BrainlakeError(
            f"{row['model']} has two scores of kind {row['kind']} on {row['benchmark']} under protocol "
            f"{row['protocol']}{files}: give those that belong together"
        )


def refuse_unlike_models(scores: pl.DataFrame) -> None:
    """Refuse scores of models on one question that are about other stimuli, folds or controls than each other.

    Raises
    ------
    BrainlakeError
        With the first fact in which two differ.
    """
    whole = [pl.col(name).is_null() for name in WHOLE]
    seen: dict[str, Mapping[str, Any]] = {}
    for row in scores.filter(~pl.col("model").str.starts_with(BASELINE), *whole, kind="headline").to_dicts():
        refuse_unlike(seen, row)


def questions(scores: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every question that a table answers, with its name and rows."""
    for part in checked(scores).partition_by(QUESTION, maintain_order=True):
        yield about(part.row(0, named=True)), part


def about(row: dict[str, object]) -> str:
    """A question in words.

    Examples
    --------
    >>> about({"benchmark": "b", "stimulus_set": "b", "measure": "rt", "protocol": "pearson"})
    'b, rt, pearson'
    """
    return ", ".join(parts_of(row))


def parts_of(row: Mapping[str, object]) -> list[str]:
    """The benchmark, and what else a question is about; a stimulus set of the same name says nothing more."""
    parts = [str(row[name]) for name in QUESTION if row.get(name) is not None]
    return parts[:1] + parts[2:] if row.get("stimulus_set") == row["benchmark"] else parts


def of_kind(scores: pl.DataFrame, *kinds: str, whole: bool = True) -> pl.DataFrame:
    """Rows of some kinds, as a rule those about all targets, with a label and the sort of each model.

    Rows are as :func:`as_drawn` returns them.

    Raises
    ------
    BrainlakeError
        If none of them has a score.
    """
    rows = scores.filter(pl.col("kind").is_in(kinds))
    if whole:
        rows = rows.filter(pl.all_horizontal(pl.col(name).is_null() for name in WHOLE))
    rows = as_drawn(rows)
    if rows["score"].is_finite().sum() == 0:
        raise BrainlakeError(f"no scores of kind {' or '.join(kinds)}")
    return with_labels(rows)


def as_drawn(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows; of a question whose scores are known only divided by their ceiling, those; twins as one."""
    divided = pl.col("score").is_finite().sum().over(QUESTION) == 0
    nothing = {"ceiling", "ceiling_method", "ci_low", "ci_high", "ci_method"} & set(rows.columns)
    return twins_as_one(
        rows.with_columns(
            pl.when(divided).then("normalized").otherwise("score").alias("score"),
            pl.when(divided).then(pl.lit(NORMALIZED)).otherwise("metric").alias("metric"),
            *(pl.when(~divided).then(name).alias(name) for name in sorted(nothing)),
        )
    )


def twins_as_one(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows, twins that differ in the seed of their weights alone as one: mean, and range for an interval."""
    of_twins = pl.col("model").str.contains("+untrained-s", literal=True)
    twins = rows.filter(of_twins)
    if twins["model"].n_unique() < 2:
        return rows
    together = pl.DataFrame(twins_together(twins.to_dicts()), schema=rows.schema)
    return pl.concat([rows.filter(~of_twins), together])


def counted_models(rows: pl.DataFrame) -> str:
    """How many models rows with a ``sort`` are about; how many scores they have, where recipes make that more.

    Examples
    --------
    >>> counted_models(pl.DataFrame({"model": ["a", "a", "a+untrained-s0"], "sort": ["model", "model", "untrained"]}))
    '3 scores of 1 model and 1 untrained twin'
    """
    kinds = {"model": "model", "untrained": "untrained twin"}
    numbers = {kind: rows.filter(sort=kind)["model"].n_unique() for kind in kinds}
    text = " and ".join(counted(n, kinds[kind]) for kind, n in numbers.items() if n) or "no model"
    scores = len(rows.filter(pl.col("sort").is_in(kinds)))
    return text if sum(numbers.values()) == scores else f"{scores} scores of {text}"


def with_labels(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows with columns ``label`` and ``sort``."""
    named = labels(rows.select("model", "recipe").iter_rows())
    sorts = {key: sort_of(key[0]) for key in named}
    keys = list(rows.select("model", "recipe").iter_rows())
    return rows.with_columns(
        pl.Series("label", [named[key] for key in keys], dtype=pl.String),
        pl.Series("sort", [sorts[key] for key in keys], dtype=pl.String),
    )


def sort_of(model: str) -> Sort:
    """Whether a name is that of a trained model, of an untrained twin, or of a baseline."""
    return "baseline" if model.startswith(BASELINE) else "untrained" if "+untrained" in model else "model"


def labels(identities: Iterable[tuple[str, str | None]]) -> dict[tuple[str, str | None], str]:
    """A short label for every (model, recipe), no two alike.

    The owner of a model goes where no other model has the same name, the recipe where there is one alone, the middle
    of what is too long.

    Examples
    --------
    >>> labels([("openai--gpt2", "document"), ("baseline:length", None)]).values()
    dict_values(['gpt2', 'length'])
    """
    keys = list(dict.fromkeys(identities))
    recipes: dict[str, set[str | None]] = defaultdict(set)
    for model, recipe in keys:
        recipes[model].add(recipe)
    short = {model: model.removeprefix(BASELINE).rpartition("--")[2] or model for model in recipes}
    seen = Counter(short.values())
    found: dict[tuple[str, str | None], str] = {}
    taken: set[str] = set()
    for model, recipe in keys:
        name = short[model] if seen[short[model]] == 1 else model
        text = harmless_text(f"{name} {recipe}" if recipe is not None and len(recipes[model]) > 1 else name)
        label, number = cut(text, LONGEST, SIZE) or "?", 1
        while label in taken:
            number += 1
            label = f"{cut(text, LONGEST - 30, SIZE)} ({number})"
        taken.add(label)
        found[model, recipe] = label
    return found
