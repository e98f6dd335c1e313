"""One model serves all of its tasks: loaded once, and not at all where there is nothing to do."""

import pytest

from brainlake.errors import Failures
from brainlake.report.progress import SILENT
from brainlake_builder.extraction import model as extraction_model
from brainlake_builder.extraction.model import extract_model
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.tasks import list_tasks
from brainlake_builder.models import loading

SENTENCES = [["The boy cried wolf.", "Nobody came."]]


@pytest.fixture
def asked(make_bank, make_stimuli, model_folder):
    bank = make_bank(words=make_stimuli("words", SENTENCES), more=make_stimuli("more", SENTENCES * 2))
    request = ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words", "more"], surprisal=False)
    tasks = list(list_tasks(request))
    return request, tasks[0].files, tasks


def test_it_is_loaded_once_and_then_not_again(asked, monkeypatch):
    loads, load = [], loading._network
    monkeypatch.setattr(loading, "_network", lambda *given: loads.append(given) or load(*given))
    first = list(extract_model(*asked, 1, Failures(True), SILENT))
    assert (len(loads), len(first)) == (1, 2)
    again = list(extract_model(*asked, 1, Failures(True), SILENT))
    assert len(loads) == 1
    assert [sidecar.sha256 for sidecar in again] == [sidecar.sha256 for sidecar in first]


def test_a_task_that_fails_stops_no_other(asked, monkeypatch):
    from brainlake.errors import BrainlakeError

    run = extraction_model.run_and_write

    def fails(work, *given):
        if work.task.stimuli.name == "words":
            raise BrainlakeError("no room")
        return run(work, *given)

    monkeypatch.setattr(extraction_model, "run_and_write", fails)
    failures = Failures()
    made = list(extract_model(*asked, 1, failures, SILENT))
    assert [sidecar.stimulus_set for sidecar in made] == ["more"]
    assert [str(error) for error in failures.found.values()] == ["no room"]


def test_where_nothing_is_replaced_the_bank_is_not_read_through(asked, monkeypatch):
    """With 300 models in it that would be paid for once a task."""
    monkeypatch.setattr(extraction_model, "read_sidecars", None)
    assert len(list(extract_model(*asked, 1, Failures(True), SILENT))) == 2
