"""What scores on one question have in common: else they answer two questions, and their difference is no effect."""

from collections.abc import Mapping
from typing import Any, Final

from brainlake.errors import BrainlakeError

ALIKE: Final = (
    *("stimuli_sha256", "folds", "kept_whole", "n_folds", "controls", "n_targets", "n_subjects", "n_stimuli"),
)
"""Columns of ``scores`` in which all scores on one question are alike, as far as they state them."""
SPREAD: Final = 0.01
"""Share of the stimuli by which numbers of them may differ: a word before which a model had read nothing is lacking."""


def refuse_unlike(seen: dict[str, Mapping[str, Any]], row: Mapping[str, Any]) -> None:
    """Hold a score against the first ones on its question.

    Parameters
    ----------
    seen
        The first row that states a fact, by fact; what this row states first is added.
    row
        A row of ``scores``.

    Raises
    ------
    BrainlakeError
        If it is about other stimuli, folds or controls, or other numbers of stimuli, targets or subjects.
    """
    for name in ALIKE:
        value = row[name]
        if value is None:
            continue
        first = seen.setdefault(name, row)
        close = name == "n_stimuli" and abs(first[name] - value) <= SPREAD * max(first[name], value)
        if first[name] != value and not close:
            raise BrainlakeError(
                f"scores of {first['model']} and {row['model']} on {row['benchmark']} under protocol {row['protocol']} "
                f"do not compare: {name} is {first[name]!s:.60} and {value!s:.60}; score them alike, or filter the "
                "scores to those that belong together"
            )
