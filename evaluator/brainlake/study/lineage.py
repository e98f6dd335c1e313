"""Who was tuned from whom: models as the study sees them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from brainlake.contract.layout import model_name
from brainlake.errors import BrainlakeError

_COLUMNS = ("model", "hub_id", "family", "n_params", "tuning", "base_model", "training_step")


@dataclass(frozen=True)
class Model:
    """A model and where it comes from.

    Attributes
    ----------
    name
        As in ``models``.
    base
        The model that it was tuned from; its own name if from none.
    tuned
        Whether it was tuned on instructions.
    family
        Architecture, such as llama; ``not stated`` where the bank does not say it.
    line
        What it shares with other checkpoints of one training: base and tuning.
    last
        Whether it is the last checkpoint of its line, or no checkpoint.
    """

    name: str
    base: str
    tuning: str | None
    family: str
    n_params: int | None
    step: int | None
    line: tuple[str, str | None]
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
    base, or, where there is none, an id on the Hub.

    Raises
    ------
    BrainlakeError
        If the table lacks a column, or names a model twice with different facts.
    """
    missing = [name for name in _COLUMNS if name not in models.columns]
    if missing:
        raise BrainlakeError(f"models: no column {', '.join(missing)}: give the table models of a bank")
    rows = models.select(_COLUMNS).unique(maintain_order=True).to_dicts()
    names = [row["model"] for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BrainlakeError(f"models: {', '.join(twice)} stands there more than once, with different facts")
    for row in rows:
        row["line"] = (_base(row, names) or row["hub_id"] or row["model"], row["tuning"])
    ends: dict[Any, int] = {}
    for row in rows:
        ends[row["line"]] = max(ends.get(row["line"], -1), _step(row))
    return {
        row["model"]: Model(
            name=row["model"],
            base=_base(row, names) or row["model"],
            tuning=row["tuning"],
            family=row["family"] or NOT_STATED,
            n_params=row["n_params"],
            step=row["training_step"],
            line=row["line"],
            last=row["training_step"] is None or _step(row) == ends[row["line"]],
        )
        for row in rows
    }


NOT_STATED = "not stated"
"""The family of a model whose family is not known."""


def families(models: Iterable[Model]) -> list[str]:
    """Families of some models, in order."""
    return sorted({model.family for model in models})


def _base(row: dict[str, Any], names: list[str]) -> str | None:
    """The name in the bank of the model that one was tuned from, whether the bank has it or not."""
    base: str | None = row["base_model"]
    return base if base is None or base in names else model_name(base)


def _step(row: dict[str, Any]) -> int:
    return -1 if row["training_step"] is None else int(row["training_step"])
