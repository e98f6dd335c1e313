"""The vocabulary of kinds, in code and in the docs."""

from pathlib import Path
from typing import get_args

from brainlake import KINDS
from brainlake.alignment.design.score_row import Identity, Kind, ScoreRow

DOCS = Path(__file__).parents[4] / "docs/scores.md"


def row(**fields):
    facts = {"kind": "headline", "benchmark": "b", "identity": Identity("m"), "protocol": "p", "metric": "pearson"}
    return ScoreRow(**facts | {"score": 0.1, "n_stimuli": 3, "n_targets": 2} | fields)


def test_every_kind_has_a_meaning_and_the_docs_say_it():
    assert set(get_args(Kind)) == set(KINDS)
    table = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert table[: len(KINDS)] == [f"| `{kind}` | {meaning} |" for kind, meaning in KINDS.items()]


def test_a_row_beside_the_protocols_folds_says_so():
    assert [row(kind=kind).under_other_folds().kind for kind in ("headline", "layer", "best_on_test")] == [
        "other_folds",
        "other_folds_layer",
        "other_folds_best_on_test",
    ]


def test_rows_about_a_part_of_the_targets_or_one_layer_are_not_whole():
    assert row().is_whole
    assert not any(row(**{name: value}).is_whole for name, value in (("layer", 0), ("roi", "IFG"), ("subject", "s")))


def test_a_baseline_is_known_by_its_name():
    assert Identity("baseline:length").is_baseline
    assert not Identity("m").is_baseline
