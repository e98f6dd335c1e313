"""What models are called in a figure, and how many of which sort it shows."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final, Literal

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.errors import counted
from brainlake.figures.harmless import harmless_text
from brainlake.figures.text_width import cut

Sort = Literal["model", "untrained", "baseline"]
LONGEST: Final = 160
"""Pixels of a label."""
SIZE: Final = 10


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


def sort_of(model: str) -> Sort:
    """Whether a name is that of a trained model, of an untrained twin, or of a baseline."""
    return "baseline" if model.startswith(BASELINE) else "untrained" if "+untrained" in model else "model"


def with_labels(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows with columns ``label`` and ``sort``."""
    named = labels(rows.select("model", "recipe").iter_rows())
    sorts = {key: sort_of(key[0]) for key in named}
    keys = list(rows.select("model", "recipe").iter_rows())
    return rows.with_columns(
        pl.Series("label", [named[key] for key in keys], dtype=pl.String),
        pl.Series("sort", [sorts[key] for key in keys], dtype=pl.String),
    )


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
