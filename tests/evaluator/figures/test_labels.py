"""Labels of models."""

import pytest

from brainlake.figures.labels import LONGEST, SIZE, labels, sort_of
from brainlake.figures.text_width import text_width


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([("o--a", "r"), ("o--b", "r")], ["a", "b"]),
        ([("o--a", "r"), ("p--a", "r")], ["o--a", "p--a"]),
        ([("a", "r"), ("a", "s"), ("b", "r")], ["a r", "a s", "b"]),
        ([("baseline:length", None), ("length", "r")], ["baseline:length", "length"]),
        ([("o--", "r")], ["o--"]),
        ([("a\x1b[2J", "r")], ["a\\x1b[2J"]),
    ],
)
def test_labels_are_short_and_tell_models_apart(names, expected):
    assert list(labels(names).values()) == expected


def test_labels_that_are_cut_alike_are_numbered():
    names = [(f"{'x' * 80}{i}{'y' * 80}", None) for i in range(5)]
    found = list(labels(names).values())
    assert len(set(found)) == 5
    assert all(text_width(label, SIZE) <= LONGEST for label in found)


def test_sorts():
    assert [sort_of(name) for name in ("m", "m+untrained-s0", "baseline:x")] == ["model", "untrained", "baseline"]
