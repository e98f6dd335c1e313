"""Who was tuned from whom: models as the study sees them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import polars as pl

from brainlake.contract.layout import model_name
from brainlake.errors import BrainlakeError
from brainlake.study.frames import check_table

NOT_STATED: Final = "not stated"
"""The family of a model whose family is not known."""
_COLUMNS: Final = (*("model", "hub_id", "family", "n_params", "tuning", "base_model", "training_step", "quantization"),)


class Training(NamedTuple):
    """What checkpoints of one training share; ``start`` is the base, or where there is none the model itself."""

    start: str
    tuning: str | None
    hub_id: str | None
    quantization: str | None


@dataclass(frozen=True)
class Model:
    """A model and where it comes from.

    Attributes
    ----------
    name
        As in ``models``.
    base
        The model that it was tuned from; its own name if from none.
    root
        The model that its base goes back to: what models share that count as little more than one.
    family
        Architecture, such as llama; ``not stated`` where the bank does not say it.
    step
        Training step, of a checkpoint.
    last
        Whether it is the last checkpoint of its training, or no checkpoint.
    """

    name: str
    base: str
    root: str
    tuning: str | None
    family: str
    n_params: int | None
    step: int | None
    training: Training
    last: bool

    @property
    def tuned(self) -> bool:
        """Whether it was tuned on instructions."""
        return self.tuning == "instruction"

    @property
    def counts(self) -> bool:
        """Whether it is one of the models that are correlated: trained to its end, and no control of another."""
        return self.last and self.tuning not in ("untrained", "control")


def lineage(models: pl.DataFrame) -> dict[str, Model]:
    """Return the models of a table ``models``, by name.

    ``base_model`` may be the name of a model in the bank or its id on the Hub. Checkpoints of one training share a
    base and an id on the Hub, as far as they have them.

    Raises
    ------
    BrainlakeError
        If the table lacks a column, names a model twice with different facts, two checkpoints of one training are at
        one step, or a model goes back to itself.
    """
    check_table("models", models, _COLUMNS, "the table models of a bank")
    rows = models.select(_COLUMNS).unique(maintain_order=True).to_dicts()
    names = [row["model"] for row in rows]
    twice = sorted(name for name, n in Counter(names).items() if n > 1)
    if twice:
        raise BrainlakeError(f"models: {', '.join(twice)} stands there more than once, with different facts")
    bases = {row["model"]: _base(row, names) for row in rows}
    _refuse_circles(bases)
    hub_ids = {row["model"]: row["hub_id"] for row in rows}
    trainings = {row["model"]: _training(row, bases[row["model"]]) for row in rows}
    steps = _steps(rows, trainings)
    return {
        row["model"]: Model(
            name=row["model"],
            base=bases[row["model"]] or row["model"],
            root=_root(row["model"], bases, hub_ids),
            tuning=row["tuning"],
            family=row["family"] or NOT_STATED,
            n_params=row["n_params"],
            step=row["training_step"],
            training=trainings[row["model"]],
            last=row["training_step"] in (None, max(steps.get(trainings[row["model"]], {-1: ""}))),
        )
        for row in rows
    }


def families(models: Iterable[Model]) -> list[str]:
    """Families of some models, in order."""
    return sorted({model.family for model in models})


def _base(row: Mapping[str, Any], names: list[str]) -> str | None:
    """The name in the bank of the model that one was tuned from, whether the bank has it or not."""
    base: str | None = row["base_model"]
    return base if base is None or base in names else model_name(base)


def _refuse_circles(bases: Mapping[str, str | None]) -> None:
    for name in bases:
        way, base = [name], bases[name]
        while base is not None and base not in way:
            way.append(base)
            base = bases.get(base)
        if base == name:
            raise BrainlakeError(
                f"models: {' was tuned from '.join([*way, name])}: correct a base_model, a model is not its own base"
            )


def _root(name: str, bases: Mapping[str, str | None], hub_ids: Mapping[str, str | None]) -> str:
    """Where a model goes back to, base by base; what has no base goes by its id, whatever its revision or weights."""
    while (base := bases.get(name)) is not None:
        name = base
    hub_id = hub_ids.get(name)
    return name if hub_id is None else model_name(hub_id)


def _training(row: Mapping[str, Any], base: str | None) -> Training:
    return Training(base or row["hub_id"] or row["model"], row["tuning"], row["hub_id"], row["quantization"])


def _steps(rows: Iterable[Mapping[str, Any]], trainings: Mapping[str, Training]) -> dict[Training, dict[int, str]]:
    """Checkpoints of every training by step."""
    found: dict[Training, dict[int, str]] = {}
    for row in rows:
        name, step = row["model"], row["training_step"]
        if step is None:
            continue
        other = found.setdefault(trainings[name], {}).setdefault(step, name)
        if other != name:
            raise BrainlakeError(
                f"models: {other} and {name} are both step {step} of what looks like one training (same base, tuning "
                "and hub_id): give them different bases, or one of them no training_step"
            )
    return found
