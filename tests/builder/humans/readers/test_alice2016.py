import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import gamma

from brainlake.encoding.ceilings import split_half
from brainlake.encoding.resample import labels_of_trs, total, tr_of_words
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.readers import alice2016, alice2016_words

RELIABILITY = {"LPTL": 0.859, "LATL": 0.767, "LIPL": 0.709, "LPreM": 0.670, "RATL": 0.642, "LIFG": 0.571}


def canonical_hrf(dt, length=32.0):
    """Difference of two gamma densities (Glover; SPM's defaults: peaks at 6 and 16 s, ratio 6)."""
    t = np.arange(0, length, dt)
    return gamma.pdf(t, 6) - gamma.pdf(t, 16) / 6


def test_the_story_clock_adds_the_segments_and_their_pauses():
    words = pl.DataFrame({"Segment": [1, 1, 2, 3], "onset": [0.1, 1.0, 0.2, 0.3], "offset": [0.9, 2.0, 1.5, 0.8]})
    onsets, offsets = alice2016_words.story_clock(words)
    assert onsets == pytest.approx([0.1, 1.0, 2.7, 4.8])
    assert offsets == pytest.approx([0.9, 2.0, 4.0, 5.3])


def test_a_renamed_column_is_refused(tmp_path):
    (tmp_path / "words.csv").write_text("Word,Segment,start\nAlice,1,0.1\n")
    with pytest.raises(BrainlakeError, match=r"words.csv has no column onset, offset, Sentence, LogFreq, .*; it has W"):
        alice2016_words.read_words(tmp_path / "words.csv")


def test_a_file_of_another_shape_is_refused(tmp_path):
    np.savetxt(tmp_path / "x.txt", np.zeros((361, 6)))
    paths = {"alice_fmri/alice_data_shared/x.txt": tmp_path / "x.txt"}
    with pytest.raises(BrainlakeError, match=r"x.txt holds an array of shape \(361, 6\), not \(362, 6\)"):
        alice2016._read(paths, "x.txt", (362, 6))


@pytest.mark.mirror
def test_counts(mirror_bank):
    stimuli = mirror_bank.stimuli("alice2016")
    assert stimuli.height == 2106
    assert (stimuli["group_id"].n_unique(), stimuli["sentence_id"].n_unique()) == (12, 84)
    assert stimuli["onset_s"].is_sorted()
    responses = mirror_bank.table("responses", benchmark="alice2016")
    assert responses["subject"].n_unique() == 27
    assert responses.group_by("subject").len()["len"].unique().to_list() == [362]
    assert set(responses["response"].list.len()) == {6}
    assert responses["time_s"].max() == 722.0
    nuisance = mirror_bank.table("nuisance", benchmark="alice2016")
    motion = {f"motion_{name}" for name in ("x", "y", "z", "pitch", "roll", "yaw")}
    assert set(nuisance["name"]) == motion | {"sound_power", "word_rate", "drift_1", "drift_2", "drift_3"}
    assert nuisance.group_by("subject", "name").len()["len"].unique().to_list() == [362]


@pytest.mark.mirror
def test_the_constant_participant_is_left_out_and_named(mirror_bank):
    details = mirror_bank.sql("select details from manifest where kind = 'benchmarks' and name = 'alice2016'").item()
    assert "alice2016: s33 is left out: its time courses are constant" in details
    assert "s33" not in set(mirror_bank.table("responses", benchmark="alice2016")["subject"])


@pytest.mark.mirror
def test_the_word_rate_is_that_of_the_release(mirror_bank):
    stimuli = mirror_bank.stimuli("alice2016")
    rate = mirror_bank.table("nuisance", benchmark="alice2016", subject="s18").filter(name="word_rate").sort("row_id")
    dt, n = 0.05, 362
    fine = np.bincount((stimuli["onset_s"].to_numpy() / dt).astype(int), minlength=int(n * 2 / dt))
    convolved = np.convolve(fine, canonical_hrf(dt))[:: int(2 / dt)][:n]
    assert np.corrcoef(convolved, rate["value"].to_numpy())[0, 1] >= 0.97


@pytest.mark.mirror
def test_reliability_of_the_regions(mirror_bank):
    ceilings = mirror_bank.table("ceilings", benchmark="alice2016")
    found = dict(ceilings.filter(scale="reliability").select("roi", "value").iter_rows())
    assert found == {roi: pytest.approx(value, abs=0.03) for roi, value in RELIABILITY.items()}
    single = ceilings.filter(pl.col("subject").is_null(), pl.col("roi").is_not_null())["value"]
    assert single.is_between(0.16, 0.43).all()


@pytest.mark.mirror
def test_every_word_falls_into_a_scan_and_every_scan_into_a_segment(mirror_bank):
    stimuli = mirror_bank.stimuli("alice2016")
    times = np.arange(362) * 2.0
    trs = tr_of_words(stimuli["onset_s"].to_numpy(), times, 2.0)
    assert (trs >= 0).all()
    assert total(np.ones((2106, 1)), trs, 362).sum() == 2106
    labels = labels_of_trs(stimuli["onset_s"].to_numpy(), stimuli["group_id"].to_list(), times)
    assert list(dict.fromkeys(labels)) == [str(k) for k in range(1, 13)]


ROOT = Path(__file__).parents[4]
CARD = " ".join((ROOT / "dataset_cards/alice2016.md").read_text(encoding="utf-8").split())


def printed(value):
    return f"{value:.3f}".lstrip("0")


@pytest.mark.mirror
def test_the_card_has_the_ceilings_with_and_without_drift(mirror_bank):
    ceilings = mirror_bank.table("ceilings", benchmark="alice2016")
    known = dict(ceilings.filter(scale="reliability").select("roi", "value").iter_rows())
    (said,) = re.findall(r"mean over listeners \(([^)]*) at 10 mm\)", CARD)
    assert dict(re.findall(r"(\w+) (\.\d+)", said)) == {roi: printed(value) for roi, value in known.items()}
    (whole,) = ceilings.filter(pl.col("roi").is_null(), scale="max_r")["value"]
    assert f"(`max_r`: {printed(whole)} over regions" in CARD
    responses = mirror_bank.table("responses", benchmark="alice2016").sort("subject", "time_s")
    series = responses["response"].explode().to_numpy().reshape(27, 362, 6).astype(float)
    drifting = split_half(series)[alice2016.ROIS.index("RATL")]
    assert f"of RATL from {printed(known['RATL'])} to {printed(drifting)}." in CARD


def test_the_card_s_untrained_model_is_that_of_the_results():
    (row,) = re.findall(r"^\| untrained, seed 0 \|.*", (ROOT / "docs/results.md").read_text(encoding="utf-8"), re.M)
    (shuffled,) = re.findall(r"seed 0, reaches (\.\d+) under shuffled folds", CARD)
    assert row.endswith(f"| {shuffled} |")
