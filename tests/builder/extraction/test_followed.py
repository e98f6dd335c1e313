"""Tasks are counted as their files come, and each once."""

from types import SimpleNamespace

import pytest

from brainlake.contract.layout import feature_path, sidecar_path
from brainlake.contract.recipe import parse_recipe
from brainlake.engines.unit import Outcome, Unit
from brainlake.errors import BrainlakeError
from brainlake.report.progress import Progress
from brainlake_builder.extraction.followed import Tally, followed
from brainlake_builder.extraction.tasks import Task


def task(model, stimuli, width=4):
    config = SimpleNamespace(hidden_size=width, num_hidden_layers=2)
    files = SimpleNamespace(model=model, kind="decoder", config=SimpleNamespace(get_text_config=lambda: config))
    return Task(files, SimpleNamespace(name=stimuli, texts=["a text"]), parse_recipe("document"))


@pytest.fixture
def units():
    return {model: [task(model, name, width) for name in "xyz"] for model, width in (("m", 4), ("n", 8))}


def finish(bank, one):
    path = bank / sidecar_path(feature_path("surprisal", one.files.model, one.stimuli.name, one.recipe))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")


def test_the_last_task_of_a_unit_counts_when_it_has_ended(tmp_path, units):
    finish(tmp_path, units["n"][0])  # it was there before
    tally = Tally(tmp_path, units, surprisal=True)
    assert (tally.new(), tally.left) == (0, 1)
    finish(tmp_path, units["m"][0])
    assert (tally.new(), tally.new()) == (1, 0)
    for one in units["m"]:
        finish(tmp_path, one)
    assert tally.new() == 1
    assert tally.ended("m") == 1
    assert tally.left == pytest.approx(0.8)
    assert tally.ended("n") == 3
    assert tally.left == 0


def test_outcomes_come_through_and_what_was_never_begun_is_counted(tmp_path, units, capsys):
    first, second = Unit("m", lambda: 0), Unit("n", lambda: 0)
    tally = Tally(tmp_path, units | {"lost": [task("lost", "x")]}, surprisal=True)

    def events():
        yield None
        finish(tmp_path, units["m"][0])
        yield None
        yield Outcome(first, 0)
        yield Outcome(second, error=BrainlakeError("no"))

    found = list(followed(events(), tally, 7, Progress()))
    assert [outcome.unit for outcome in found] == [first, second]
    said = capsys.readouterr().err
    assert "m: done after 0 s; 0 s left" in said
    assert "n: failed after 0 s" in said
    assert "all models: 7 tasks" in said
