"""The pages of what can be chosen by name and field: recipes, and protocols of brain and of reading."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from brainlake.alignment.design.protocols import OPTIONS, PROTOCOLS, Protocol
from brainlake.alignment.reading.protocols import COVARIATES, READING_PROTOCOLS, ReadingProtocol
from brainlake.contract.recipe import FIELDS, READOUTS, RECIPES, Recipe
from brainlake.contract.variant import Values, written
from brainlake.encoding.folds import FoldPlan
from site_pages.markdown import code, page, table

UNLISTED: Final = ("name", "ceilings", "baselines")
"""Fields of a protocol that its table leaves out: its name is the column's, and baselines have a page."""


def recipes() -> str:
    """The named recipes, and what every field takes."""
    names = [field.name for field in fields(Recipe) if field.metadata]
    rows = [(code(name), *(code(written(getattr(r, name))) for r in RECIPES.values())) for name in names]
    return page(
        "Recipes",
        "A recipe says how text became numbers. Its digest stands in the file name, beside its name. Any field can be "
        "changed: `--recipe aw2024+readout=residual`. Layer 0 is what enters the first block where the readout is the "
        "residual stream; under every other readout there is no layer 0. The `layers` of the sidecar name the "
        "module of each.",
        table(("field", *(code(name) for name in RECIPES)), rows),
        "## What a field takes",
        _values({name: FIELDS[name] for name in names}),
        "## Readouts",
        table(("readout", "what is read"), [(code(name), r.words) for name, r in READOUTS.items()]),
    )


def protocols() -> str:
    """Protocols of brain and of reading, with their fields and options."""
    return page(
        "Protocols",
        "A protocol says what is fitted, on which folds, how a layer is chosen and how targets become one number. "
        "What its fields mean: [`Protocol`](../api/brainlake.Protocol.rst). Kinds of scores and folds: "
        "[reading scores](../scores.md).",
        "## Brain",
        _columns(PROTOCOLS, [field.name for field in fields(Protocol) if field.name not in UNLISTED]),
        "## Options of brain protocols",
        *(f"### {name}\n\n{_values(options)}" for name, options in _options().items()),
        "## Reading",
        _columns(READING_PROTOCOLS, [field.name for field in fields(ReadingProtocol) if field.name != "name"]),
        "## Options of delta_llh and mixed",
        _values(COVARIATES),
    )


def _options() -> dict[str, dict[str, Values]]:
    return {name: {field: option.values for field, option in options.items()} for name, options in OPTIONS.items()}


def _values(of_fields: Mapping[str, Values]) -> str:
    """A line a value; what else a field takes comes last."""
    rows: list[tuple[str, str, str]] = []
    for name, values in of_fields.items():
        listed = [(value, says) for value, says in values.words.items() if says]
        rows += [(code(name), code(value), says) for value, says in listed]
        if values.other is not None:
            what = "N" if values.kind == "number" else "..."
            rows.append((code(name), code(what), values.other.replace("{value}", what)))
    return table(("field", "value", "meaning"), rows)


def _columns(found: Mapping[str, object], names: list[str]) -> str:
    """A column a protocol, a line a field."""
    rows = [(code(name), *(_plain(getattr(one, name)) for one in found.values())) for name in names]
    return table(("field", *(code(name) for name in found)), rows)


def _plain(value: object) -> str:
    if isinstance(value, FoldPlan):
        return (
            f"{value.kind}, seed {value.seed}" if value.kind == "shuffled" else f"{value.kind}, gap {value.gap} scans"
        )
    if isinstance(value, tuple):
        return ", ".join(code(one) for one in value)
    return code(written(value)) if isinstance(value, str | int | bool) or value is None else str(value)
