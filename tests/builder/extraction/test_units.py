"""Models as units of work: what other processes get can be pickled, says what it needs, and makes the same files."""

import pickle
import shutil
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import pytest

from bank_content import content
from brainlake.bank.manifest import rebuild_manifest
from brainlake.engines.unit import in_this_process
from brainlake.errors import BrainlakeError, Failures
from brainlake.report.progress import SILENT
from brainlake_builder.extraction import extract as extraction
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.tasks import list_tasks
from brainlake_builder.extraction.units import Notes, units_elsewhere, units_here
from brainlake_builder.tables.arrival import check_arrived


@pytest.fixture
def banks(make_bank, make_stimuli, tmp_path):
    here = make_bank(words=make_stimuli("words", [["The boy cried wolf.", "Nobody came."]]))
    return here, shutil.copytree(here, tmp_path / "there")


def models_of(request):
    tasks = list(list_tasks(request))
    return [(tasks[0].files, tasks)]


def test_work_that_travels_makes_what_is_made_here(banks, model_folder):
    made = []
    for bank, elsewhere in zip(banks, (False, True), strict=True):
        request = ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"])
        models = models_of(request)
        (unit,) = units_elsewhere(request, models, Failures()) if elsewhere else units_here(request, models, SILENT)
        work = pickle.loads(pickle.dumps(unit.work)) if elsewhere else unit.work
        made.append(work())
        rebuild_manifest(bank)
    assert [len(one.sidecars) for one in made] == [2, 2]
    assert made[1].failed == {}
    assert (unit.gpus, unit.cpus >= 1, unit.memory_bytes > 0) == (0, True, True)
    assert content(banks[0]) == content(banks[1])


def test_errors_of_tasks_travel_as_texts(banks, model_folder, monkeypatch):
    request = ExtractionRequest(banks[0], [str(model_folder("gpt2"))], ["words"])
    models = models_of(request)
    (unit,) = units_elsewhere(request, models, Failures())

    def fails(*_):
        raise BrainlakeError("no room", "left")

    monkeypatch.setattr("brainlake_builder.extraction.units.extract_model", fails)
    made = pickle.loads(pickle.dumps(unit.work()))
    assert [str(error) for error in made.failed.values()] == [str(BrainlakeError("no room", "left"))]


@pytest.mark.parametrize("there", ["nothing", "another bank"])
def test_a_machine_that_does_not_see_the_bank_makes_none(there, banks, model_folder, make_bank, make_stimuli):
    here = banks[0]
    request = ExtractionRequest(here, [str(model_folder("gpt2"))], ["words"])
    (unit,) = units_elsewhere(request, models_of(request), Failures())
    shutil.rmtree(here)
    if there == "another bank":
        make_bank(words=make_stimuli("words", [["Another story."]])).rename(here)
    before = sorted(here.rglob("*"))
    with pytest.raises(
        BrainlakeError, match=r"is not the bank that this was asked for: it has no such stimuli \(words\)"
    ):
        unit.work()
    assert sorted(here.rglob("*")) == before


def test_files_that_another_machine_wrote_elsewhere_are_missed(banks, model_folder, monkeypatch):
    here, there = banks
    request = ExtractionRequest(here, [str(model_folder("gpt2"))], ["words"], engine="ray")
    planned = extraction.units_elsewhere
    monkeypatch.setattr(extraction, "engine_named", lambda _: nullcontext(in_this_process))
    monkeypatch.setattr(
        extraction, "units_elsewhere", lambda asked, *given: planned(replace(asked, bank=there), *given)
    )
    monkeypatch.setattr(extraction, "check_arrived", partial(check_arrived, patience=0))
    with pytest.raises(BrainlakeError, match=r"activations/.* was written by another machine and is not in .*bank"):
        extraction.extract(request)
    monkeypatch.setattr(extraction, "units_elsewhere", planned)
    assert len(extraction.extract(request)) == 2


def test_notes_are_kept_and_nothing_else_is_said(capsys):
    notes = Notes()
    with notes.step("loading"):
        notes.note("already there")
    assert notes.kept == ["already there"]
    assert capsys.readouterr() == ("", "")
