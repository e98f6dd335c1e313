"""The parts of a bank's card, each from the rows of its manifest."""

import html
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from brainlake.bank.card import config_name, pattern
from brainlake.bank.manifest import Manifest
from brainlake.contract.recipe_words import recipe_in_words
from brainlake.contract.schema import TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake_builder.publishing.dataset_cards import dataset_cards


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


def summary(manifest: Manifest) -> str:
    """How much there is."""
    sidecars = manifest.sidecars
    models = {s.model for s in sidecars if s.model}
    sets = {s.stimulus_set for s in sidecars if s.stimulus_set} | {s.name for s in sidecars if s.kind == "stimuli"}
    recorded = {s.name for s in sidecars if s.kind == "benchmarks"}
    total = size(sum(s.bytes for s in sidecars))
    counts = ((models, "model"), (sets, "stimulus set"), (recorded, "benchmark"))
    text = ", ".join(f"{len(names)} {word}{'' if len(names) == 1 else 's'}" for names, word in counts)
    text += f"; {total} in {len(sidecars)} files."
    if manifest.roots:
        text += "\n\nAn index: opened with brainlake, it brings these repositories along, at these commits.\n\n"
        text += "\n".join(f"- `{root}`" for root in manifest.roots)
    return text


def tables(sidecars: Sequence[Sidecar]) -> str:
    """A line a table."""
    rows = []
    for table in TABLES:
        found = [s for s in sidecars if s.kind == table]
        if found:
            rows.append(
                [f"`{table}`", len(found), f"{sum(s.rows for s in found):,}", size(sum(s.bytes for s in found))]
            )
    return _grid(["table", "files", "rows", "size"], rows)


def models(sidecars: Sequence[Sidecar]) -> str:
    """A line a model."""
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
                plain(", ".join(sorted({s.dtype for s in own if s.dtype}))),
                plain(next((s.model_revision[:12] for s in own if s.model_revision), "")),
            ]
        )
    columns = ["model", "stimulus sets", "recipes", "layers x width", "precision", "revision or sha256"]
    return _grid(columns, rows) if rows else "No model."


def with_datasets(repo: str, sidecars: Sequence[Sidecar]) -> str:
    """Example for datasets."""
    kinds = [table for table in ("surprisal", "reading_times", "responses", "stimuli") if _first(sidecars, table)]
    lines = [f'{kinds[0]} = load_dataset("{repo}", "{kinds[0]}", split="train")'] if kinds else []
    if activations := _first(sidecars, "activations"):
        lines.append(f'layers = load_dataset("{repo}", "{config_name(activations)}", split="train")')
    return "\n".join(lines or [f'manifest = load_dataset("{repo}", "manifest", split="train")'])


_SECRET = "-- if the repository is private: create secret (type huggingface, provider credential_chain);\n"


def with_duckdb(repo: str, sidecars: Sequence[Sidecar]) -> str:
    """Example for DuckDB."""
    if _first(sidecars, "surprisal"):
        table = f"'hf://datasets/{repo}/{pattern('surprisal')}'"
        return f"{_SECRET}select model, stimulus_set, avg(surprisal) as bits\nfrom {table}\ngroup by all order by all"
    table = f"'hf://datasets/{repo}/manifest.parquet'"
    return f"{_SECRET}select kind, count(*) as files, sum(bytes) as bytes\nfrom {table}\ngroup by all"


def with_brainlake(sidecars: Sequence[Sidecar]) -> str:
    """Example for brainlake."""
    lines = ['bank.sql("select kind, count(*) as files, sum(bytes) as bytes from manifest group by kind")']
    if activations := _first(sidecars, "activations"):
        layer = activations.layers[-1]["layer"]
        arguments = (f'"{activations.model}"', f'"{activations.stimulus_set}"', f"layer={layer}")
        lines.append(f'bank.activations({", ".join(arguments)}, recipe="{activations.recipe}").values')
    return "\n".join(lines)


def recipes(sidecars: Sequence[Sidecar]) -> str:
    """Every recipe in words."""
    found = {s.recipe_digest: s for s in sidecars if s.recipe_json}
    return "\n".join(
        f"- `{s.recipe}` ({digest}): {plain(recipe_in_words(json.loads(str(s.recipe_json))))}"
        for digest, s in sorted(found.items(), key=lambda item: str(item[1].recipe))
    )


def checks(sidecars: Sequence[Sidecar]) -> str:
    """Every self-check, with the worst of its values."""
    found: dict[str, list[dict[str, Any]]] = {}
    for sidecar in sidecars:
        for check in sidecar.checks:
            found.setdefault(str(check["name"]), []).append(check)
    rows = [
        [
            plain(name),
            len(checks),
            sum(bool(check["passed"]) for check in checks),
            _largest(check["value"] for check in checks),
            _largest(check["tolerance"] for check in checks),
        ]
        for name, checks in sorted(found.items())
    ]
    return _grid(["check", "files", "passed", "largest value", "tolerance"], rows) if rows else "No file needs one."


def _largest(values: Iterable[float | None]) -> str:
    return f"{max((value for value in values if value is not None), default=float('nan')):.3g}"


_MAY = {True: "yes", False: "no", None: "not known"}
"""Whether something may be passed on."""


def licences(benchmarks: Sequence[dict[str, Any]], sidecars: Sequence[Sidecar]) -> str:
    """Licences of texts; licences and citations of the human data, and the cards of the datasets."""
    texts = [
        [f"`{s.name}`", plain(s.licence or "not stated"), _MAY[s.redistributable]]
        for s in sidecars
        if s.kind == "stimuli"
    ]
    parts = [_grid(["stimulus set", "licence of the texts", "may be passed on"], texts)] if texts else []
    if not benchmarks:
        return "\n\n".join([*parts, "No human data."])
    rows = [
        [
            plain(b["benchmark"]),
            plain(b["modality"] or ""),
            plain(b["licence"] or "not stated"),
            _MAY[b["redistributable"]],
        ]
        for b in benchmarks
    ]
    parts += [_grid(["benchmark", "modality", "licence of the human data", "may be passed on"], rows)]
    names = {str(b["benchmark"]) for b in benchmarks}
    described, cards = dataset_cards(names)
    for citation in sorted(
        {str(b["citation"]) for b in benchmarks if b["citation"] and b["benchmark"] not in described}
    ):
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", citation)), default=0))
        parts.append(f"{fence}{'bibtex' if citation.startswith('@') else 'text'}\n{citation.strip()}\n{fence}")
    return "\n\n".join(parts + cards)


def limits(benchmarks: Sequence[dict[str, Any]], sidecars: Sequence[Sidecar]) -> str:
    """What to know before relying on it."""
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
