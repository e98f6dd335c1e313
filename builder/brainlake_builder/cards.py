"""The card of a published bank: a template filled in from its manifest."""

import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template
from typing import Any

from brainlake.errors import BrainlakeError
from brainlake.manifest import Manifest, Sidecar
from brainlake.schema import TABLES
from brainlake.version import __version__
from brainlake_builder.recipe_words import recipe_in_words

MAX_CONFIGS = 2500
"""Configurations of a card, at most: the viewer of the Hub stops at 3,000."""

HUB_LICENCES = {"mit": "mit", "apache-2.0": "apache-2.0"} | {
    f"{name} {number}": f"{name.replace(' ', '-')}-{number}"
    for number in ("3.0", "4.0")
    for name in ("cc by", "cc by-sa", "cc by-nc", "cc by-nc-sa")
}
"""Licences that the Hub knows by an identifier; others are ``other`` there."""


@dataclass(frozen=True)
class Config:
    """One configuration of a card: a name that ``load_dataset`` takes, and the files behind it."""

    name: str
    path: str


def configs(manifest: Manifest) -> list[Config]:
    """One configuration a table, and one a file of activations.

    Raises
    ------
    BrainlakeError
        If there are more than the viewer of the Hub shows, or two of the same name.
    """
    kinds = {s.kind for s in manifest.sidecars} - {"activations"}
    found = [Config(table, _pattern(table)) for table in TABLES if table in kinds]
    found.append(Config("manifest", "manifest.parquet"))
    found += [Config(config_name(s), s.path) for s in manifest.sidecars if s.kind == "activations"]
    if len(found) > MAX_CONFIGS:
        raise BrainlakeError(
            f"a card of {len(found):,} configurations is too long (the Hub's viewer stops at 3,000): publish one "
            f"repository a model family, `--model M...`, and an index of them, `--metadata-only --index REPO...`"
        )
    names = [config.name for config in found]
    for name in names:
        if names.count(name) > 1:
            raise BrainlakeError(f"two files would be the configuration {name}: rename a model or a stimulus set")
    return found


def config_name(sidecar: Sidecar) -> str:
    """Name under which ``load_dataset`` knows a file of activations."""
    return f"{sidecar.model}.{sidecar.stimulus_set}.{sidecar.recipe}"


def card(repo: str, manifest: Manifest, benchmarks: Sequence[dict[str, Any]]) -> str:
    """Text of ``README.md``.

    Parameters
    ----------
    repo
        Repository that it is for.
    manifest
        Everything that the repository will hold.
    benchmarks
        Rows of the table ``benchmarks``.

    Raises
    ------
    BrainlakeError
        If the card would have too many configurations.
    """
    from huggingface_hub import DatasetCardData

    sidecars = manifest.sidecars
    entries = [{"config_name": c.name, "data_files": [{"split": "train", "path": c.path}]} for c in configs(manifest)]
    header = DatasetCardData(
        license=_licence(sidecars),
        pretty_name=repo.split("/")[1],
        tags=["brainlake", "brain alignment", "language models"],
        configs=entries,
    )
    template = Template((_templates() / "bank.md").read_text(encoding="utf-8"))
    body = template.substitute(
        title=repo.split("/")[1],
        repo=repo,
        version=__version__,
        summary=_summary(manifest),
        tables=_tables(sidecars),
        models=_models(sidecars),
        with_datasets=_with_datasets(repo, sidecars),
        with_duckdb=_with_duckdb(repo, sidecars),
        with_brainlake=_with_brainlake(sidecars),
        recipes=_recipes(sidecars),
        checks=_checks(sidecars),
        licences=_licences(benchmarks),
        limits=_limits(benchmarks, sidecars),
    )
    return f"---\n{header.to_yaml()}\n---\n{body}"


def plain(text: object) -> str:
    """A text that no reader of Markdown or HTML takes for markup, in one line."""
    escaped = html.escape(" ".join(str(text).split()), quote=False)
    return re.sub(r"[\\`*\[\]|~$]", lambda found: f"&#{ord(found[0])};", escaped)


def size(n_bytes: int) -> str:
    """Bytes for people, in powers of 1,000."""
    value, units = float(n_bytes), iter(("bytes", "kB", "MB", "GB"))
    unit = next(units)
    while value >= 1000 and (larger := next(units, None)):
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"


def _templates() -> Traversable:
    """The folder of templates: inside the package in a wheel, at the root of the repository in a checkout."""
    package = files("brainlake_builder")
    inside = package / "dataset_cards"
    return inside if inside.is_dir() else package / ".." / ".." / "dataset_cards"


def _pattern(table: str) -> str:
    depth = {"surprisal": 3, "kernels": 3, "stimulus_features": 2}.get(table, 1)
    return table + "/*" * depth + ".parquet"


def _licence(sidecars: Iterable[Sidecar]) -> str:
    stated = {str(s.licence).lower() for s in sidecars if s.licence}
    known = HUB_LICENCES.get(next(iter(stated))) if len(stated) == 1 else None
    return known or "other"


def _summary(manifest: Manifest) -> str:
    sidecars = manifest.sidecars
    models = {s.model for s in sidecars if s.model}
    sets = {s.stimulus_set for s in sidecars if s.stimulus_set} | {s.name for s in sidecars if s.kind == "stimuli"}
    recorded = {s.name for s in sidecars if s.kind == "benchmarks"}
    total = size(sum(s.bytes for s in sidecars))
    text = f"{len(models)} models, {len(sets)} stimulus sets, {len(recorded)} benchmarks; "
    text += f"{total} in {len(sidecars)} files."
    if manifest.roots:
        text += "\n\nAn index: opened with brainlake, it brings these repositories along, at these commits.\n\n"
        text += "\n".join(f"- `{root}`" for root in manifest.roots)
    return text


def _tables(sidecars: Sequence[Sidecar]) -> str:
    rows = []
    for table in TABLES:
        found = [s for s in sidecars if s.kind == table]
        if found:
            rows.append(
                [f"`{table}`", len(found), f"{sum(s.rows for s in found):,}", size(sum(s.bytes for s in found))]
            )
    return _grid(["table", "files", "rows", "size"], rows)


def _models(sidecars: Sequence[Sidecar]) -> str:
    rows = []
    for model in sorted({str(s.model) for s in sidecars if s.model}):
        own = [s for s in sidecars if s.model == model]
        layers = {(len(s.layers), s.d) for s in own if s.layers}
        rows.append(
            [
                f"`{model}`",
                ", ".join(f"`{name}`" for name in sorted({str(s.stimulus_set) for s in own if s.stimulus_set})),
                ", ".join(f"`{name}`" for name in sorted({str(s.recipe) for s in own if s.recipe})),
                ", ".join(f"{n} x {d}" for n, d in sorted(layers, key=str)),
                ", ".join(sorted({s.dtype for s in own if s.dtype})),
                plain(next((s.model_revision[:12] for s in own if s.model_revision), "")),
            ]
        )
    columns = ["model", "stimulus sets", "recipes", "layers x width", "precision", "revision or sha256"]
    return _grid(columns, rows) if rows else "No model."


def _with_datasets(repo: str, sidecars: Sequence[Sidecar]) -> str:
    kinds = [table for table in ("surprisal", "reading_times", "responses", "stimuli") if _first(sidecars, table)]
    lines = [f'{kinds[0]} = load_dataset("{repo}", "{kinds[0]}", split="train")'] if kinds else []
    if activations := _first(sidecars, "activations"):
        lines.append(f'layers = load_dataset("{repo}", "{config_name(activations)}", split="train")')
    return "\n".join(lines or [f'manifest = load_dataset("{repo}", "manifest", split="train")'])


def _with_duckdb(repo: str, sidecars: Sequence[Sidecar]) -> str:
    if _first(sidecars, "surprisal"):
        table = f"'hf://datasets/{repo}/{_pattern('surprisal')}'"
        return f"select model, stimulus_set, avg(surprisal) as bits\nfrom {table}\ngroup by all order by all"
    table = f"'hf://datasets/{repo}/manifest.parquet'"
    return f"select kind, count(*) as files, sum(bytes) as bytes\nfrom {table}\ngroup by all"


def _with_brainlake(sidecars: Sequence[Sidecar]) -> str:
    lines = ['bank.sql("select kind, count(*) as files, sum(bytes) as bytes from manifest group by kind")']
    if activations := _first(sidecars, "activations"):
        layer = activations.layers[-1]["layer"]
        arguments = (f'"{activations.model}"', f'"{activations.stimulus_set}"', f"layer={layer}")
        lines.append(f'bank.activations({", ".join(arguments)}, recipe="{activations.recipe}").values')
    return "\n".join(lines)


def _recipes(sidecars: Sequence[Sidecar]) -> str:
    found = {s.recipe_digest: s for s in sidecars if s.recipe_json}
    return "\n".join(
        f"- `{s.recipe}` ({digest}): {plain(recipe_in_words(json.loads(str(s.recipe_json))))}"
        for digest, s in sorted(found.items(), key=lambda item: str(item[1].recipe))
    )


def _checks(sidecars: Sequence[Sidecar]) -> str:
    found: dict[str, list[dict[str, Any]]] = {}
    for sidecar in sidecars:
        for check in sidecar.checks:
            found.setdefault(str(check["name"]), []).append(check)
    rows = [
        [
            plain(name),
            len(checks),
            sum(bool(check["passed"]) for check in checks),
            f"{max(check['value'] for check in checks):.3g}",
            f"{max(check['tolerance'] for check in checks):.3g}",
        ]
        for name, checks in sorted(found.items())
    ]
    return _grid(["check", "files", "passed", "largest value", "tolerance"], rows) if rows else "No file needs one."


def _licences(benchmarks: Sequence[dict[str, Any]]) -> str:
    if not benchmarks:
        return "No human data."
    yes = {True: "yes", False: "no", None: "not known"}
    rows = [
        [
            f"`{b['benchmark']}`",
            plain(b["modality"] or ""),
            plain(b["licence"] or "not stated"),
            yes[b["redistributable"]],
        ]
        for b in benchmarks
    ]
    parts = [_grid(["benchmark", "modality", "licence of the human data", "may be passed on"], rows)]
    names = {str(b["benchmark"]) for b in benchmarks}
    described, cards = _dataset_cards(names)
    for citation in sorted(
        {str(b["citation"]) for b in benchmarks if b["citation"] and b["benchmark"] not in described}
    ):
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", citation)), default=0))
        parts.append(f"{fence}{'bibtex' if citation.startswith('@') else 'text'}\n{citation.strip()}\n{fence}")
    return "\n\n".join(parts + cards)


def _dataset_cards(benchmarks: set[str]) -> tuple[set[str], list[str]]:
    """Cards of human datasets that some of these benchmarks belong to, and the benchmarks that they describe."""
    described: set[str] = set()
    cards = []
    for path in sorted(_templates().iterdir(), key=lambda path: path.name):
        if path.name.endswith(".md") and path.name not in ("README.md", "bank.md"):
            heading, _, text = path.read_text(encoding="utf-8").partition("\n")
            names = {name.strip() for name in heading.removeprefix("#").split(",")}
            if names & benchmarks:
                described |= names
                cards.append(f"##{heading}\n{text.rstrip()}")
    return described, cards


def _limits(benchmarks: Sequence[dict[str, Any]], sidecars: Sequence[Sidecar]) -> str:
    lines = []
    if any(b["redistributable"] is not True for b in benchmarks):
        lines.append(
            "- Human data marked as not to be passed on are here because their publisher says that they may be."
        )
    if any(str(b["origin"]) == "simulated" for b in benchmarks):
        lines.append("- Some participants are **simulated**: nobody was scanned and nobody read.")
    if any(s.recipe == "imported" for s in sidecars):
        lines.append("- Features under `imported` were computed by others, and are as their table had them.")
    return "\n".join(lines)


def _first(sidecars: Iterable[Sidecar], kind: str) -> Sidecar | None:
    """An example: a file of the model with the shortest name, which is seldom a variant of another."""
    return min((s for s in sidecars if s.kind == kind), key=lambda s: len(s.model or ""), default=None)


def _grid(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
