"""The pages that list what the code has: written from its own tables, so that they cannot go stale."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from brainlake.alignment import baselines as baseline_functions
from brainlake.alignment.baselines import BASELINES
from brainlake.alignment.design.metrics import METRICS
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.score_row import KINDS
from brainlake.contract.schema import FEATURE_TABLES, ONE_VALUE, RESULTS, TABLES
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.models.zoo import zoo
from brainlake_builder.publishing.dataset_cards import dataset_cards
from site_pages.choices import protocols, recipes
from site_pages.commands import commands
from site_pages.markdown import code, page, table


def benchmarks() -> str:
    """Every known human data set, in a line each, and the cards of all."""
    rows = [
        (
            code(d.benchmark),
            d.modality,
            f"{d.what}. {d.size}.",
            d.default_folds or ("those of its parts" if d.composite_of else ""),
            d.redistributable,
        )
        for d in sorted(DATASETS.values(), key=lambda d: (d.modality, d.benchmark))
    ]
    head = ("benchmark", "modality", "what, and how much", "folds of `grouped`", "may be passed on")
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
    head = ("model", "parameters", "blocks", "width", "tuning", "tuned from", "licence")
    parts = []
    for name in sets:
        rows = [
            (code(m.source), f"{m.n_params / 1e9:.2f} G", m.n_layers, m.width, m.tuning, code(m.base), m.licence)
            for m in zoo()
            if m.set == name
        ]
        parts.append(f"## zoo:{name}\n\n{table(head, rows)}")
    asks = {asked: [code(m.source) for m in zoo() if m.asks == asked] for asked in {m.asks: 0 for m in zoo() if m.asks}}
    asked_of = [(", ".join(dict.fromkeys(names)), asked) for asked, names in asks.items()]
    parts.append(f"## What licences ask\n\n{table(('models', 'what is asked'), asked_of)}")
    return page(
        "Models",
        "A language model of `transformers` with safetensors weights is asked for by its Hub id or folder, and runs if "
        "its blocks are found and the [self-checks](../self-checks.md) pass. These are the sets that have a name: "
        "`brainlake-build extract --model zoo:SET`. What could not be confirmed is empty.",
        *parts,
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
