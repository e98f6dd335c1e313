"""How a report was made: what it was made from, with hashes, versions and the checks that were passed."""

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

import polars as pl

from brainlake.alignment.design.score_row import BASELINE
from brainlake.bank.identity import bank_digest
from brainlake.figures.questions import WHOLE
from brainlake.figures.results import Results
from brainlake.page.tables import Table, facts_table
from brainlake.storage.files import sha256_file
from brainlake.version import __version__


def origin_tables(results: Results, commands: Mapping[str, str]) -> list[Table]:
    """Sources, features, scores, versions and commands, those that there are."""
    tables = [
        facts_table("sources", "What it was made from", _sources(results)),
        facts_table("features", "Features, and the self-checks of their extraction", _features(results)),
        facts_table("runs", "How scores were made", _runs(results)),
        facts_table("versions", "What it was drawn with", _versions()),
        facts_table("commands", "Commands", ({"makes": what, "command": line} for what, line in commands.items())),
    ]
    return [table for table in tables if table.total]


def _sources(results: Results) -> Iterator[dict[str, Any]]:
    for path in results.files:
        yield {"source": path.name, "sha256": sha256_file(path), "files": 1}
    if results.bank is not None:
        for root in results.bank.roots:
            sidecars = root.sidecars
            yield {"source": str(root), "sha256": bank_digest(sidecars).removeprefix("sha256:"), "files": len(sidecars)}


def _features(results: Results) -> Iterator[dict[str, Any]]:
    scored = _scored(results)
    for _, one in results.bank.files if results.bank is not None else ():
        if (one.model, one.recipe, one.kind, one.stimulus_set) in scored:
            passed = sum(bool(check["passed"]) for check in one.checks)
            yield {
                "model": one.model,
                "features": one.kind,
                "stimulus_set": one.stimulus_set,
                "recipe": one.recipe,
                "recipe_digest": one.recipe_digest,
                "model_revision": one.model_revision,
                "checks": f"{passed} of {len(one.checks)} passed" if one.checks else "none",
                "sha256": one.sha256,
            }


def _scored(results: Results) -> set[tuple[str, str | None, str, str]]:
    """Model, recipe, kind and stimulus set of every feature that shown scores are of: banks hold many more."""
    known = {row["benchmark"]: row for row in results.benchmarks.to_dicts()}
    found = set()
    for row in results.scores.select("model", "recipe", "benchmark", "stimulus_set", "measure").unique().to_dicts():
        about = known.get(row["benchmark"], {})
        parts = [about, *(known.get(name, {}) for name in about.get("composite_of") or ())]
        sets = [row["stimulus_set"]] if row["stimulus_set"] is not None else []
        sets = sets or [name for part in parts for name in part.get("stimulus_sets") or ()] or [row["benchmark"]]
        kind = "activations" if row["measure"] is None else "surprisal"
        found |= {(row["model"], row["recipe"], kind, name) for name in sets}
    return found


def _runs(results: Results) -> Iterator[dict[str, Any]]:
    columns = ("benchmark", "protocol", "stimuli_sha256", "recipe_digest", "ci_method", "engine_version", "file")
    scores = results.scores.filter(kind="headline")
    whole = scores.filter(
        ~pl.col("model").str.starts_with(BASELINE), pl.all_horizontal(pl.col(name).is_null() for name in WHOLE)
    )
    yield from whole.select(columns).unique(maintain_order=True).to_dicts()


def _versions() -> Iterator[dict[str, Any]]:
    yield {"program": "brainlake", "version": __version__}
    yield {"program": "Python", "version": platform.python_version()}
    for name in ("altair", "vl-convert-python", "polars"):
        yield {"program": name, "version": version(name)}
