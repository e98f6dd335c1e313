"""How alignment changes in training: checkpoints of one model, tuned on instructions, on a control, or not at all."""

from collections import defaultdict
from collections.abc import Mapping
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
        As in ``scores``.
    over_start
        Score less that of the base that was tuned; None where the bank does not have it.
    over_control
        Score of an instruction-tuned checkpoint less that of the control of the same base at the same step.
    """

    overall: bool
    start: str
    tuning: str | None
    hub_id: str | None
    quantization: str | None
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
    whole = overall(answers)
    return [row for asked, values in answers.items() for row in _curves(asked, asked in whole, values, models)]


def _curves(
    question: Question, whole: bool, values: Mapping[str, Score], known: Mapping[str, Model]
) -> list[Checkpoint]:
    trainings: dict[Training, dict[int, Model]] = defaultdict(dict)
    for name in values:
        model = known.get(name)
        if model is not None and model.step is not None:
            trainings[model.training][model.step] = model
    rows = []
    for training, steps in sorted(trainings.items(), key=str):
        controls = _controls(training, trainings)
        for step in sorted(steps) if len(steps) > 1 else ():
            here = values[steps[step].name]
            before = values.get(training.start) if training.tuning in ("instruction", "control") else None
            control = values[controls[step].name] if step in controls else None
            rows.append(
                Checkpoint(
                    **question.about,
                    overall=whole,
                    **training._asdict(),
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


def _controls(training: Training, trainings: Mapping[Training, dict[int, Model]]) -> dict[int, Model]:
    """Checkpoints of the one control that began with the same base as a training on instructions."""
    of_base = [steps for one, steps in trainings.items() if (one.start, one.tuning) == (training.start, "control")]
    return of_base[0] if training.tuning == "instruction" and len(of_base) == 1 else {}
