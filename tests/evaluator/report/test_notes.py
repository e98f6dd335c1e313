"""Sentences below a table: each is there when its row says so, and only then."""

import pytest

from brainlake.alignment.design.score_row import Identity, Interval, PValue, ScoreRow
from brainlake.alignment.score_table import score_table
from brainlake.report.notes import notes_on


def row(model="m", **facts):
    plain = {"kind": "headline", "benchmark": "b", "protocol": "grouped", "metric": "pearson", "score": 0.1}
    plain |= {"n_stimuli": 60, "n_targets": 3, "identity": Identity(model, recipe="document")}
    return score_table([ScoreRow(**plain | facts)]).row(0, named=True)


def notes(lines, mute=(), other_folds=(), beyond=()):
    return list(notes_on(lines, mute, other_folds, beyond))


def test_what_was_scored_and_how_comes_first():
    line = row(folds="disjoint", n_folds=10, kept_whole="groups", aggregation="mean_then_median")
    assert notes([line])[:2] == [
        "b, protocol grouped: pearson, mean over folds, then median over targets; "
        "10 disjoint folds (no group is split); n = 60 x 3 targets.",
        "Recipe document.",
    ]


def test_a_benchmark_is_described_once_by_the_row_of_most_targets():
    lines = [row(n_targets=1), row("n", n_targets=9), row(protocol="rsa")]
    assert [note for note in notes(lines) if "protocol" in note] == [
        "b, protocol grouped: pearson; n = 60 x 9 targets.",
        "b, protocol rsa: pearson; n = 60 x 3 targets.",
    ]


def test_several_recipes_are_in_the_table_and_not_below_it():
    other = row(identity=Identity("m", recipe="aw2024"))
    assert not any(note.startswith("Recipe") for note in notes([row(), other]))


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([Interval("bootstrap of groups", 0.0, 0.2)], "[ ]: 95 % interval, bootstrap of groups."),
        ([Interval("none: not asked for")], "No intervals: not asked for."),
        (
            [Interval("none: not asked for"), Interval("bootstrap of groups", 0.0, 0.2)],
            "[ ]: 95 % interval, bootstrap of groups.",
        ),
        ([None], None),
    ],
)
def test_intervals_or_why_there_are_none(intervals, expected):
    found = [note for note in notes([row(interval=one) for one in intervals]) if "interval" in note]
    assert found == ([expected] if expected else [])


def test_p_values_say_how_they_were_found():
    assert "p: 99 exchanges of groups." in notes([row(p=PValue("99 exchanges of groups", 0.01, 0.01))])
    assert not any(note.startswith("p: ") for note in notes([row(p=PValue("none: the splits overlap"))]))


def test_what_stands_beside_is_explained():
    other = row(kind="other_folds", folds="shuffled", n_folds=10)
    beyond = row(kind="beyond", aggregation="median over targets of R2 beyond length")
    found = notes([row(folds="disjoint")], other_folds=[other, other], beyond=[beyond])
    assert found.count("shuffled: the same under 10 shuffled folds.") == 1
    assert "beyond: median over targets of R2 beyond length." in found


def test_baselines_that_say_nothing_are_named_once():
    mute = [("b", "grouped", "baseline:oasm"), ("c", "grouped", "baseline:oasm"), ("b", "rsa", "baseline:position")]
    found = notes([row(), row("baseline:length")], mute=mute)
    assert found[-2:] == [
        "Of the baselines the strongest is shown.",
        "Baselines that predict nothing here, under any folds: oasm, position.",
    ]
    assert "Of the baselines the strongest is shown." not in notes([row()])


def test_rows_of_others_that_say_less_are_described_by_what_they_say():
    line = row(folds="disjoint", n_folds=4, kept_whole="chapters") | {
        "ci_low": 0.0,
        "ci_high": 0.2,
        "p_value": 0.1,
        "ceiling": 0.5,
    }
    found = notes([line])
    assert "4 disjoint folds (chapters)" in found[0]
    assert "ceiling: not said how." in found
    assert not any("interval," in note or note.startswith("p:") for note in found)
