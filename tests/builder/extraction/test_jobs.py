"""Arrays: models that need alike share one, and a job's commands name what it does."""

import pytest

from brainlake.errors import Failures
from brainlake_builder.extraction.jobs import Array, plan_arrays, sources_of
from brainlake_builder.extraction.needs import Hardware
from brainlake_builder.extraction.request import ExtractionRequest

SENTENCES = [["The boy cried wolf.", "Nobody came."]]


@pytest.fixture
def bank(make_bank, make_stimuli):
    return make_bank(words=make_stimuli("words", SENTENCES), more=make_stimuli("more", SENTENCES * 2))


def arrays(bank, models, jobs, failures=None, **more):
    request = ExtractionRequest(bank, models, ["words", "more"], **more)
    return plan_arrays(request, Hardware(), jobs, failures or Failures(True))


def test_a_job_a_model_that_needs_alike(bank, model_folder):
    models = [str(model_folder(name)) for name in ("gpt2", "llama")]
    (array,) = arrays(bank, models, None)
    assert (array.gpus, len(array.jobs), array.name) == (0, 2, f"cpu-{array.memory_gb}gb")
    assert sorted(files for job in array.jobs for files in sources_of(job)) == [["--model", one] for one in models]
    assert all(seconds > 0 for seconds in array.seconds)


def test_fewer_jobs_than_models_share_a_command(bank, model_folder):
    models = [str(model_folder(name)) for name in ("gpt2", "llama")]
    (array,) = arrays(bank, models, 1)
    (command,) = sources_of(array.jobs[0])
    assert (command[0], sorted(command[1:])) == ("--model", sorted(models))


def test_more_jobs_than_models_are_as_many_as_tasks(bank, model_folder):
    (array,) = arrays(bank, [str(model_folder("gpt2"))], 9)
    found = [command[-1] for job in array.jobs for command in sources_of(job)]
    assert found == ["1/2", "2/2"]
    whole = array.jobs[0][0].need.seconds
    assert sum(array.seconds) == pytest.approx(whole)


def test_a_model_that_is_not_there_stops_no_other(bank, model_folder, tmp_path):
    failures = Failures()
    (array,) = arrays(bank, [str(tmp_path / "nowhere"), str(model_folder("gpt2"))], None, failures)
    assert (len(array.jobs), list(failures.found)) == (1, [str(tmp_path / "nowhere")])


def test_a_script_is_called_after_what_it_asks_for():
    assert [Array(gpus, 16, []).name for gpus in (0, 2)] == ["cpu-16gb", "gpus2-16gb"]
