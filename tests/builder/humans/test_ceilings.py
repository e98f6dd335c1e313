"""Ceilings from subjects, repeats and readers, computed when data come in and again from the bank."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from brainlake.bank.catalogue import open_bank
from brainlake.contract.schema import TABLES
from brainlake_builder.cli import main
from brainlake_builder.humans.ceilings import computed_ceilings
from brainlake_builder.humans.dataset import Subject, responses_and_targets, table_of
from brainlake_builder.humans.ingest import ingest_frames

N = 48
IDS = [f"i{k}" for k in range(N)]
ROIS = ["front", "back", "back"]


def stimuli(groups=True):
    group = [f"g{k // 4}" for k in range(N)] if groups else None
    plain = {"document_id": IDS, "context_id": IDS, "text": "word", "separator": ""}
    return {"s": table_of("stimuli", N, stimulus_set="s", stimulus_id=IDS, position=range(N), group_id=group, **plain)}


def recordings(values, rois=ROIS):
    subjects = [Subject(f"s{i}", y.astype(np.float32), [f"t{k}" for k in range(y.shape[1])], rois) for i, y in values]
    return responses_and_targets("b", "s", IDS, subjects)


def simulated(n_subjects, snr=1.0, seed=0):
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((N, 3))
    return [(i, snr * shared + rng.standard_normal((N, 3))) for i in range(n_subjects)]


def rows_of(computed):
    return pl.DataFrame(computed.rows)


def test_what_subjects_share_is_their_correlation_with_the_mean_of_the_others():
    values = simulated(6)
    Y = np.stack([y.astype(np.float32) for _, y in values]).astype(np.float64)
    Z = (Y - Y.mean(1, keepdims=True)) / Y.std(1, keepdims=True)
    r = np.array(
        [[np.corrcoef(Z[s, :, t], np.delete(Z, s, 0).mean(0)[:, t])[0, 1] for t in range(3)] for s in range(6)]
    )
    found = rows_of(computed_ceilings("b", recordings(values), stimuli(), "stimulus"))
    shared = found.filter(scale="max_r")
    assert shared["roi"].to_list() == [None, "front", "back"]
    np.testing.assert_allclose(shared["value"], [np.median(r), np.median(r[:, 0]), np.median(r[:, 1:])])
    assert (shared["ci_low"] < shared["value"]).all()
    assert (shared["value"] < shared["ci_high"]).all()
    assert shared["method"].str.contains("bootstrap of subjects").all()
    assert set(found.filter(scale="reliability")["subject"]) == {"mean of 6 subjects"}


def test_noise_has_no_ceiling_and_a_sentence_says_so():
    computed = computed_ceilings("b", recordings(simulated(4, snr=0.0, seed=1)), stimuli(), "stimulus")
    assert rows_of(computed).filter(scale="max_r").is_empty()
    assert sum("is not above chance" in why for why in computed.why_not) == 3


def test_subjects_that_disagree_are_taken_in_without_a_ceiling():
    """Two that are each other's opposite: no reliability is below 0, and nothing is refused for it."""
    (_, one), *_ = simulated(1)
    found = computed_ceilings("b", recordings([(0, one), (1, 1 - one)]), stimuli(), "stimulus")
    assert rows_of(found).is_empty()
    about = [why for why in found.why_not if "no reliability of the mean over subjects for" in why]
    assert len(about) == 2
    assert all("does not lie above 0" in why for why in about)


def test_one_subject_has_none_and_different_targets_have_none():
    assert "there is one subject" in computed_ceilings("b", recordings(simulated(1)), stimuli(), "stimulus").why_not[0]
    tables = recordings(simulated(2))
    names = [f"{row['subject']}.{row['target_id']}" for row in tables["targets"].to_pylist()]
    place = tables["targets"].schema.get_field_index("target_id")
    tables["targets"] = tables["targets"].set_column(place, tables["targets"].schema.field(place), pa.array(names))
    assert "no target_id in common" in computed_ceilings("b", tables, stimuli(), "stimulus").why_not[0]


def test_missing_values_leave_out_a_row_not_a_subject():
    values = simulated(5)
    whole = rows_of(computed_ceilings("b", recordings(values), stimuli(), "stimulus")).filter(scale="max_r")
    values[0][1][3, 1] = np.nan
    gap = rows_of(computed_ceilings("b", recordings(values), stimuli(), "stimulus")).filter(scale="max_r")
    np.testing.assert_allclose(gap["value"], whole["value"], atol=0.03)
    assert gap["value"][0] != whole["value"][0]


def test_repeats_give_the_reliability_of_their_mean():
    rng = np.random.default_rng(0)
    signal = rng.standard_normal((N, 3))
    tables = [recordings([(0, signal + rng.standard_normal((N, 3)))]) for _ in range(4)]
    for k, table in enumerate(tables):
        place = table["responses"].schema.get_field_index("presentation")
        field = table["responses"].schema.field(place)
        table["responses"] = table["responses"].set_column(place, field, pa.array([k] * N, field.type))
    repeated = {"responses": pa.concat_tables([t["responses"] for t in tables]), "targets": tables[0]["targets"]}
    computed = computed_ceilings("b", repeated, stimuli(), "stimulus")
    found = rows_of(computed).filter(pl.col("method").str.contains("4 presentations"))
    assert found["roi"].to_list() == [None, "front", "back"]
    assert found["value"][0] == pytest.approx(1 / (1 + 1 / 4), abs=0.12)
    assert (found["ci_low"] < found["value"]).all()


def times(people, n_words=N):
    """Reading times of people, [people, words], as rows of people and as rows of means."""
    row = {"benchmark": "b", "stimulus_set": "s", "measure": "rt", "unit": "ms", "scored": True}
    each = [
        row | {"stimulus_id": IDS[k], "subject": f"p{i}", "value": t}
        for i, y in enumerate(people)
        for k, t in enumerate(y)
    ]
    means = [
        row | {"stimulus_id": IDS[k], "value": y.mean(), "sd": y.std(ddof=1), "n_subjects": len(y)}
        for k, y in enumerate(people.T)
    ]
    return (pa.Table.from_pylist(rows, schema=TABLES["reading_times"]) for rows in (each, means))


def test_readers_are_the_same_as_rows_of_people_and_as_means():
    rng = np.random.default_rng(0)
    people = 30 * rng.standard_normal(N) + 60 * rng.standard_normal((30, N))
    people += 300 - people.mean(1, keepdims=True)  # one is as fast as another: means keep nothing of that
    each, means = (rows_of(computed_ceilings("b", {"reading_times": t}, stimuli(), None)) for t in times(people))
    expected = 1 - np.mean(people.var(0, ddof=1) / 30) / people.mean(0).var(ddof=1)
    assert each["value"].item() == pytest.approx(expected, abs=1e-5)
    assert means["value"].item() == pytest.approx(expected, abs=1e-5)
    assert each["ci_low"].item() < expected < each["ci_high"].item()


def test_every_measure_of_the_same_readers_has_its_own(tmp_path):
    rng = np.random.default_rng(4)
    words = rng.normal(300, 60, 30)
    rows = [
        {"stimulus_id": f"w{k}", "measure": measure, "subject": reader, "value": more + words[k] + rng.normal(0, noise)}
        for measure, more, noise in (("first_fixation", 0, 20), ("gaze_duration", 200, 5))
        for reader in ("r1", "r2", "r3")
        for k in range(30)
    ]
    facts = {"benchmark": "b", "modality": "x", "citation": "me", "licence": "none", "redistributable": False}
    items = {"stimulus_id": [f"w{k}" for k in range(30)], "document_id": ["d"] * 30, "text": ["word"] * 30}
    ingest_frames({"benchmarks": facts, "stimuli": items, "reading_times": pl.DataFrame(rows)}, tmp_path)
    found = open_bank(tmp_path).table("ceilings").sort("measure")
    assert found["measure"].to_list() == ["first_fixation", "gaze_duration"]
    assert found["value"][0] < found["value"][1]


def test_means_without_their_spread_have_none():
    table = next(times(np.full((1, N), 300.0)))
    assert "two readers or more" in computed_ceilings("b", {"reading_times": table}, stimuli(), None).why_not[0]


def test_the_command_keeps_what_was_published(own_bank, capsys):
    assert main(["ceilings", str(own_bank), "--benchmark", "toy.brain"]) == 0
    said = capsys.readouterr()
    assert "front: max_r 0.800, made up" in said.out
    assert "stays as it was, since it is not computed from the recordings alone: made up (here)" in said.err
    assert "no ceiling between subjects: there is one subject" in said.err
    assert len(open_bank(own_bank).table("ceilings", benchmark="toy.brain")) == 3
