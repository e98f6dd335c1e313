"""A recipe says how text becomes numbers; its digest names it wherever a number is stored."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from brainlake.contract.variant import Value, Values, read_variant, variant_name
from brainlake.errors import BrainlakeError


def recipe_digest(facts: dict[str, Any]) -> str:
    """Digest of the facts of a procedure; see :attr:`Procedure.digest`."""
    text = json.dumps({k: v for k, v in facts.items() if k != "name"}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Procedure:
    """Facts under a name; a digest tells two procedures apart wherever a number is stored."""

    name: str

    @property
    def facts(self) -> dict[str, Any]:
        """What is stored of it."""
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        """The facts as canonical JSON: sorted keys, no white space."""
        return json.dumps(self.facts, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """First 8 hexadecimal digits of the sha256 of the canonical JSON, the name apart.

        The name is left out so that two names of one procedure share their digest.
        """
        return recipe_digest(self.facts)


@dataclass(frozen=True)
class Readout:
    """A readout that has a name; any other one is a module's path inside a block.

    Attributes
    ----------
    words
        What is read, for people.
    module
        Path inside a block of the module whose output is read; empty for the block itself.
    llama
        The same where blocks are built as LLaMA's are; null where that makes no difference.
    embedding
        Whether what enters the first block is layer 0.
    """

    words: str
    module: str = ""
    llama: str | None = None
    embedding: bool = False


READOUTS: Final[dict[str, Readout]] = {
    "residual": Readout(
        "the residual stream as it leaves each block, before any final norm, and the embedding as layer 0",
        embedding=True,
    ),
    "paper": Readout(
        "what Aw et al. (2023) read: post_attention_layernorm for LLaMA architectures, block outputs elsewhere",
        llama="post_attention_layernorm",
    ),
}


FIRST_FIELDS: Final = (
    *("name", "context", "window_words", "pool", "readout", "start", "truncation", "max_tokens", "prompt", "dtype"),
    *("boundary", "future_leak"),
)
"""Fields that the first recipes had: they are in every digest, whatever their value."""


def _field(default: Value, values: Values) -> Any:
    """A field of a recipe: its default, its values and their words."""
    return dataclasses.field(default=default, metadata={"values": values})


@dataclass(frozen=True)
class Recipe(Procedure):
    """How the text of stimuli is fed to a model, and what is read from it.

    ``name`` is the canonical one, as :func:`parse_recipe` gives it. What each field takes, and what that means, stands
    with the field, and nowhere else.
    """

    context: str = _field(
        "document",
        Values(
            {
                "document": "an item is read behind all earlier ones of its document, which is tokenised once",
                "accumulate": "one pass a growing prefix over context_id, joined the Brain-Score way",
                "window": "one pass an item, over the last items up to it",
                "none": "every item is read alone",
            }
        ),
    )
    future_leak: bool = _field(
        False,
        Values(
            {
                "false": "nothing that comes after an item is seen (a model that would see it makes a masked pass a "
                "prefix)",
                "true": "a model that is not causal reads a whole text in one pass, and sees what comes after an item",
            },
            kind="flag",
        ),
    )
    window_words: int | None = _field(None, Values({"none": ""}, "{value} items a window", "number", optional=True))
    pool: str = _field(
        "last", Values({"last": "the last token of an item", "mean": "the mean over the tokens of an item"})
    )
    readout: str = _field(
        "residual",
        Values({name: readout.words for name, readout in READOUTS.items()}, "the module {value} inside each block"),
    )
    start: str = _field(
        "bos",
        Values(
            {
                "bos": "the tokenizer's start token first, if it has one",
                "own": "the special tokens that the tokenizer itself puts around a text, and no others",
                "none": "no start token",
            }
        ),
    )
    truncation: str = _field(
        "windows",
        Values(
            {
                "windows": "longer texts in overlapping windows, each token with half a window of left context at "
                "least",
                "left": "the oldest tokens of longer texts are dropped, a pass an item",
            }
        ),
    )
    max_tokens: int | None = _field(
        None, Values({"none": ""}, "the model's window cut to {value} tokens", "number", optional=True)
    )
    prompt: str | None = _field(None, Values({"none": ""}, "the text inside the prompt {value}", optional=True))
    dtype: str = _field(
        "float32",
        Values({name: f"forward pass in {name}" for name in ("float32", "bfloat16", "float16")}),
    )
    boundary: str = _field(
        "space",
        Values(
            {
                "space": "the probability of a word includes that it ends, by a space or the end of the text "
                "(Pimentel and Meister, 2024)",
                "white_space": "the probability of a word includes that it ends, by a space, a line break, a tab or "
                "the end of the text",
                "none": "the probability of a word is that of its tokens",
            }
        ),
    )

    @property
    def facts(self) -> dict[str, Any]:
        """What is stored of it: a field that came later only where it is not at its default.

        So a field that is added changes no digest of a recipe that is older than it.
        """
        defaults = {f.name: f.default for f in dataclasses.fields(self)}
        return {k: v for k, v in super().facts.items() if k in FIRST_FIELDS or v != defaults[k]}


FIELDS: Final[dict[str, Values]] = {f.name: f.metadata["values"] for f in dataclasses.fields(Recipe) if f.metadata}
"""The fields of a recipe that can be asked for, with their values."""


@dataclass(frozen=True)
class Imported(Procedure):
    """Stands for the recipe of numbers that others computed: where they come from, and how they were read.

    Attributes
    ----------
    table_sha256
        sha256 of the table that they were read from.
    unit
        ``nats`` or ``bits``, as the table was read.
    """

    table_sha256: str
    unit: Literal["nats", "bits"]


RECIPES: Final[dict[str, Recipe]] = {
    "document": Recipe("document"),
    "aw2024": Recipe("aw2024", context="accumulate", readout="paper", truncation="left", boundary="none"),
    # The paper does not say how many words Wehbe2014 was read with: 20 is our choice.
    "aw2024.wehbe": Recipe(
        "aw2024.wehbe",
        context="window",
        window_words=20,
        pool="mean",
        readout="paper",
        start="own",
        truncation="left",
        boundary="none",
    ),
}
"""``document`` is the default; ``aw2024`` is what Aw et al. (2023) ran, and ``aw2024.wehbe`` that on Wehbe2014."""


def parse_recipe(text: str) -> Recipe:
    """Read ``NAME`` or ``NAME+field=value+...``, such as ``aw2024+readout=residual``.

    Equal recipes have one name: that of the named recipe from which the fewest fields differ, the first of
    ``RECIPES`` among several, and those fields.

    Raises
    ------
    UnknownNameError
        If there is no recipe, or no field, of that name.
    BrainlakeError
        If a field is given twice or does not take that value, or the fields contradict each other.

    Examples
    --------
    >>> parse_recipe("document+pool=mean").pool
    'mean'
    >>> parse_recipe("aw2024+truncation=left+readout=residual").name
    'aw2024+readout=residual'
    """
    name, changes = read_variant("recipe", text, dict.fromkeys(RECIPES, FIELDS))
    recipe: Recipe = dataclasses.replace(RECIPES[name], **changes)  # type: ignore[arg-type]
    if (recipe.context == "window") != (recipe.window_words is not None):
        raise BrainlakeError(f"recipe {text!r}: context=window and window_words=N go together")
    if recipe.context == "accumulate":
        given = (recipe.pool, recipe.truncation, recipe.boundary, recipe.prompt, recipe.start, recipe.future_leak)
        if given != ("last", "left", "none", None, "bos", False):
            raise BrainlakeError(
                f"recipe {text!r}: context=accumulate goes with pool=last, truncation=left, boundary=none, start=bos "
                f"and no prompt: it is what Brain-Score does"
            )
    return dataclasses.replace(recipe, name=_canonical_name(recipe))


def recipe_among(asked: str, known: Iterable[str]) -> str:
    """The name that a recipe goes by among known ones, however its fields were written; as asked if it is not there.

    Examples
    --------
    >>> recipe_among("document+pool=last+boundary=none", ["aw2024", "document+boundary=none"])
    'document+boundary=none'
    """
    names = list(known)
    if asked in names:
        return asked
    wanted = _plain_name(asked)
    return next((name for name in names if _plain_name(name) == wanted), asked)


def _plain_name(text: str) -> str:
    """The one name of equal recipes; of what is no recipe, such as imported numbers, its own."""
    try:
        return parse_recipe(text).name
    except BrainlakeError:
        return text


def _canonical_name(recipe: Recipe) -> str:
    differing = {
        name: {f: getattr(recipe, f) for f in FIELDS if getattr(recipe, f) != getattr(named, f)}
        for name, named in RECIPES.items()
    }
    nearest = min(differing, key=lambda name: len(differing[name]))
    return variant_name(nearest, differing[nearest])
