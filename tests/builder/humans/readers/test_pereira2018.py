import dataclasses

import numpy as np
import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.readers import pereira2018
from brainlake_builder.humans.readers.pereira2018 import ASSEMBLY, EXPERIMENTS, STIMULI
from brainlake_builder.humans.validation import check_tables

SMALL = dataclasses.replace(EXPERIMENTS[0], n_sentences=6, n_subjects=2, n_voxels=4)


@pytest.fixture
def stimulus_set(tmp_path):
    """Six sentences of the 243 experiment in two topics, the first of two passages, and two of the 384 experiment."""
    columns = {
        "sentence": [f"Sentence number {i}, {'or so' * (i % 2)}." for i in range(6)] + ["Another.", "One. "],
        "sentence_num": list(range(8)),
        "stimulus_id": [f"243sentences.{i}" for i in range(6)] + ["384sentences.0", "384sentences.1"],
        "experiment": ["243sentences"] * 6 + ["384sentences"] * 2,
        "story": ["243sentences.bees"] * 4 + ["243sentences.cars"] * 2 + ["384sentences.music"] * 2,
        "passage_index": [1, 1, 2, 2, 3, 3, 1, 1],
        "passage_label": ["bees"] * 4 + ["cars"] * 2 + ["Accordion"] * 2,
    }
    path = tmp_path / "stimulus_set.csv"
    pl.DataFrame(columns).write_csv(path)
    return path


def assembly_parts(csv, n_voxels=6, seed=0):
    """Responses of three subjects; the last voxel of each of the first two is missing in one sentence, subject 3 has
    not seen the first experiment."""
    table = pl.read_csv(csv, infer_schema=False)
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(table.height, 3 * n_voxels // 2))
    subjects = np.repeat(["018", "215", "199"], n_voxels // 2)
    first = (table["experiment"] == "243sentences").to_numpy()
    values[np.ix_(first, subjects == "199")] = np.nan
    values[2, n_voxels // 2 - 1] = values[3, n_voxels - 1] = np.nan
    presentation = {name: table[name].to_list() for name in ("experiment", "stimulus_id", "story", "passage_label")}
    presentation |= {"stimulus": table["sentence"].to_list()}
    neuroid = {
        "subject": subjects,
        "neuroid_id": [f"{subject}.{i}" for i, subject in enumerate(subjects)],
        "roi": np.repeat("LH_IFG", len(subjects)),
    }
    return values, presentation, neuroid


def build(csv, path, experiment=SMALL):
    return pereira2018._build(experiment, {STIMULI.name: csv, ASSEMBLY.name: path})


def test_tables_keep_the_contract_and_drop_incomplete_voxels(stimulus_set, write_assembly):
    values, presentation, neuroid = assembly_parts(stimulus_set)
    tables = build(stimulus_set, write_assembly(values, presentation, neuroid, as_bytes=True))
    check_tables(next(d for d in pereira2018.DATASETS if d.benchmark == "pereira2018.243"), tables)
    responses = pl.DataFrame(tables.recordings["responses"])
    assert responses["subject"].unique(maintain_order=True).to_list() == ["018", "215"]
    found = np.array(responses.filter(subject="215")["response"].to_list())
    assert np.allclose(found, values[:6, 3:5])
    ids = tables.recordings["targets"].column("target_id").to_pylist()
    assert ids == ["018.0", "018.1", "215.3", "215.4"]
    stimuli = pl.DataFrame(tables.stimuli["pereira2018.243"])
    assert stimuli["context_id"].to_list() == ["bees"] * 4 + ["cars"] * 2
    assert stimuli["group_id"].n_unique() == 2
    assert stimuli["document_id"].to_list() == ["1", "1", "2", "2", "3", "3"]
    assert stimuli["separator"].to_list() == ["", " "] * 3


def test_each_ceiling_belongs_to_its_protocol_and_folds(stimulus_set, write_assembly):
    tables = build(stimulus_set, write_assembly(*assembly_parts(stimulus_set)))
    ceilings = pl.DataFrame(tables.recordings["ceilings"])
    rows = ceilings.select("protocol", "folds", "scale", "value").rows()
    assert rows == [("aw2024", "shuffled", "max_r", 0.35378928), ("grouped", "grouped", "max_r", 0.1337)]


def test_permuted_rows_are_refused(stimulus_set, write_assembly):
    values, presentation, neuroid = assembly_parts(stimulus_set)
    order = [1, 0, 2, 3, 4, 5, 6, 7]
    permuted = {name: [labels[i] for i in order] for name, labels in presentation.items()}
    with pytest.raises(
        BrainlakeError, match=r"stimulus_id of presentation 1 of 243sentences is '243sentences\.1', not"
    ):
        build(stimulus_set, write_assembly(values[order], permuted, neuroid))


def test_other_text_is_refused(stimulus_set, write_assembly):
    values, presentation, neuroid = assembly_parts(stimulus_set)
    presentation["stimulus"][3] = "Something else."
    with pytest.raises(BrainlakeError, match=r"stimulus of presentation 4 of 243sentences is 'Something else\.', not"):
        build(stimulus_set, write_assembly(values, presentation, neuroid))


def test_another_number_of_voxels_is_refused(stimulus_set, write_assembly):
    path = write_assembly(*assembly_parts(stimulus_set, n_voxels=8))
    with pytest.raises(BrainlakeError, match=r"holds 6 voxels without missing values in 243sentences, not 4"):
        build(stimulus_set, path)


@pytest.mark.mirror
@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_the_real_sentences(mirror, write_assembly, experiment):
    csv = mirror / STIMULI.name
    parts = assembly_parts(csv, n_voxels=6)
    complete = {"243sentences": (2, 4), "384sentences": (3, 9)}[experiment.name]
    small = dataclasses.replace(experiment, n_subjects=complete[0], n_voxels=complete[1])
    tables = build(csv, write_assembly(*parts), small)
    stimuli = pl.DataFrame(tables.stimuli[experiment.benchmark])
    assert stimuli.height == experiment.n_sentences
    assert stimuli["group_id"].n_unique() == 24
    assert stimuli["context_id"].n_unique() == {"243sentences": 24, "384sentences": 96}[experiment.name]
    assert stimuli["document_id"].n_unique() == {"243sentences": 72, "384sentences": 96}[experiment.name]


@pytest.mark.mirror
def test_langnet_has_one_response_a_sentence(mirror_bank, mirror):
    rows = mirror_bank.sql(
        "select row_id, response, text from responses join stimuli on stimuli.stimulus_id = row_id "
        "and stimuli.stimulus_set = responses.stimulus_set where benchmark = 'pereira2018.langnet'"
    )
    joined = pl.read_csv(mirror / "pereira2018_langnet" / "pereira_langnet_joined.csv")
    both = rows.join(joined, left_on="row_id", right_on="stimulus_id")
    assert both.height == 627
    assert both["text"].equals(both["sentence_original"].alias("text"))
    assert both["response"].list.first().to_numpy() == pytest.approx(both["effect_size"].to_numpy(), abs=1e-6)
