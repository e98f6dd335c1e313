"""Which rows of a table of scores a figure draws, and what its models are called in it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, Literal

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.contract.printable import printable
from brainlake.errors import BrainlakeError, listed
from brainlake.figures.text_width import cut
from brainlake.study.frames import check_table

QUESTION: Final = ("benchmark", "stimulus_set", "measure", "protocol")
"""Columns that say what was asked: scores of different questions share no axis."""
WHOLE: Final = ("subject", "roi", "target_id")
Sort = Literal["model", "untrained", "baseline"]
LONGEST: Final = 160
"""Pixels of a label."""
SIZE: Final = 10
_NEEDED: Final = (*QUESTION, *WHOLE, "kind", "model", "recipe", "layer", "folds", "metric", "score", "ceiling")


def checked(scores: pl.DataFrame) -> pl.DataFrame:
    """The same table.

    Raises
    ------
    BrainlakeError
        If it is no table of scores.
    """
    check_table("scores", scores, (*_NEEDED, "ci_low", "ci_high"), "a table of scores, all columns of it")
    return scores


def one_question(scores: pl.DataFrame) -> pl.DataFrame:
    """The same table of scores.

    Raises
    ------
    BrainlakeError
        If it answers several questions, whose scores share no axis.
    """
    asked = checked(scores).select(QUESTION).unique(maintain_order=True)
    if len(asked) > 1:
        names = [about(row) for row in asked.to_dicts()]
        raise BrainlakeError(f"a figure has one question, and these scores answer several{listed(names)}; filter them")
    return scores


def questions(scores: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every question that a table answers, with its name and rows."""
    for part in checked(scores).partition_by(QUESTION, maintain_order=True):
        yield about(part.row(0, named=True)), part


def about(row: dict[str, object]) -> str:
    """A question in words.

    Examples
    --------
    >>> about({"benchmark": "b", "stimulus_set": None, "measure": "rt", "protocol": "pearson"})
    'b, rt, pearson'
    """
    return ", ".join(str(row[name]) for name in QUESTION if row.get(name) is not None)


def of_kind(scores: pl.DataFrame, *kinds: str, whole: bool = True) -> pl.DataFrame:
    """Rows of some kinds, as a rule those about all targets, with a label and the sort of each model.

    Raises
    ------
    BrainlakeError
        If none of them has a score.
    """
    rows = scores.filter(pl.col("kind").is_in(kinds))
    if whole:
        rows = rows.filter(pl.all_horizontal(pl.col(name).is_null() for name in WHOLE))
    if rows["score"].is_finite().sum() == 0:
        raise BrainlakeError(f"no scores of kind {' or '.join(kinds)}")
    return with_labels(rows)


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
        text = printable(f"{name} {recipe}" if recipe is not None and len(recipes[model]) > 1 else name)
        label, number = cut(text, LONGEST, SIZE) or "?", 1
        while label in taken:
            number += 1
            label = f"{cut(text, LONGEST - 30, SIZE)} ({number})"
        taken.add(label)
        found[model, recipe] = label
    return found
