"""Which models differ: paired differences of headline scores on the same stimuli and folds, or stories, or people."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from brainlake.alignment.brain_comparison import compare_brain
from brainlake.alignment.design.replicates import MIN_REPLICATES, check_replicates
from brainlake.alignment.reading.comparison import compare_reading
from brainlake.bank import arguments
from brainlake.bank.catalogue import AnyBank, as_bank
from brainlake.encoding.paired import alike
from brainlake.errors import BrainlakeError

LEVEL: Final = 0.05
"""Adjusted p values above this do not tell two models apart."""


_PAIR: Final = {"model_a", "recipe_a", "model_b", "recipe_b", "p_adjusted"}


def compare(
    bank: AnyBank,
    benchmark: str,
    *,
    models: str | Sequence[str] | None = None,
    recipes: str | Sequence[str] | None = None,
    protocol: str | None = None,
    layers: int | Sequence[int] | None = None,
    baselines: str | Sequence[str] | None = None,
    measures: str | Sequence[str] | None = None,
    stimuli: str | Sequence[str] | None = None,
    frequency: str | None = None,
    n_boot: int = 1000,
) -> pl.DataFrame:
    """Compare every two models, and models with baselines, on a benchmark of brain responses or of reading times.

    Parameters
    ----------
    bank, benchmark, models, recipes, layers, baselines, n_boot
        As in :func:`brainlake.brain_alignment`.
    protocol
        Of brain responses one whose layers are chosen without the test folds: ``grouped``, the default, or a variant.
        Of reading times ``delta_llh``, the default, ``pearson``, ``mixed``, or a variant.
    measures, frequency
        As in :func:`brainlake.behavioral_alignment`; of reading times alone.
    stimuli
        Stimulus sets, scored as one; of reading times alone. Needed where a measure has several.

    Returns
    -------
    Columns of ``comparisons``: a row a pair, the better one first, its difference in the headline score with a 95 %
    interval and a p value, as it is and adjusted for all pairs of the table (of reading times, of the measure). All
    are scored on the same words. On a composite benchmark the difference is the mean of those of its parts. Under six
    stories, or five people who read, there is no interval, and ``ci_method`` says so.

    Raises
    ------
    UnknownNameError
        If the bank has no such benchmark, model, recipe, layer, measure or stimulus set.
    BrainlakeError
        If there are not two to compare, or folds have no intervals; if one has no score.
    """
    benchmark = arguments.one_name("benchmark", benchmark)
    of_reading = {"measures": measures, "stimuli": stimuli, "frequency": frequency}
    given = [name for name, value in of_reading.items() if value is not None]
    chosen_names = arguments.some_names("models", models), arguments.some_names("recipes", recipes)
    of_measures, of_stimuli = arguments.some_names("measures", measures), arguments.some_names("stimuli", stimuli)
    of_layers, of_baselines = arguments.numbers("layers", layers), arguments.names("baselines", baselines)
    protocol = None if protocol is None else arguments.one_name("protocol", protocol)
    frequency = None if frequency is None else arguments.one_name("frequency", frequency)
    n_boot = check_replicates(arguments.number("n_boot", n_boot, at_least=MIN_REPLICATES))
    bank = as_bank(bank)
    if benchmark in bank.names("reading_times") and (given or benchmark not in bank.names("responses")):
        if of_layers is not None:
            raise BrainlakeError(f"{benchmark} has reading times, which surprisal is scored on: it has no layers")
        return compare_reading(
            bank,
            benchmark,
            *chosen_names,
            protocol=protocol or "delta_llh",
            measures=of_measures,
            stimuli=of_stimuli,
            baselines=of_baselines,
            frequency=frequency,
            n_boot=n_boot,
        )
    if given:
        raise BrainlakeError(f"{benchmark} has no reading times: leave {', '.join(given)} out")
    return compare_brain(
        bank,
        benchmark,
        *chosen_names,
        protocol=protocol or "grouped",
        layers=of_layers,
        baselines=of_baselines,
        n_boot=n_boot,
    )


def indistinguishable(comparisons: pl.DataFrame) -> list[list[str]]:
    """Return the largest groups of models, the best first, no two of which the comparisons tell apart.

    Parameters
    ----------
    comparisons
        What :func:`compare` returned: all pairs of one benchmark.

    Raises
    ------
    BrainlakeError
        If it is something else.
    """
    if not isinstance(comparisons, pl.DataFrame) or not set(comparisons.columns) >= _PAIR:
        raise BrainlakeError("groups are made of comparisons: give what compare returns")
    different_pairs = (pl.col("p_adjusted") <= LEVEL).fill_null(False)  # null where there is no p value
    pairs = comparisons.select(a=_label("a"), b=_label("b"), different=different_pairs).to_dicts()
    wins = pl.Series([row["a"] for row in pairs]).value_counts()
    ahead = dict(zip(wins.to_series(0), wins["count"], strict=True))
    names = sorted(dict.fromkeys(row[side] for row in pairs for side in "ab"), key=lambda name: -ahead.get(name, 0))
    different = np.zeros((len(names), len(names)), dtype=np.bool_)
    for row in pairs:
        i, j = names.index(row["a"]), names.index(row["b"])
        different[i, j] = different[j, i] = row["different"]
    return [[names[i] for i in group] for group in alike(different)]


def _label(side: str) -> pl.Expr:
    return pl.concat_str(f"model_{side}", f"recipe_{side}", separator=" ", ignore_nulls=True)
