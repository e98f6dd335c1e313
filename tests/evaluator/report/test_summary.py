"""The summary of scores says what the long table says, side by side, and fits a terminal."""

import polars as pl
import pytest

from brainlake import BrainlakeError, behavioral_alignment, brain_alignment, open_bank, summary
from brainlake.report.cells import number


@pytest.fixture(scope="module")
def grouped(toy_bank):
    return brain_alignment(open_bank(toy_bank), "toy.brain", by=("roi",), n_boot=50, n_permutations=99)


def test_what_belongs_to_a_score_stands_beside_it(grouped):
    whole = grouped.filter(pl.col("roi").is_null(), model="m")
    headline, other, beyond = (whole.filter(kind=k).row(0, named=True) for k in ("headline", "other_folds", "beyond"))
    line = summary(grouped).table.filter(roi="(all)", model="m").row(0, named=True)
    assert line["score"].split()[0] == number(headline["score"])
    ends = f"{number(headline['ci_low'])},{number(headline['ci_high'])}]"
    assert line["score"].split("[")[1].replace(" ", "") == ends
    assert line["shuffled"].strip() == number(other["score"])
    assert line["beyond"].split()[0] == number(beyond["score"])
    assert line["layer"] == "1"
    assert headline["p_value"] == headline["p_floor"] == 0.01
    assert line["p"] == "< .010"


def test_models_come_first_and_one_baseline_after_them(grouped):
    lines = summary(grouped).table.filter(roi="(all)")
    baselines = grouped.filter(pl.col("model").str.starts_with("baseline:"), pl.col("roi").is_null(), kind="headline")
    best = baselines.sort("score", descending=True, nulls_last=True)["model"][0]
    assert lines["model"].to_list() == ["m", best]


def test_better_models_come_first(grouped):
    other = grouped.filter(model="m").with_columns(pl.lit("n").alias("model"), pl.col("score") + 0.1)
    assert summary(pl.concat([grouped, other])).table.filter(roi="(all)")["model"].to_list()[:2] == ["n", "m"]


def test_regions_have_lines_only_where_they_were_asked_for(toy_bank, grouped):
    plain = brain_alignment(open_bank(toy_bank), "toy.brain", n_boot=0)
    assert "roi" not in summary(plain).table.columns
    assert set(summary(grouped).table["roi"]) == {"(all)", "all", "front", "back"}


def test_every_layer_has_a_line_if_asked_for(grouped):
    lines = summary(grouped, layers=True).table.filter(roi="(all)", model="m")
    assert lines["layer"].to_list() == ["1", "0", "1", "2"]
    assert lines["shuffled"].null_count() == 0


def test_baselines_that_say_nothing_are_named_once(grouped):
    silent = grouped.with_columns(score=pl.when(pl.col("model") == "baseline:oasm").then(0.0).otherwise("score"))
    found = summary(silent)
    assert sum("oasm" in note and "predict nothing" in note for note in found.notes) == 1
    assert not found.table["model"].str.contains("oasm").any()


def test_the_papers_folds_come_first_under_its_protocol(toy_bank):
    scores = brain_alignment(open_bank(toy_bank), "toy.brain", protocol="aw2024", n_boot=0)
    line = summary(scores).table.filter(model="m").row(0, named=True)
    found = scores.filter(model="m", selection="test")
    assert line["score"] == number(found.filter(folds="shuffled")["score"].item())
    assert line["disjoint"].strip() == number(found.filter(folds="disjoint")["score"].item())
    assert "shuffled" not in line


@pytest.mark.parametrize("protocol", ["grouped", "aw2024", "rsa", "cka"])
def test_three_models_fit_a_screen_of_100_columns(toy_bank, protocol):
    one = brain_alignment(open_bank(toy_bank), "toy.brain", protocol=protocol, n_boot=50)
    names = ("meta-llama--Llama-2-7b-hf", "openai-community--gpt2-xl", "google--flan-t5-xl")
    models = one.filter(model="m")
    scores = pl.concat([one.filter(pl.col("model") != "m"), *(models.with_columns(model=pl.lit(n)) for n in names)])
    lines = repr(summary(scores)).splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 24


def test_reading_times_have_a_summary_too(toy_bank):
    scores = behavioral_alignment(open_bank(toy_bank), "toy.reading", n_boot=50)
    found = summary(scores)
    assert found.table["model"].to_list()[0] == "m"
    assert "toy.reading, self_paced_rt, protocol pearson: pearson; n = 59" in found.notes[0]
    assert "protocol delta_llh: no score: the bank has no log_frequency" in found.notes[1]
    assert found._repr_html_().startswith("<pre>")


def test_scores_without_kinds_are_refused(grouped):
    with pytest.raises(BrainlakeError, match="that say their kind"):
        summary(grouped.drop("kind"))
    with pytest.raises(BrainlakeError, match="that say their kind"):
        summary(3)


def test_what_exceeds_the_ceiling_is_named(grouped):
    low = grouped.with_columns(ceiling=pl.lit(-1.0), ceiling_method=pl.lit("leave one out"))
    note = next(note for note in summary(low).notes if note.startswith("Above the ceiling"))
    assert low.filter(kind="headline")["model"][0] in note
    assert "ceiling: leave one out." in summary(low).notes
    assert not any("Above" in note for note in summary(grouped.with_columns(ceiling=pl.lit(1.0))).notes)


def test_why_there_are_no_p_values_is_said(grouped):
    untested = grouped.with_columns(p_value=pl.lit(None, pl.Float64), p_method=pl.lit("none: too few"))
    assert "No p values: too few." in summary(untested).notes
    assert not any(note.startswith("No p values") for note in summary(grouped).notes)
