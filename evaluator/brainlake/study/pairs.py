"""Each tuned model beside the model that it was tuned from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.study.frames import table_of
from brainlake.study.lineage import Model, lineage
from brainlake.study.model_scores import About, Answers, Question, Score, model_scores

NEAR_ZERO: Final = 0.02
"""Scores of bases up to which there is no relative change: one of .01 would be more than half of such a score."""

NO_PAIR: Final = (
    "no model tuned on instructions has a score beside its base: the table models says which ones are "
    "(tuning = instruction, base_model), and both need scores under the same protocol and recipe"
)


@dataclass(frozen=True, kw_only=True)
class Pair(About):
    """A tuned model and its base on one question.

    Attributes
    ----------
    root
        The model that the base goes back to: what is counted.
    change
        Relative to the base; None where the base's score is too near zero for that.
    """

    model: str
    base: str
    root: str
    family: str
    score: float
    base_score: float
    difference: float
    change: float | None


def tuning_pairs(scores: pl.DataFrame, models: pl.DataFrame, benchmarks: pl.DataFrame | None = None) -> pl.DataFrame:
    """Compare each model that was tuned on instructions with its base, on every question that both answer.

    Parameters
    ----------
    scores, models
        The tables of a bank, or rows of them. Of several checkpoints of one training the last counts.
    benchmarks
        The table of a bank, which says which benchmark is the mean of others; without it none is.

    Returns
    -------
    A row a pair and question: both scores, their difference, and the relative change. There is no relative change where
    the score of the base is .02 or less, or its interval holds 0.

    Raises
    ------
    BrainlakeError
        If there is no such pair, or scores or models contradict each other.
    """
    found = pairs(model_scores(scores, benchmarks), lineage(models))
    if not found:
        raise BrainlakeError(NO_PAIR)
    return table_of([pair for of_one in found.values() for pair in of_one], Pair)


def pairs(answers: Answers, models: Mapping[str, Model]) -> dict[Question, list[Pair]]:
    """Pairs of every question that some pair answers."""
    found = {
        question: [
            _pair(question, model, values)
            for model in _tuned(models)
            if model.base != model.name and {model.name, model.base} <= values.keys()
        ]
        for question, values in answers.items()
    }
    return {question: of_one for question, of_one in found.items() if of_one}


def unpaired(answers: Answers, models: Mapping[str, Model]) -> list[str]:
    """Tuned models that are in no pair although they have scores, each with why."""
    paired = {pair.model for of_one in pairs(answers, models).values() for pair in of_one}
    scored = {name for values in answers.values() for name in values}
    ended = {model.training for model in _tuned(models) if model.name in scored and model.step is not None}
    found = []
    for model in sorted(models.values(), key=lambda model: model.name):
        if not model.tuned or model.name not in scored - paired:
            continue
        if model.last:
            found.append(f"{model.name} ({'no base_model' if model.base == model.name else f'base {model.base}'})")
        elif model.training not in ended:
            found.append(f"{model.name} (the last step of its training has no scores)")
    return found


def _tuned(models: Mapping[str, Model]) -> list[Model]:
    return [model for model in models.values() if model.tuned and model.last]


def _pair(question: Question, model: Model, values: Mapping[str, Score]) -> Pair:
    tuned, base = values[model.name], values[model.base]
    near_zero = base.value <= NEAR_ZERO or (base.low is not None and base.low <= 0)
    return Pair(
        **question.about,
        model=model.name,
        base=model.base,
        root=model.root,
        family=model.family,
        score=tuned.value,
        base_score=base.value,
        difference=tuned.value - base.value,
        change=None if near_zero else tuned.value / base.value - 1,
    )
