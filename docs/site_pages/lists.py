"""The pages that list what the code has: written from its own tables, so that they cannot go stale."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Final

from brainlake.alignment import baselines as baseline_functions
from brainlake.alignment.baselines import BASELINES
from brainlake.alignment.design.metrics import METRICS
from brainlake.alignment.design.protocols import OPTIONS, PROTOCOLS, Protocol
from brainlake.alignment.design.score_row import KINDS
from brainlake.alignment.reading.protocols import COVARIATES, READING_PROTOCOLS, ReadingProtocol
from brainlake.contract.recipe import FIELDS, READOUTS, RECIPES, Recipe
from brainlake.contract.schema import FEATURE_TABLES, ONE_VALUE, RESULTS, TABLES
from brainlake.contract.variant import Values, written
from brainlake.encoding.folds import FoldPlan
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.models.zoo import zoo
from brainlake_builder.publishing.dataset_cards import dataset_cards
from site_pages.commands import commands
from site_pages.markdown import code, page, table

UNLISTED: Final = ("name", "ceilings", "baselines")
"""Fields of a protocol that its table leaves out: its name is the column's, and baselines have a page."""


def benchmarks() -> str:
    """Every known human data set, in a line each, and the cards of all."""
    rows = [
        (
            code(d.benchmark),
            d.modality,
            d.what,
            d.size,
            d.default_folds or ("those of its parts" if d.composite_of else ""),
            "yes" if d.redistributable else "no",
        )
        for d in sorted(DATASETS.values(), key=lambda d: (d.modality, d.benchmark))
    ]
    head = ("benchmark", "modality", "what", "how much", "folds of `grouped`", "may be passed on")
    _, cards = dataset_cards(set(DATASETS))
    return page(
        "Benchmarks",
        "What `brainlake-build humans NAME --bank BANK` brings in, from its public origin, a folder of yours "
        "(`--source`), or a mirror (`BRAINLAKE_MIRROR`). Raw files are checked against their hashes. "
        "[Your own data](../own-data.md) need no code.",
        table(head, rows),
        *(card.removeprefix("#") for card in cards),
    )


def models() -> str:
    """The zoo, a table a set."""
    sets = dict.fromkeys(model.set for model in zoo())
    head = ("model", "parameters", "blocks", "width", "tuning", "tuned from", "licence", "asks")
    parts = []
    for name in sets:
        rows = [
            (code(m.source), m.n_params, m.n_layers, m.width, m.tuning, code(m.base), m.licence, m.asks)
            for m in zoo()
            if m.set == name
        ]
        parts.append(f"## zoo:{name}\n\n{table(head, rows)}")
    return page(
        "Models",
        "A language model of `transformers` with safetensors weights is asked for by its Hub id or folder, and runs if "
        "its blocks are found and the [self-checks](../self-checks.md) pass. These are the sets that have a name: "
        "`brainlake-build extract --model zoo:SET`. What could not be confirmed is empty.",
        *parts,
    )


def recipes() -> str:
    """The named recipes, and what every field takes."""
    names = [field.name for field in fields(Recipe) if field.metadata]
    rows = [(code(name), *(code(written(getattr(r, name))) for r in RECIPES.values())) for name in names]
    return page(
        "Recipes",
        "A recipe says how text became numbers. Its digest stands in the file name, beside its name. Any field can be "
        "changed: `--recipe aw2024+readout=residual`. Layer 0 is what enters the first block where the readout is the "
        "residual stream; under a readout inside the blocks there is no layer 0. The `layers` of the sidecar name the "
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


def baselines() -> str:
    """Baselines, each with the first line of its function, and the protocols that score them by default."""
    rows = []
    for name, baseline in BASELINES.items():
        says = (getattr(baseline_functions, name).__doc__ or "").splitlines()[0]
        default = [code(p.name) for p in PROTOCOLS.values() if name in p.baselines]
        rows.append(
            (code(f"baseline:{name}"), says, list(baseline.widths) if len(baseline.widths) > 1 else "", default)
        )
    return page(
        "Baselines",
        "Features that need no model, scored beside the models on the same folds. What a model explains *beyond* them "
        "is the score of kind `beyond`. Reading times have floors of their own: `baseline:word_length`, and "
        "`baseline:n_tokens(MODEL)`, the number of sub-words of a model's tokenizer.",
        table(("baseline", "features", "widths tried", "default of"), rows),
    )


def metrics() -> str:
    """Metrics and kinds of scores."""
    return page(
        "Metrics and kinds of scores",
        table(("metric", "what it is"), [(code(name), says) for name, says in METRICS.items()]),
        "## Kinds",
        "Every row of a table of scores is of one kind.",
        table(("kind", "what the row is"), [(code(name), says) for name, says in KINDS.items()]),
    )


def contract() -> str:
    """Every table of a bank, column by column."""
    parts = []
    for name, schema in TABLES.items():
        rows = [(code(f.name), f.type, f.nullable, f.metadata[b"description"].decode()) for f in schema]
        parts += [f"## {name}", _one_file(name), table(("column", "type", "may be null", "meaning"), rows)]
    return page(
        "The data contract, column by column",
        "Of `contract/schema.py`: the builder writes through it, `brainlake verify` checks against it, and every SQL "
        "view has these columns even where a bank holds no file of that table. How files lie in a bank: "
        "[the data contract](../contract.md).",
        *parts,
    )


def _one_file(name: str) -> str:
    if name in FEATURE_TABLES:
        return f"A file a model, stimulus set and recipe: `{name}/<model>/<stimulus_set>/<recipe>-<digest>.parquet`."
    if name in ONE_VALUE:
        return f"A file a {ONE_VALUE[name].replace('_', ' ')}: `{name}/<{ONE_VALUE[name]}>.parquet`."
    if name in RESULTS:
        return f"A file a name that its author gave: `{name}/<name>.parquet`."
    return f"A file a source, in `{name}/`."


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


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "baselines": baselines,
    "benchmarks": benchmarks,
    "commands": commands,
    "contract": contract,
    "metrics": metrics,
    "models": models,
    "protocols": protocols,
    "recipes": recipes,
}
"""The pages, by the name of their file; that of the API, ``api``, needs Sphinx and stands in its own module."""


def write_pages(folder: Path, pages: Mapping[str, Callable[[], str]]) -> None:
    """Write every page that has changed, so that Sphinx reads again only those."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in pages.items():
        path, text = folder / f"{name}.md", make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
