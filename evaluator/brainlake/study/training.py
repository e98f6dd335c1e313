"""How alignment changes in training: checkpoints of one model, tuned on instructions, on a control, or not at all."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from brainlake.study.frames import table_of
from brainlake.study.lineage import Model, lineage
from brainlake.study.model_scores import About, Answers, Question, Score, model_scores


@dataclass(frozen=True, kw_only=True)
class Checkpoint(About):
    """A checkpoint of a training, on one question.

    Attributes
    ----------
    start
        What the training began with: the base of a tuned model, else the model whose checkpoints these are.
    tuning
        As in ``models``: ``instruction``, ``control`` (the same texts without the instructions), ``vanilla``.
    score, ci_low, ci_high
        As in ``scores``.
    over_start
        Score less that of the base that was tuned; None where the bank does not have it.
    over_control
        Score of an instruction-tuned checkpoint less that of the control of the same base at the same step.
    """

    start: str
    tuning: str | None
    training_step: int
    model: str
    score: float
    ci_low: float | None
    ci_high: float | None
    over_start: float | None
    over_control: float | None


def training_curves(scores: pl.DataFrame, models: pl.DataFrame, benchmarks: pl.DataFrame | None = None) -> pl.DataFrame:
    """Line up checkpoints of trainings that have several, question by question.

    Checkpoints of one training are no independent draws: neither is their trend tested, nor has it an interval. What
    another run of the same training would have done, one run does not show.

    Parameters
    ----------
    scores, models, benchmarks
        As :func:`brainlake.study.pairs.tuning_pairs`.

    Returns
    -------
    A row a question, training and step; none where no training has two. Fields of :class:`Checkpoint` say what the
    columns are.

    Raises
    ------
    BrainlakeError
        If columns are missing, or scores or models contradict each other.
    """
    return table_of(curves(model_scores(scores, benchmarks), lineage(models)), Checkpoint)


def curves(answers: Answers, models: Mapping[str, Model]) -> list[Checkpoint]:
    """Checkpoints of every training that has several, on every question."""
    return [row for question, values in answers.items() for row in _curves(question, values, models)]


def _curves(question: Question, values: Mapping[str, Score], known: Mapping[str, Model]) -> list[Checkpoint]:
    trainings: dict[tuple[str, str | None], dict[int, Model]] = defaultdict(dict)
    for name in values:
        model = known.get(name)
        if model is not None and model.step is not None:
            trainings[model.line][model.step] = model
    rows = []
    for (start, tuning), steps in sorted(trainings.items(), key=str):
        controls = trainings.get((start, "control"), {}) if tuning == "instruction" else {}
        for step in sorted(steps) if len(steps) > 1 else ():
            here = values[steps[step].name]
            before = values.get(start) if tuning in ("instruction", "control") else None
            control = values[controls[step].name] if step in controls else None
            rows.append(
                Checkpoint(
                    **question.about,
                    start=start,
                    tuning=tuning,
                    training_step=step,
                    model=steps[step].name,
                    score=here.value,
                    ci_low=here.low,
                    ci_high=here.high,
                    over_start=None if before is None else here.value - before.value,
                    over_control=None if control is None else here.value - control.value,
                )
            )
    return rows
