"""What a bank holds: how much, and what can be scored on what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from brainlake.contract.schema import FEATURE_TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import by_number

NEEDED: Final = {"responses": {"activations", "kernels"}, "reading_times": {"surprisal"}}
"""Tables of recordings, and the features of which a score on them needs one."""

Features = Mapping[tuple[str, str], set[str]]
"""Tables of features that there are of a (model, stimulus set), whatever the recipe."""


@dataclass(frozen=True)
class Scorable:
    """A benchmark, and what can be scored on it.

    Attributes
    ----------
    benchmark
        Its name.
    recordings
        Tables of what people did; none where the bank lacks them, or those of a part.
    stimulus_sets
        What people read or heard.
    models
        Models with features of all these stimuli, of the kind that is needed.
    """

    benchmark: str
    recordings: tuple[str, ...]
    stimulus_sets: tuple[str, ...]
    models: frozenset[str]


@dataclass(frozen=True)
class Overview:
    """What a bank holds.

    Attributes
    ----------
    roots
        Where it lies.
    models, stimulus_sets, recipes
        Names.
    benchmarks
        In the order of their names.
    features
        Tables of features that there are of a (model, stimulus set), whatever the recipe.
    n_files, n_bytes
        Of all Parquet files.
    unchecked
        What could be compared with no manifest.
    """

    roots: tuple[str, ...]
    models: tuple[str, ...]
    stimulus_sets: tuple[str, ...]
    recipes: tuple[str, ...]
    benchmarks: tuple[Scorable, ...]
    features: Features
    n_files: int
    n_bytes: int
    unchecked: tuple[str, ...] = ()


def features_of(sidecars: Sequence[Sidecar]) -> Features:
    """Tables of features that there are of a (model, stimulus set)."""
    found: dict[tuple[str, str], set[str]] = {}
    for s in sidecars:
        if s.kind in FEATURE_TABLES:
            found.setdefault((str(s.model), str(s.stimulus_set)), set()).add(s.kind)
    return found


def scorable(sidecars: Sequence[Sidecar], benchmarks: pl.DataFrame) -> tuple[Scorable, ...]:
    """What can be scored on each benchmark; on a composite one, what can be scored on all its parts.

    Parameters
    ----------
    sidecars
        Of all files of the bank.
    benchmarks
        Rows of the table ``benchmarks``.
    """
    features = features_of(sidecars)
    recorded = {(s.name, s.kind) for s in sidecars}
    facts: dict[str, dict[str, Any]] = {row["benchmark"]: row for row in benchmarks.iter_rows(named=True)}

    def simple(name: str) -> Scorable:
        sets = tuple(facts[name]["stimulus_sets"] or ()) if name in facts else ()
        kinds = tuple(kind for kind in NEEDED if (name, kind) in recorded)
        models = {
            model
            for model, _ in features
            if any(all(features.get((model, s), set()) & NEEDED[kind] for s in sets) for kind in kinds)
        }
        return Scorable(name, kinds, sets, frozenset(models))

    def leaves(name: str, within: tuple[str, ...] = ()) -> list[Scorable]:
        parts = (facts[name]["composite_of"] if name in facts else None) or ()
        if name in within or not parts:
            return [simple(name)]
        return [leaf for part in parts for leaf in leaves(part, (*within, name))]

    def joined(name: str) -> Scorable:
        parts = leaves(name)
        kinds = dict.fromkeys(kind for part in parts for kind in part.recordings)
        sets = dict.fromkeys(s for part in parts for s in part.stimulus_sets)
        complete = all(part.recordings for part in parts)
        models = frozenset.intersection(*(part.models for part in parts))
        return Scorable(name, tuple(kinds) if complete else (), tuple(sets), models)

    return tuple(joined(name) for name in sorted(facts, key=by_number))
