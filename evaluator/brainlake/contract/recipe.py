"""A recipe says how text becomes numbers; its digest names it wherever a number is stored."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from brainlake.errors import BrainlakeError, UnknownNameError


def recipe_digest(facts: dict[str, Any]) -> str:
    """Digest of the facts of a procedure; see :attr:`Procedure.digest`."""
    text = json.dumps({k: v for k, v in facts.items() if k != "name"}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Procedure:
    """Facts under a name; a digest tells two procedures apart wherever a number is stored."""

    name: str

    def to_json(self) -> str:
        """The facts as canonical JSON: sorted keys, no white space."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """First 8 hexadecimal digits of the sha256 of the canonical JSON, the name apart.

        The name is left out so that two names of one procedure share their digest.
        """
        return recipe_digest(dataclasses.asdict(self))


@dataclass(frozen=True)
class Recipe(Procedure):
    """How the text of stimuli is fed to a model, and what is read from it.

    Attributes
    ----------
    name
        The named recipe that this one is, or starts from.
    context
        ``document``: all earlier items of the document, tokenised once and read in one causal pass (a masked pass
        a prefix by a model that would see what comes later);
        ``accumulate``: one pass a growing prefix over ``context_id``, joined the Brain-Score way;
        ``window``: the last ``window_words`` items, one pass each; ``none``: every item alone.
    window_words
        Items of a ``window``, the current one included.
    pool
        ``last`` token of the item, or the ``mean`` over its tokens.
    readout
        ``residual``: the residual stream as it leaves each block, before any final norm, and the embedding as
        layer 0; ``paper``: what Aw et al. (2023) hooked (``post_attention_layernorm`` for LLaMA architectures,
        block outputs elsewhere); otherwise a module's path inside a block.
    start
        ``bos``: the tokenizer's start token before every sequence, if it has one; ``own``: the special tokens that the
        tokenizer itself puts around a text, and no others; ``none``: never.
    truncation
        What happens to text longer than the model's window: ``windows`` (overlapping, each token with at least
        half a window of left context unless the text is shorter) or ``left`` (drop the oldest tokens, so that each
        item is read with a whole window of left context, in a pass of its own).
    max_tokens
        Window in tokens; null for the model's own.
    prompt
        Template around the text: ``chat`` for the model's own, or a named one; null for none.
    dtype
        Precision of the forward pass.
    boundary
        ``space``: a word's probability includes that it ends, by the tokens that begin with a space, or the end
        of the text (Pimentel and Meister, 2024); ``white_space``: by tokens that begin with a line break or a tab
        as well; ``none``: the sum over its tokens.
    future_leak
        Let a bidirectional model read a whole text in one pass, and see what comes after each item.
    """

    context: Literal["document", "accumulate", "window", "none"] = "document"
    window_words: int | None = None
    pool: Literal["last", "mean"] = "last"
    readout: str = "residual"
    start: Literal["bos", "own", "none"] = "bos"
    truncation: Literal["windows", "left"] = "windows"
    max_tokens: int | None = None
    prompt: str | None = None
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    boundary: Literal["space", "white_space", "none"] = "space"
    future_leak: bool = False


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

_CHOICES: Final = {
    "context": ("document", "accumulate", "window", "none"),
    "pool": ("last", "mean"),
    "start": ("bos", "own", "none"),
    "truncation": ("windows", "left"),
    "dtype": ("float32", "bfloat16", "float16"),
    "boundary": ("space", "white_space", "none"),
    "future_leak": ("true", "false"),
}


def parse_recipe(text: str) -> Recipe:
    """Read ``NAME`` or ``NAME+field=value+...``, such as ``aw2024+readout=residual``.

    Raises
    ------
    UnknownNameError
        If there is no recipe, or no field, of that name.
    BrainlakeError
        If a value is not one that the field takes, or the fields contradict each other.

    Examples
    --------
    >>> parse_recipe("document+pool=mean").pool
    'mean'
    """
    name, *overrides = text.split("+")
    if name not in RECIPES:
        raise UnknownNameError("recipe", name, tuple(RECIPES))
    changes: dict[str, str | int | bool | None] = {}
    fields = [f.name for f in dataclasses.fields(Recipe) if f.name != "name"]
    for override in overrides:
        field, equals, value = override.partition("=")
        if field not in fields or not equals:
            raise UnknownNameError("recipe field", override, fields)
        if field in _CHOICES and value not in _CHOICES[field]:
            raise BrainlakeError(f"recipe {text!r}: {field} is one of {', '.join(_CHOICES[field])}, not {value!r}")
        if field in ("window_words", "max_tokens"):
            if not value.isdigit() or int(value) < 1:
                raise BrainlakeError(f"recipe {text!r}: {field} is a positive number, not {value!r}")
            changes[field] = int(value)
        elif field == "future_leak":
            changes[field] = value == "true"
        else:
            changes[field] = value or None
    canonical = "+".join([name, *sorted(overrides)])
    recipe: Recipe = dataclasses.replace(RECIPES[name], name=canonical, **changes)  # type: ignore[arg-type]
    if (recipe.context == "window") != (recipe.window_words is not None):
        raise BrainlakeError(f"recipe {text!r}: context=window and window_words=N go together")
    if recipe.context == "accumulate":
        given = (recipe.pool, recipe.truncation, recipe.boundary, recipe.prompt, recipe.start, recipe.future_leak)
        if given != ("last", "left", "none", None, "bos", False):
            raise BrainlakeError(
                f"recipe {text!r}: context=accumulate goes with pool=last, truncation=left, boundary=none, start=bos "
                f"and no prompt: it is what Brain-Score does"
            )
    return recipe
