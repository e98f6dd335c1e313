"""One tidy table is the same as the tables that it stands for."""

import polars as pl
import pytest

from brainlake.bank.catalogue import open_bank
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.ingest import ingest_frames

FACTS = {"benchmark": "b", "modality": "fmri", "citation": "me", "licence": "CC0", "redistributable": True}
SENTENCES = pl.DataFrame(
    {
        "subject": ["s1", "s1", "s2", "s2"] * 2,
        "sentence": ["One.", "Two."] * 4,
        "region": ["IFG"] * 4 + ["MFG"] * 4,
        "value": [float(k) for k in range(8)],
    }
)
WORDS = pl.DataFrame(
    {
        "text": ["t"] * 6,
        "word": ["the", "cat", "the"] * 2,
        "reader": ["r1"] * 3 + ["r2"] * 3,
        "time": [300.0, 310.0, 320.0, 330.0, None, 350.0],
    }
)


def test_sentences_and_regions(tmp_path):
    ingest_frames({"benchmarks": FACTS | {"unit": "stimulus"}, "data": SENTENCES}, tmp_path)
    bank = open_bank(tmp_path)
    assert bank.stimuli("b")["text"].to_list() == ["One.", "Two."]
    rows = bank.sql("select subject, text, response from responses join stimuli on row_id = stimulus_id order by 1, 2")
    assert rows.rows() == [
        ("s1", "One.", [0, 4]),
        ("s1", "Two.", [1, 5]),
        ("s2", "One.", [2, 6]),
        ("s2", "Two.", [3, 7]),
    ]


def test_words_and_readers(tmp_path):
    ingest_frames({"benchmarks": FACTS, "data": WORDS}, tmp_path)
    bank = open_bank(tmp_path)
    assert bank.stimuli("b")["text"].to_list() == ["the", "cat", "the"]
    rows = bank.sql("select subject, value from reading_times join stimuli using (stimulus_id) order by 1, position")
    assert rows.rows() == list(zip(WORDS["reader"], WORDS["time"], strict=True))


def test_a_position_frees_the_rows_from_their_order(tmp_path):
    placed = WORDS.with_columns(position=pl.Series([0, 1, 2] * 2))
    for name, data in (("ordered", placed), ("shuffled", placed.sample(fraction=1, shuffle=True, seed=3))):
        ingest_frames({"benchmarks": FACTS, "data": data}, tmp_path / name)
    query = "select text, subject, value from reading_times join stimuli using (stimulus_id) order by position, subject"
    found = [open_bank(tmp_path / name).sql(query) for name in ("ordered", "shuffled")]
    assert found[0].equals(found[1])


@pytest.mark.parametrize("first", [0, 1])
def test_positions_may_count_from_one(first, tmp_path):
    placed = WORDS.with_columns(position=pl.Series([0, 1, 2] * 2) + first)
    ingest_frames({"benchmarks": FACTS, "data": placed}, tmp_path)
    assert open_bank(tmp_path).stimuli("b")["position"].to_list() == [0, 1, 2]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (WORDS.drop("word"), "data needs the items in one column, sentence or word"),
        (WORDS.head(5), "not everybody has the same words in the same order; add the column position"),
        (WORDS.with_columns(word=pl.Series(["the", "cat", "the", "a", "cat", "the"])), "'a', but 'the' in an earlier"),
        (WORDS.with_columns(position=pl.Series([0, 1, 3] * 2)), "row 3, column position: has no word before it"),
        (
            WORDS.with_columns(position=pl.Series([4, 5, 6] * 2)),
            "row 1, .*belongs to a text that lacks its first words",
        ),
        (SENTENCES.drop("subject"), "data.* has no column subject"),
        (SENTENCES.with_columns(group_id=pl.Series(list("abcdefgh"))), "group_id: 'c', but 'a' in an earlier row"),
        (pl.concat([SENTENCES, SENTENCES.tail(1)]), "row 9, column value: is given a second time"),
    ],
)
def test_what_cannot_be_taken_apart(data, message, tmp_path):
    facts = FACTS | ({"unit": "stimulus"} if "sentence" in data.columns else {})
    with pytest.raises(BrainlakeError, match=message):
        ingest_frames({"benchmarks": facts, "data": data}, tmp_path / "bank")


def test_a_region_of_targets(tmp_path):
    data = SENTENCES.rename({"region": "target_id"}).with_columns(roi=pl.lit("frontal"))
    ingest_frames({"benchmarks": FACTS | {"unit": "stimulus"}, "data": data}, tmp_path)
    found = open_bank(tmp_path).sql("select distinct target_id, roi from targets order by 1")
    assert found.rows() == [("IFG", "frontal"), ("MFG", "frontal")]
    two = data.with_columns(roi=pl.Series(["frontal"] * 7 + ["parietal"]))
    with pytest.raises(BrainlakeError, match="row 8, column roi: 'parietal', but 'frontal' in an earlier row"):
        ingest_frames({"benchmarks": FACTS | {"unit": "stimulus"}, "data": two}, tmp_path)


def test_means_with_their_spread_and_skipped_words(tmp_path):
    means = {"text": ["t"] * 2, "word": ["a", "b"], "value": [0.3, 0.31], "sd": [0.03, 0.04], "n_subjects": [9, 8]}
    ingest_frames({"benchmarks": FACTS, "data": means | {"unit": ["s"] * 2}}, tmp_path / "means")
    found = open_bank(tmp_path / "means").sql("select value, sd, n_subjects, subject from reading_times order by 1")
    assert found.rows() == [(300.0, 30.0, 9, None), (310.0, 40.0, 8, None)]
    skipping = WORDS.with_columns(skipped=pl.col("time").is_null())
    ingest_frames({"benchmarks": FACTS, "data": skipping}, tmp_path / "readers")
    found = open_bank(tmp_path / "readers").sql("select value, why_not_scored from reading_times where skipped")
    assert found.rows() == [(None, "skipped")]


@pytest.mark.parametrize(
    ("data", "column"),
    [(SENTENCES, {"sd": 1.0}), (SENTENCES, {"unit": "ms"}), (WORDS, {"roi": "x"}), (WORDS, {"presentation": 0})],
)
def test_columns_of_the_other_kind_of_data(data, column, tmp_path):
    more = data.with_columns(pl.lit(value).alias(name) for name, value in column.items())
    with pytest.raises(BrainlakeError, match=f"a column {next(iter(column))} is not for those; remove it"):
        ingest_frames({"benchmarks": FACTS | {"unit": "stimulus"}, "data": more}, tmp_path)


def test_a_sentence_that_is_written_in_two_ways(tmp_path):
    data = SENTENCES.with_columns(sentence=pl.Series([*SENTENCES["sentence"][:7], "two."]))
    with pytest.raises(BrainlakeError, match=r"data, row 8, column sentence: 'two\.' differs from 'Two\.' of an ear"):
        ingest_frames({"benchmarks": FACTS | {"unit": "stimulus"}, "data": data}, tmp_path)


def test_white_space_is_told_where_the_user_wrote_it(tmp_path):
    data = SENTENCES.with_columns(sentence=pl.Series([*SENTENCES["sentence"][:7], "Two. "]))
    with pytest.raises(BrainlakeError, match=r"data, row 8, column sentence: 'Two\. ' has white space around it"):
        ingest_frames({"benchmarks": FACTS | {"unit": "stimulus"}, "data": data}, tmp_path)


def test_rows_of_two_measures_are_not_read_as_a_text_twice_as_long(tmp_path):
    twice = pl.concat([WORDS, WORDS])
    with pytest.raises(BrainlakeError, match="data, row 1, column word: the words of 't' are the same 2 times over"):
        ingest_frames({"benchmarks": FACTS, "data": twice}, tmp_path)
    position = pl.Series([0, 1, 2] * 4)
    measure = pl.Series(["first", "total"]).gather([0] * 6 + [1] * 6)
    ingest_frames({"benchmarks": FACTS, "data": twice.with_columns(position=position, measure=measure)}, tmp_path)


def test_sentences_of_a_text_have_one_order(tmp_path):
    data = SENTENCES.with_columns(text=pl.lit("t"))
    turned = pl.concat([data.head(2), data.filter(pl.col("subject") == "s2").reverse(), data.slice(4, 2)])
    facts = FACTS | {"unit": "stimulus"}
    with pytest.raises(
        BrainlakeError, match=r"row 4, column sentence: 'One\.' came later in earlier rows: add the colu"
    ):
        ingest_frames({"benchmarks": facts, "data": turned.sort("region", maintain_order=True)}, tmp_path)
    placed = turned.with_columns(position=(pl.col("sentence") == "One.").cast(pl.Int64))
    ingest_frames({"benchmarks": facts, "data": placed}, tmp_path)
    assert open_bank(tmp_path).stimuli("b")["text"].to_list() == ["Two.", "One."]
    conflict = placed.with_columns(position=pl.int_range(pl.len()))
    with pytest.raises(BrainlakeError, match=r"column position: 2, but 1 in an earlier row of the same stimulus_id"):
        ingest_frames({"benchmarks": facts, "data": conflict}, tmp_path / "other")
