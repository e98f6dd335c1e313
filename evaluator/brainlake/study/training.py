"""How alignment changes in training: checkpoints of one model, tuned on instructions, on a control, or not at all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from brainlake.study.frames import table_of
from brainlake.study.lineage import Model, Training, lineage
from brainlake.study.model_scores import About, Answers, Question, Score, model_scores, overall


@dataclass(frozen=True, kw_only=True)
class Checkpoint(About):
    """A checkpoint of a training, on one question.

    Attributes
    ----------
    overall
        Whether it is about the mean of all benchmarks of the protocol, or the only one, or behavior.
    start
        What the training began with: the base of a tuned model, else the model whose checkpoints these are.
    tuning
        As in ``models``: ``instruction``, ``control`` (the same texts without the instructions), ``vanilla``.
    hub_id, quantization
        As in ``models``: what tells two trainings of one start apart.
    score, ci_low, ci_high
        As in ``scores``; None where this checkpoint has none on the question, though another of its training has.
    over_start
        Score less that of the base that was tuned; None where the bank does not have both.
    over_control
        Score of an instruction-tuned checkpoint less that of the control of the same base at the same step; None where
        the bank does not have both.
    """

    overall: bool
    start: str
    tuning: str | None
    hub_id: str | None
    quantization: str | None
    training_step: int
    model: str
    score: float | None
    ci_low: float | None
    ci_high: float | None
    over_start: float | None
    over_control: float | None


def training_curves(scores: pl.DataFrame, models: pl.DataFrame, benchmarks: pl.DataFrame | None = None) -> pl.DataFrame:
    """Line up checkpoints of trainings that have several, on every question that one of them has a score of.

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
    """Checkpoints of every training that has several, on every question that one of them has a score of."""
    whole, trainings = overall(answers), _trainings(models.values())
    return [row for asked, values in answers.items() for row in _curves(asked, asked in whole, values, trainings)]


def _trainings(models: Iterable[Model]) -> dict[Training, dict[int, str]]:
    """Checkpoints of every training by step."""
    found: dict[Training, dict[int, str]] = defaultdict(dict)
    for model in models:
        if model.step is not None:
            found[model.training][model.step] = model.name
    return {training: dict(sorted(found[training].items())) for training in sorted(found, key=str)}


def _curves(
    question: Question, whole: bool, values: Mapping[str, Score], trainings: Mapping[Training, Mapping[int, str]]
) -> list[Checkpoint]:
    rows = []
    for training, steps in trainings.items():
        if len(steps) == 1 or values.keys().isdisjoint(steps.values()):
            continue
        controls = _controls(training, trainings)
        before = values.get(training.start) if training.tuning in ("instruction", "control") else None
        for step, name in steps.items():
            here = values.get(name)
            rows.append(
                Checkpoint(
                    **question.about,
                    overall=whole,
                    **training._asdict(),
                    training_step=step,
                    model=name,
                    score=None if here is None else here.value,
                    ci_low=None if here is None else here.low,
                    ci_high=None if here is None else here.high,
                    over_start=_over(here, before),
                    over_control=_over(here, values.get(controls.get(step, ""))),
                )
            )
    return rows


def _over(score: Score | None, other: Score | None) -> float | None:
    return None if score is None or other is None else score.value - other.value


def _controls(training: Training, trainings: Mapping[Training, Mapping[int, str]]) -> Mapping[int, str]:
    """Checkpoints of the one control that began with the same base as a training on instructions."""
    of_base = [steps for one, steps in trainings.items() if (one.start, one.tuning) == (training.start, "control")]
    return of_base[0] if training.tuning == "instruction" and len(of_base) == 1 else {}
