"""Labels of models, and which rows a question has."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.captions import caption
from brainlake.figures.dots import axis_title
from brainlake.figures.rows import (
    LONGEST,
    NORMALIZED,
    SIZE,
    checked,
    counted_models,
    labels,
    of_kind,
    one_question,
    questions,
    sort_of,
)
from brainlake.figures.text_width import text_width
from drawn import profile, whole


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


def test_questions_are_told_apart():
    table = pl.concat([profile(), profile(benchmark="c")])
    assert [name for name, _ in questions(table)] == ["b, grouped", "c, grouped"]
    with pytest.raises(BrainlakeError, match="several"):
        one_question(table)


def test_rows_without_a_score_are_no_rows():
    nothing = profile().with_columns(score=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(BrainlakeError, match="no scores of kind layer or headline"):
        of_kind(nothing, "layer", "headline")


def test_a_table_that_lacks_a_column_is_refused():
    assert checked(profile()).equals(profile())
    with pytest.raises(BrainlakeError, match="scores: no column kind: give a table of scores"):
        checked(profile().drop("kind"))


def test_two_scores_of_one_thing_are_refused_whatever_else_differs():
    table = profile(n=1, layers=2)
    for other in (table, table.with_columns(folds=pl.lit("contiguous"), controls=pl.lit("length"))):
        with pytest.raises(
            BrainlakeError, match=r"lab--m0 has two scores of kind headline on b under protocol grouped"
        ):
            one_question(pl.concat([table, other]))


@pytest.mark.parametrize("fact", ["stimuli_sha256", "folds", "n_targets"])
def test_models_that_were_scored_on_something_else_share_no_axis(fact):
    table = profile(n=2, layers=0)
    kind = table.schema[fact]
    first = pl.col("model") == "lab--m0"
    unlike = table.with_columns(
        pl.when(first).then(pl.lit("7").cast(kind)).otherwise(pl.lit("8").cast(kind)).alias(fact)
    )
    with pytest.raises(BrainlakeError, match=rf"lab--m0 and lab--m1 on b .* do not compare: {fact} is 7 and 8"):
        one_question(unlike)


def test_twins_of_several_seeds_are_one_row_with_mean_and_range():
    twins = [profile(n=1, layers=0, name=f"m+untrained-s{k}", start=0.1 + k / 10, half=None) for k in range(3)]
    table = pl.concat(
        [profile(n=1, layers=0), *(twin.filter(model=f"m+untrained-s{k}") for k, twin in enumerate(twins))]
    )
    (row,) = of_kind(table, "headline").filter(sort="untrained").to_dicts()
    assert row["label"] == "m+untrained, seeds 0-2"
    assert (row["score"], row["ci_low"], row["ci_high"]) == pytest.approx((0.2, 0.1, 0.3))
    assert counted_models(of_kind(table, "headline")) == "1 model and 1 untrained twin"


def test_scores_that_are_known_only_divided_by_a_ceiling_are_drawn_as_that():
    table = profile(n=2, layers=0).with_columns(normalized=pl.col("score") * 2)
    divided = table.with_columns(score=pl.lit(None, pl.Float64), protocol=pl.lit("published:x"))
    rows = of_kind(pl.concat([table, divided]), "headline").filter(protocol="published:x")
    assert rows["score"].to_list() == whole(divided, "headline")["normalized"].to_list()
    assert set(rows["metric"]) == {NORMALIZED}
    assert rows.select("ci_low", "ci_high", "ceiling").null_count().row(0) == (len(rows),) * 3
    assert axis_title(rows) == "score / ceiling"
    assert "no score" not in caption("Dots.", whole(divided, "headline"))
