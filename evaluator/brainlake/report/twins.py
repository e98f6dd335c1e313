"""Untrained twins of a model as one line: their mean, and the range over the seeds of their weights."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from brainlake.report import cells

Row = Mapping[str, Any]

_SEED = re.compile(r"\+untrained-s(\d+)(?=[+ ]|$)")
SEEDS: Final = ", seeds "
"""What stands between that name and the seeds."""
_SAME = ("kind", "benchmark", "stimulus_set", "measure", "protocol", "recipe", "subject", "roi", "target_id", "layer")
_OF_ONE = ("p_value", "p_floor", "selected_layers", "alpha", "normalized")
RANGE: Final = "range over the seeds of the weights"


def twins_together(rows: Iterable[Row]) -> list[Row]:
    """Put rows of twins that differ in their seed alone into one; a single twin stays as it is.

    The weights of one seed are one draw: its score says little about the architecture.
    """
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[*(row[name] for name in _SAME), seedless(row["model"]), row["metric"]].append(row)
    return [_together(group) if len(group) > 1 else group[0] for group in groups.values()]


def seedless(name: str) -> str:
    """The name of a twin without its seed: what the line of all seeds begins with.

    Examples
    --------
    >>> seedless("gpt2+untrained-s1 document")
    'gpt2+untrained document'
    """
    return _SEED.sub("+untrained", name)


def _together(twins: list[Row]) -> Row:
    scores = [row["score"] for row in twins if row["score"] is not None]
    whole = len(scores) == len(twins)
    return (
        dict(twins[0])
        | dict.fromkeys(_OF_ONE)
        | {
            "model": f"{seedless(twins[0]['model'])}{SEEDS}{_seeds(twins)}",
            "score": sum(scores) / len(scores) if whole else None,
            "ci_low": min(scores) if whole else None,
            "ci_high": max(scores) if whole else None,
            "ci_method": RANGE,
        }
    )


def _seeds(twins: list[Row]) -> str:
    found = [match.group(1) for row in twins if (match := _SEED.search(row["model"]))]
    return cells.stretches([int(seed) for seed in found])
