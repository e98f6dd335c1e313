"""Models that are studied, as data: ``zoo.csv`` beside this module, one row a model, in sets that have a name.

Hub ids and revisions are those of public cards and code; what could not be confirmed is left empty, and of licences
``not known``. The set ``aw2024`` are the 25 models of Aw et al. (2024), ``aw2024.gpt2`` their eight further ones; what
came of FLAN-T5 has T5-v1.1 as its base, as in the paper.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from brainlake.contract.layout import model_name
from brainlake.errors import UnknownNameError

ZOO: Final = "zoo:"
"""What stands before the name of a set, where models are named."""

_STEP: Final = re.compile(r"(?:stage1-)?step(\d+)(?:-.*)?")
"""How Pythia and OLMo name the checkpoints of one training; later stages of OLMo count their steps anew."""


@dataclass(frozen=True)
class Lineage:
    """What became of a model in training, as far as it is known: columns of ``models``.

    Attributes
    ----------
    tuning
        ``vanilla``, ``instruction``, ``control`` (tuned without instructions) or ``untrained``.
    base_model
        Name in a bank of the vanilla model that it was tuned from.
    training_step
        Steps that a checkpoint was trained for.
    """

    tuning: str | None = None
    base_model: str | None = None
    training_step: int | None = None

    def otherwise(self, known: "Lineage") -> "Lineage":
        """The same, with what it does not say from another one."""
        return replace(known, **{name: value for name, value in vars(self).items() if value is not None})


@dataclass(frozen=True)
class ZooModel:
    """One row of the table.

    Attributes
    ----------
    set, name
        Set that it belongs to, and what its authors, or the paper, call it.
    hub_id, revision
        Where it is; no revision for the main branch.
    training_step
        Of a checkpoint.
    family, architecture
        ``model_type`` and class in ``transformers``.
    n_params, n_layers, width
        Parameters, blocks (of encoder and decoder together) and features of the architecture; a tuned model may hold a
        few tokens more.
    tuning, base
        What it is, and the Hub id that it was tuned from.
    readout
        Module that the paper read in every block; empty where no paper did.
    licence, asks
        Licence by its card, ``not stated`` where it has none, ``not known`` where no copy of the card was found; and
        what is asked before it is used, if anything.
    """

    set: str
    name: str
    hub_id: str
    revision: str | None
    training_step: int | None
    family: str
    architecture: str
    n_params: int
    n_layers: int
    width: int
    tuning: str
    base: str | None
    readout: str | None
    licence: str | None
    asks: str | None

    @property
    def source(self) -> str:
        """How it is asked for: its Hub id, with its revision if it has one."""
        return f"{self.hub_id}@{self.revision}" if self.revision else self.hub_id

    @property
    def lineage(self) -> Lineage:
        """What becomes columns of ``models``."""
        return Lineage(self.tuning, model_name(self.base) if self.base else None, self.training_step)


@cache
def zoo() -> tuple[ZooModel, ...]:
    """All rows of the table, in its order."""
    text = files(__package__).joinpath("zoo.csv").read_text(encoding="utf-8")
    return tuple(_model(row) for row in csv.DictReader(text.splitlines()))


def _model(row: dict[str, str]) -> ZooModel:
    numbers = ("training_step", "n_params", "n_layers", "width")
    cells: dict[str, Any] = {
        name: int(cell) if cell and name in numbers else cell or None for name, cell in row.items()
    }
    return ZooModel(**cells)


def sources(names: Iterable[str]) -> tuple[str, ...]:
    """Models by name, with the members of a set in the place of ``zoo:<set>``; each once.

    Raises
    ------
    UnknownNameError
        If there is no such set.

    Examples
    --------
    >>> sources(["zoo:gemma3", "openai-community/gpt2"])
    ('google/gemma-3-1b-pt', 'google/gemma-3-1b-it', 'openai-community/gpt2')
    """
    found: list[str] = []
    for name in names:
        found += [model.source for model in members(name.removeprefix(ZOO))] if name.startswith(ZOO) else [name]
    return tuple(dict.fromkeys(found))


def members(name: str) -> list[ZooModel]:
    """The models of a set.

    Raises
    ------
    UnknownNameError
        If there is no such set.
    """
    found = [model for model in zoo() if model.set == name]
    if not found:
        raise UnknownNameError("set of the zoo", name, {model.set for model in zoo()})
    return found


def lineage_of(hub_id: str, revision: str | None) -> Lineage:
    """What is known of a model on the Hub: by the table, else the step that its revision names.

    Examples
    --------
    >>> lineage_of("lmsys/vicuna-7b-v1.3", None)
    Lineage(tuning='instruction', base_model='huggyllama--llama-7b', training_step=None)
    >>> lineage_of("EleutherAI/pythia-70m", "step3000")
    Lineage(tuning=None, base_model=None, training_step=3000)
    """
    wanted = None if revision == "main" else revision
    known = next((model for model in zoo() if (model.hub_id, model.revision) == (hub_id, wanted)), None)
    if known:
        return known.lineage
    step = _STEP.fullmatch(wanted or "")
    return Lineage(training_step=int(step[1]) if step else None)
