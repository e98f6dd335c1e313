import dataclasses
import json
from hashlib import sha256

import numpy as np
import polars as pl
import pytest

from brainlake.bank.catalogue import open_bank
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.dataset import HumanDataset, HumanTables, table_of
from brainlake_builder.humans.ingest import ingest, with_parts
from brainlake_builder.humans.source import RawFile


def build(texts=("One", "two"), subject="s1"):
    def function(paths):
        n = len(texts)
        ids = [f"t.{i}" for i in range(n)]
        stimuli = table_of(
            "stimuli", n, stimulus_set="toy", stimulus_id=ids, position=range(n), document_id="d", separator=" ",
            context_id="c", text=texts,
        )  # fmt: skip
        responses = table_of(
            "responses", n, benchmark="toy", stimulus_set="toy", subject=subject, row_id=ids, presentation=0,
            response=[[1.0, float("nan")]] * n,
        )  # fmt: skip
        targets = table_of("targets", 2, benchmark="toy", subject="s1", index=[0, 1], target_id=["a", "b"])
        return HumanTables({"toy": stimuli}, {"responses": responses, "targets": targets})

    return function


TOY = HumanDataset(
    benchmark="toy",
    stimulus_sets=("toy",),
    files=(RawFile("toy/raw.txt"),),
    citation="@misc{toy}",
    licence="CC0",
    redistributable=True,
    origin="made up",
    build=build(),
    modality="fmri",
    unit="stimulus",
)


@pytest.fixture
def source(tmp_path):
    (tmp_path / "source" / "toy").mkdir(parents=True)
    (tmp_path / "source" / "toy" / "raw.txt").write_text("raw")
    return tmp_path / "source"


@pytest.fixture
def toy(monkeypatch):
    def register(**changes):
        dataset = dataclasses.replace(TOY, **changes)
        monkeypatch.setitem(DATASETS, dataset.benchmark, dataset)

    register()
    return register


def test_tables_are_written_with_their_sources_and_verify(tmp_path, source, toy):
    written = ingest(["toy"], tmp_path / "bank", source)
    assert [s.path for s in written] == [f"{t}/toy.parquet" for t in ("stimuli", "benchmarks", "responses", "targets")]
    assert {s.licence for s in written} == {"CC0"}
    assert written[0].sources == [{"file": "toy/raw.txt", "url": None, "sha256": sha256(b"raw").hexdigest()}]
    bank = open_bank(tmp_path / "bank")
    assert bank.verify() == []
    assert bank.sql("select benchmark, unit from benchmarks").row(0) == ("toy", "stimulus")
    assert bank.sql("select count(*) n from manifest").item() == 4


def test_stimuli_that_are_there_are_left_alone(tmp_path, source, toy):
    ingest(["toy"], tmp_path, source)
    before = (tmp_path / "stimuli" / "toy.parquet").stat().st_mtime_ns
    assert "stimuli" not in {s.kind for s in ingest(["toy"], tmp_path, source)}
    assert (tmp_path / "stimuli" / "toy.parquet").stat().st_mtime_ns == before


def test_other_stimuli_of_the_same_name_are_refused(tmp_path, source, toy):
    ingest(["toy"], tmp_path / "bank", source)
    toy(build=build(("One", "three")))
    with pytest.raises(BrainlakeError, match=r"the stimuli toy of toy are not those of .*stimuli/toy.parquet"):
        ingest(["toy"], tmp_path / "bank", source)


def test_nothing_is_written_when_one_dataset_fails(tmp_path, source, toy):
    toy(benchmark="later", build=build(subject="s2"))
    with pytest.raises(BrainlakeError):
        ingest(["toy", "later"], tmp_path / "bank", source)
    assert not (tmp_path / "bank").exists()


def test_an_unknown_benchmark_is_named_with_the_known_ones(tmp_path):
    with pytest.raises(UnknownNameError, match=r"unknown benchmark 'pereira' \(did you mean 'pereira2018'\?\)"):
        ingest(["pereira"], tmp_path)


def test_a_composite_brings_its_parts_along():
    expected = ["pereira2018.243", "pereira2018.384", "pereira2018", "blank2014", "wehbe2014", "aw2024.brain"]
    assert with_parts(["aw2024.brain", "pereira2018"]) == expected


def test_notes_of_a_reader_are_kept(tmp_path, source, toy):
    toy(build=lambda paths: dataclasses.replace(build()(paths), notes=("s33 is left out: it is constant",)))
    row = next(s for s in ingest(["toy"], tmp_path, source) if s.kind == "benchmarks")
    assert json.loads(row.details) == {"notes": ["s33 is left out: it is constant"]}


@pytest.mark.mirror
def test_futrell2018_is_what_brain_score_scores(mirror_bank):
    words = mirror_bank.sql(
        "select * from reading_times join stimuli using (stimulus_set, stimulus_id) "
        "where benchmark = 'futrell2018' order by position"
    )
    assert words.height == 10_256
    assert words["sentence_id"].n_unique() == 481
    scored = words["scored"].to_numpy()
    assert scored.sum() == 9_775
    dummy = np.random.RandomState(0).random(10_256)
    r = np.corrcoef(dummy[scored], words["value"].to_numpy()[scored])[0, 1]
    assert r == pytest.approx(0.00853059, abs=1e-8)
    assert words["context_id"].n_unique() == 1
    assert words.group_by("document_id").len()["len"].sort().to_list() == sorted(
        [1073, 990, 1040, 1085, 1013, 1099, 999, 980, 1038, 939]
    )
    assert set(words.filter(separator="")["stimulus_id"]) == {f"{story}.0001" for story in range(1, 11)}


@pytest.mark.mirror
def test_realignment_moves_every_time_to_the_next_word(mirror_bank):
    query = "select stimulus_id, group_id, value from reading_times join stimuli using (stimulus_id) where benchmark="
    stored = mirror_bank.sql(query + "'futrell2018.2021' order by position")
    moved = mirror_bank.sql(query + "'futrell2018.realigned' order by position")
    assert moved["value"].null_count() == 10
    expected = stored.select(pl.col("value").shift(1).over("group_id"))
    assert moved.select("value").equals(expected)


@pytest.mark.mirror
def test_futrell2018_ceilings(mirror_bank):
    ceilings = mirror_bank.table("ceilings").filter(pl.col("benchmark").str.starts_with("futrell2018"))
    assert set(ceilings["scale"]) == {"reliability"}
    values = dict(ceilings.group_by("benchmark", maintain_order=True).agg("value").iter_rows())
    assert values["futrell2018"][0] == 0.85804302  # the published constant comes first
    assert values["futrell2018"][1] == pytest.approx(0.83, abs=0.01)
    assert values["futrell2018.2021"] == [pytest.approx(0.83, abs=0.01)]
    assert len(values["futrell2018.realigned"]) == 1


@pytest.mark.mirror
def test_tuckute2024_has_its_ceilings(mirror_bank, mirror):
    published = pl.read_csv(mirror / "tuckute2024" / "noise_ceilings_LH.csv")
    ceilings = mirror_bank.sql("select roi, value, scale from ceilings where benchmark = 'tuckute2024'")
    joined = ceilings.join(published, on="roi")
    assert joined.height == 6
    assert joined["value"].to_numpy() == pytest.approx(joined["nc"].to_numpy(), abs=1e-8)
    assert set(ceilings["scale"]) == {"max_r"}


@pytest.mark.mirror
def test_tuckute2024_responses_are_the_table_s(mirror_bank, mirror):
    raw = pl.read_csv(mirror / "tuckute2024" / "bold_response_LH.csv")
    rows = mirror_bank.sql("select row_id, response from responses where benchmark = 'tuckute2024'")
    targets = mirror_bank.sql("select target_id from targets where benchmark = 'tuckute2024' order by index")
    assert rows["row_id"].to_list() == raw["item_id"].to_list()
    values = np.array(rows["response"].to_list())
    assert np.allclose(values, raw.select(targets["target_id"].to_list()).to_numpy(), atol=1e-6)
