"""What stands below a figure: what its marks are, and n, protocol, recipe, folds and baselines of what it shows."""

from collections.abc import Iterable

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.contract.printable import printable
from brainlake.figures.rows import as_drawn
from brainlake.report.notes import notes_on


def caption(marks: str, drawn: pl.DataFrame, *, more: Iterable[str] = ()) -> str:
    """A paragraph.

    Parameters
    ----------
    marks
        What is drawn.
    drawn
        The rows of ``scores`` that are drawn.
    more
        Sentences that end it.
    """
    rows = as_drawn(drawn).to_dicts()
    of_models = [row for row in rows if not row["model"].startswith(BASELINE)]
    others = [row for row in rows if row["kind"] == "other_folds"]
    own = [row for row in of_models or rows if row["kind"] != "other_folds"]
    sentences = [marks, *notes_on(own, (), others, (), brackets=False)]
    known = dict.fromkeys(row["model"].removeprefix(BASELINE) for row in rows if row["model"].startswith(BASELINE))
    sentences += [f"Baselines: {', '.join(_families(known))}." if known else "No baselines."]
    recipes = dict.fromkeys(row["recipe"] for row in own if row["recipe"] is not None)
    sentences += [f"Recipes: {', '.join(recipes)}."] if len(recipes) > 1 else []
    return printable(" ".join([*sentences, *more]))


def _families(names: Iterable[str]) -> list[str]:
    """Names of baselines; of those that every model has one of, ``n_tokens(gpt2)``, how many there are.

    Examples
    --------
    >>> _families(["length", "n_tokens(a)", "n_tokens(b)"])
    ['length', 'n_tokens of 2 models']
    """
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(name.partition("(")[0], []).append(name)
    return [same[0] if len(same) == 1 else f"{family} of {len(same)} models" for family, same in families.items()]
