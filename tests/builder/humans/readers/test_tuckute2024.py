import numpy as np
import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.readers import tuckute2024
from brainlake_builder.humans.validation import check_tables

REGIONS = list(tuckute2024.NCSNR)


def official_table(sentences=20, participants=("848", "853", "866"), seed=0):
    """Long form as published: baseline and driven sentences, both hemispheres, rows in no order."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=sentences)
    rows = [
        {
            "item_id": f"B.{i + 1}",
            "sentence": f"Sentence {i}, null.",
            "cond": "B",
            "roi": roi,
            "target_UID": uid,
            "response_target": signal[i] + rng.normal(),
        }
        for uid in participants
        for i in range(sentences)
        for roi in [*REGIONS, "lang_RH_netw"]
    ]
    rows += [rows[0] | {"item_id": "D.1", "cond": "D"}]
    return pl.DataFrame(rows).sample(fraction=1, shuffle=True, seed=seed)


def build(table, tmp_path, monkeypatch, sentences=20):
    monkeypatch.setattr(tuckute2024, "N_SENTENCES", sentences)
    table.write_csv(tmp_path / "long.csv")
    return tuckute2024._build_participants({tuckute2024.LONG.name: tmp_path / "long.csv"})


def test_each_participant_has_the_sentences_in_order(tmp_path, monkeypatch):
    table = official_table()
    tables = build(table, tmp_path, monkeypatch)
    check_tables(tuckute2024.DATASETS[1], tables)
    stimuli = tables.stimuli["tuckute2024"]
    assert stimuli.column("stimulus_id").to_pylist() == [f"B.{i + 1}" for i in range(20)]
    rows = pl.DataFrame(tables.recordings["responses"]).filter(subject="853", row_id="B.10")
    expected = table.filter(target_UID="853", item_id="B.10").select("roi", "response_target").rows()
    assert rows["response"][0].to_list() == pytest.approx([dict(expected)[roi] for roi in REGIONS])
    ceilings = pl.DataFrame(tables.recordings["ceilings"]).filter(scale="max_r")
    assert ceilings["roi"].to_list() == [None, *REGIONS]


def test_a_sentence_that_a_participant_did_not_see_is_missing_not_zero(tmp_path, monkeypatch):
    table = official_table().filter(~((pl.col("target_UID") == "866") & (pl.col("item_id") == "B.3")))
    tables = build(table, tmp_path, monkeypatch)
    rows = pl.DataFrame(tables.recordings["responses"]).filter(subject="866", row_id="B.3")
    assert np.isnan(rows["response"][0].to_list()).all()


def test_a_response_given_twice_is_refused(tmp_path, monkeypatch):
    table = official_table()
    with pytest.raises(BrainlakeError, match=r"B\.[0-9]+, lang_\w+ of [0-9]+ stands in two rows"):
        build(pl.concat([table, table.filter(cond="B", roi="lang_LH_IFG").head(1)]), tmp_path, monkeypatch)


def test_a_renamed_column_is_refused(tmp_path, monkeypatch):
    with pytest.raises(BrainlakeError, match=r"long.csv has no column target_UID; it has item_id, sentence"):
        build(official_table().rename({"target_UID": "subject"}), tmp_path, monkeypatch)


def test_noise_ceiling_of_a_simulated_mean():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=20_000)
    mean = signal + rng.normal(size=(5, 20_000)).mean(0) / 0.3
    assert tuckute2024.noise_ceiling(0.3, 5) == pytest.approx(np.corrcoef(signal, mean)[0, 1], abs=0.02)
