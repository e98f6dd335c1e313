"""A call that was interrupted goes on where it was, with the same table; nothing else is ever taken for it."""

import pytest

from brainlake import brain_alignment, open_bank
from brainlake.errors import BrainlakeError
from hub.banks import add_model, values

PEOPLE = {"by": ["subject"], "n_boot": 40, "threads": 1}


class Watch:
    """Says which models were scored; stops before one, if asked to."""

    def __init__(self, stop=None):
        self.stop, self.seen = stop, []

    def __call__(self, layers, label):
        name = label.split()[0]
        if name == self.stop:
            raise KeyboardInterrupt
        if not name.startswith("baseline:"):
            self.seen.append(name)
        return layers


@pytest.fixture
def three(own_bank):
    for seed, name in enumerate(("a", "z")):
        add_model(own_bank, name, values(seed=seed))
    return own_bank


@pytest.fixture
def interrupted(three, tmp_path):
    """A bank, and the folder of a call that was stopped before its last model."""
    with pytest.raises(KeyboardInterrupt):
        brain_alignment(three, "toy.brain", unfinished=tmp_path / "kept", progress=Watch("z"), **PEOPLE)
    return three, tmp_path / "kept"


def again(bank, folder, **asked):
    watch = Watch()
    return brain_alignment(bank, "toy.brain", unfinished=folder, progress=watch, **PEOPLE | asked), watch.seen


def test_what_was_done_is_not_done_again_and_the_table_is_the_same(interrupted):
    bank, folder = interrupted
    found, scored = again(bank, folder)
    assert scored == ["z"]
    assert found.equals(brain_alignment(bank, "toy.brain", **PEOPLE))
    assert again(bank, folder)[1] == []


def test_rows_of_another_question_are_left_alone(interrupted):
    bank, folder = interrupted
    for asked in ({"n_boot": 41}, {"layers": [1]}, {"baselines": ["length"]}, {"protocol": "aw2024"}, {"by": []}):
        assert again(bank, folder, **asked)[1] == ["a", "m", "z"], asked


def test_a_model_that_comes_later_is_scored_and_one_that_changed_scored_again(interrupted):
    bank, folder = interrupted
    add_model(bank, "b", values(seed=7))
    assert again(bank, folder)[1] == ["b", "z"]
    add_model(bank, "a", values(seed=8))
    assert again(open_bank(bank), folder)[1] == ["a"]


@pytest.mark.parametrize(
    "changed", [lambda text: '{"kind": 1}', lambda text: text.replace('"score": 0.', '"score": 0.1')]
)
def test_a_file_that_holds_no_rows_or_others_is_named(interrupted, changed):
    bank, folder = interrupted
    for path in folder.iterdir():
        path.write_text(changed(path.read_text()))
    with pytest.raises(BrainlakeError, match=r"kept/\w{64}\.json holds no rows of scores .*: remove it, and ask again"):
        again(bank, folder)
