"""The demo's stimuli and simulated people under the contract."""

import numpy as np
import polars as pl
import pytest

from brainlake.contract.schema import TABLES
from brainlake_builder.demo.simulated_brain import BrainDesign, Roi, simulate_brain
from brainlake_builder.demo.simulated_reading import ReadingDesign, simulate_reading
from brainlake_builder.demo.stimuli import sentences, story_words
from brainlake_builder.demo.tables import (
    BRAIN,
    READING,
    TERMS,
    benchmark_table,
    brain_tables,
    model_folder,
    reading_tables,
    stimuli_table,
)
from brainlake_builder.humans.dataset import HumanDataset, HumanTables
from brainlake_builder.humans.validation import check_tables

IDS = [f"i{k}" for k in range(40)]


@pytest.fixture(scope="module")
def brain():
    rng = np.random.default_rng(0)
    design = BrainDesign(2, (Roi("a", 3, 1, 1.0), Roi("b", 2, 3, 0.2)), 4, 0.5)
    return simulate_brain(rng.standard_normal((40, 6)), [f"g{k // 10}" for k in range(40)], 1, design, rng)


@pytest.fixture(scope="module")
def reading():
    rng = np.random.default_rng(0)
    return simulate_reading(rng.gamma(2, 3, 40), rng.integers(1, 9, 40), ReadingDesign(n_readers=7), rng)


def facts(table):
    """A data set for the validation that users' data go through."""
    (row,) = table.to_pylist()
    kept = ("benchmark", "citation", "licence", "redistributable", "origin", "modality", "unit", "default_folds")
    given = {name: row[name] for name in kept} | {"stimulus_sets": tuple(row["stimulus_sets"])}
    return HumanDataset(files=(), build=lambda _: HumanTables(), **given)


@pytest.mark.parametrize("items", [sentences(), story_words()], ids=["sentences", "words"])
def test_every_document_is_its_own_context(items):
    found = stimuli_table("demo", items)
    assert found.schema == TABLES["stimuli"]
    frame = pl.DataFrame(found)
    assert frame.select(items.columns).equals(items.with_columns(pl.col("position").cast(pl.Int32)))
    assert frame["context_id"].equals(frame["document_id"], check_names=False)
    assert set(frame["stimulus_set"]) == {"demo"}
    assert frame["onset_s"].is_null().all()


@pytest.mark.parametrize(("unit", "folds"), [("stimulus", "grouped"), (None, None)])
def test_a_benchmark_says_that_it_is_simulated(unit, folds):
    (row,) = benchmark_table("demo.b", "demo.s", unit, "fmri").to_pylist()
    assert (row["unit"], row["default_folds"], row["stimulus_sets"]) == (unit, folds, ["demo.s"])
    assert row["origin"] == "simulated"
    assert {name: row[name] for name in TERMS} == TERMS


def test_responses_are_those_of_the_simulation_and_keep_the_contract(brain):
    found = brain_tables(brain, "demo.s", IDS)
    responses = pl.DataFrame(found["responses"])
    for subject, values in brain.responses.items():
        mine = responses.filter(subject=subject)
        assert mine["row_id"].to_list() == IDS
        np.testing.assert_array_equal(np.array(mine["response"].to_list()), values.astype(np.float32))
    targets = pl.DataFrame(found["targets"])
    assert targets["target_id"].to_list() == brain.targets["target_id"].to_list()
    stimuli = stimuli_table("demo.s", sentences().head(40).with_columns(stimulus_id=pl.Series(IDS)))
    check_tables(
        facts(benchmark_table(BRAIN, "demo.s", "stimulus", "fmri")), HumanTables({"demo.s": stimuli}, dict(found))
    )


def test_ceilings_are_medians_over_targets_of_a_region_and_of_all(brain):
    rows = pl.DataFrame(brain_tables(brain, "demo.s", IDS)["ceilings"])
    assert rows.height == 6
    for folds, column in (("grouped", "max_r"), ("shuffled", "max_r_shuffled")):
        for roi in (None, "simulated-a", "simulated-b"):
            (row,) = rows.filter(pl.col("folds") == folds, pl.col("roi").eq_missing(roi)).to_dicts()
            of = brain.truth if roi is None else brain.truth.filter(roi=roi)
            assert row["value"] == np.median(of[column].to_numpy())
            assert (row["scale"], row["benchmark"]) == ("max_r", BRAIN)


def test_reading_times_are_means_over_readers_and_keep_the_contract(reading):
    found = reading_tables(reading, "demo.s", IDS)
    times = pl.DataFrame(found["reading_times"])
    assert times["stimulus_id"].to_list() == IDS
    np.testing.assert_array_equal(times["value"], reading.mean_ms)
    np.testing.assert_array_equal(times["sd"], reading.sd_ms)
    assert times["subject"].is_null().all()
    assert set(times["n_subjects"]) == {7}
    (ceiling,) = found["ceilings"].to_pylist()
    assert (ceiling["value"], ceiling["scale"]) == (reading.max_r, "max_r")
    stimuli = stimuli_table("demo.s", story_words().head(40).with_columns(stimulus_id=pl.Series(IDS)))
    dataset = facts(benchmark_table(READING, "demo.s", None, "self-paced reading"))
    check_tables(dataset, HumanTables({"demo.s": stimuli}, dict(found)))


def test_stimuli_without_a_response_are_refused(brain):
    with pytest.raises(ValueError, match=r"shorter|longer"):
        brain_tables(brain, "demo.s", IDS[:-1])


def test_the_model_that_ships_is_there():
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= {path.name for path in model_folder().iterdir()}
