"""What is to be extracted, in one piece."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from brainlake.bank.arguments import flag, impossible, names, number, numbers, one_name, one_of, place
from brainlake.engines.unit import ENGINES, EngineName
from brainlake.errors import BrainlakeError
from brainlake_builder.models.zoo import Lineage, sources
from brainlake_builder.tables.stated_table import bank_name

if TYPE_CHECKING:  # the command line builds requests without waiting for transformers
    from brainlake_builder.models.files import Quantization

TUNINGS = ("vanilla", "instruction", "control")
"""What can be said of the tuning of weights that were trained."""

MAX_SEED = 2**63 - 1
"""The largest that torch takes."""


@dataclass(frozen=True)
class Shard:
    """Part ``index`` of ``count``, from 1.

    Raises
    ------
    BrainlakeError
        If the index is not in 1..count.
    """

    index: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.count:
            raise BrainlakeError(f"a shard is i/n with 1 <= i <= n, such as 2/8, not {self.index}/{self.count}")

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read ``i/n``.

        Raises
        ------
        BrainlakeError
            If it is not that, or i is not in 1..n.

        Examples
        --------
        >>> Shard.parse("2/8")
        Shard(index=2, count=8)
        """
        index, _, count = text.partition("/")
        if not (index.isdecimal() and count.isdecimal()):
            raise BrainlakeError(f"a shard is i/n with 1 <= i <= n, such as 2/8, not {text!r}")
        return cls(int(index), int(count))


@dataclass(frozen=True)
class ExtractionRequest:
    """Which models read which stimuli, by which recipes, into which bank.

    One string stands for one name, and a name that is given twice counts once.

    Attributes
    ----------
    bank, models, stimuli, recipes
        As in :func:`brainlake_builder.extract`.
    name
        Name in the bank of a single local folder.
    revision, quantization, gguf, adapter, trust_remote_code
        See :func:`~brainlake_builder.models.files.locate_model`.
    untrained_seed
        Random weights instead of the model's own: a seed, or several, each of which is a model.
    tuning, base_model, training_step
        What became of the models in training (see :class:`~brainlake_builder.models.zoo.Lineage`), where the zoo does
        not know it, or otherwise; the base model by its name in the bank, or its Hub id.
    device
        See :func:`~brainlake_builder.models.loading.load_model`.
    shard
        Take part ``index`` of ``count`` that cost alike; the tasks of a model stay together where there are enough
        models.
    surprisal
        Whether to write surprisal as well as activations.
    overwrite
        Replace files that were made from something else.
    fail_fast
        Let the first failure end it all; by default the rest is done, and the error comes last.
    engine
        ``local``: this process runs the models one behind the other. ``ray``: the machines of a Ray cluster do, a model
        a process.
    cpus, gpu_memory
        With the engine ``ray``: processors of a model, and GB that one GPU has.
    """

    bank: Path
    models: Sequence[str]
    stimuli: Sequence[str]
    recipes: Sequence[str] = ("document",)
    _: KW_ONLY
    name: str | None = None
    revision: str | None = None
    device: str = "cpu"
    untrained_seed: int | Sequence[int] | None = None
    quantization: "Quantization | None" = None
    gguf: str | None = None
    adapter: str | None = None
    trust_remote_code: bool = False
    tuning: str | None = None
    base_model: str | None = None
    training_step: int | None = None
    shard: Shard | None = None
    surprisal: bool = True
    overwrite: bool = False
    fail_fast: bool = False
    engine: EngineName = "local"
    cpus: int = 1
    gpu_memory: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "bank", place("bank", self.bank))
        for field in ("models", "stimuli", "recipes"):
            found = names(field, getattr(self, field))
            if not found:
                raise impossible(field, getattr(self, field), "a name, or a list of names")
            object.__setattr__(self, field, sources(found) if field == "models" else found)
        for field in ("name", "revision", "gguf", "adapter", "quantization", "base_model"):
            if getattr(self, field) is not None:
                one_name(field, getattr(self, field))
        one_name("device", self.device)
        for field in ("trust_remote_code", "surprisal", "overwrite", "fail_fast"):
            flag(field, getattr(self, field))
        if self.shard is not None and not isinstance(self.shard, Shard):
            raise impossible("shard", self.shard, "a Shard, such as Shard(2, 8)")
        for field in ("name", "training_step"):
            if getattr(self, field) is not None and len(self.models) != 1:
                raise impossible(field, getattr(self, field), "given to one model at a time")
        object.__setattr__(self, "untrained_seed", numbers("untrained_seed", self.untrained_seed))
        for seed in self.untrained_seed if isinstance(self.untrained_seed, tuple) else ():
            number("untrained_seed", seed, at_most=MAX_SEED)
        one_of("engine", self.engine, ENGINES)
        number("cpus", self.cpus, at_least=1)
        if self.gpu_memory is not None:
            number("gpu_memory", self.gpu_memory, at_least=1)
        if self.tuning is not None:
            one_of("tuning", self.tuning, TUNINGS)
        if self.training_step is not None:
            number("training_step", self.training_step)

    @property
    def seeds(self) -> tuple[int | None, ...]:
        """Seeds of the weights; None for the model's own."""
        return numbers("untrained_seed", self.untrained_seed) or (None,)

    @property
    def lineage(self) -> Lineage:
        """What is said of the models' training."""
        base = None if self.base_model is None else bank_name(self.base_model)
        return Lineage(self.tuning, base, self.training_step)
