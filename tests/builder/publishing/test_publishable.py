"""What is chosen, what stays at home and why, and what cannot be relied on."""

import pytest

from brainlake import BrainlakeError, UnknownNameError
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.schema import FEATURE_TABLES
from brainlake_builder.publishing.permission import HUMAN_TABLES
from brainlake_builder.publishing.publishable import FEATURES, SHOWN, check_publishable, choose
from hub.banks import add_model, values

GPT = "gpt+untrained-s0"


def test_every_file_travels_or_stays_with_a_reason(bank):
    everything = {s.path for s in read_sidecars(bank)}
    for options in ({}, {"features": True}, {"metadata_only": True}, {"models": [GPT]}):
        choice = choose(bank, may_pass_on=True, **options)
        travels, stays = [s.path for s in choice.travels], [h.path for h in choice.stays]
        assert sorted(travels + stays) == sorted(everything)
        assert bool(stays) == bool(options)
        assert all(h.why for h in choice.stays)
        assert {row["benchmark"] for row in choice.benchmarks} == {"toy.brain", "toy.reading"}


def test_features_leave_people_at_home(bank):
    choice = choose(bank, features=True, may_pass_on=True)
    assert {s.kind for s in choice.travels} <= set(FEATURES)
    assert not choice.human
    assert {h.why for h in choice.stays} == {"is human data", "is no table of features"}
    assert choose(bank, may_pass_on=True).human


def test_stimuli_that_may_not_be_passed_on_stay_where_features_travel(bank):
    held = {h.path: h.why for h in choose(bank, features=True).stays}
    assert held["stimuli/toy.parquet"] == "may not be passed on (licence: not known)"


def test_metadata_are_without_features(bank):
    choice = choose(bank, metadata_only=True, may_pass_on=True)
    assert not {s.kind for s in choice.travels} & set(FEATURE_TABLES)
    assert {h.why for h in choice.stays} == {"is a table of features"}


def test_of_chosen_models_nothing_of_others_travels(bank):
    choice = choose(bank, [GPT], may_pass_on=True)
    assert {s.model for s in choice.travels if s.model} == {GPT}
    assert {h.why for h in choice.stays} == {"is of m"}
    assert {s.kind for s in read_sidecars(bank)} & set(HUMAN_TABLES) <= {s.kind for s in choice.travels}


def test_what_cannot_be_chosen_is_refused(bank, tmp_path):
    with pytest.raises(UnknownNameError, match=r"unknown model 'nope'; there is: gpt"):
        choose(bank, ["nope"])
    with pytest.raises(BrainlakeError, match="no such folder"):
        choose(tmp_path / "nowhere")
    with pytest.raises(BrainlakeError, match=r"may not be passed on .*--features.*--may-pass-on"):
        choose(bank)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BrainlakeError, match="holds nothing to publish"):
        choose(tmp_path / "empty")


def test_a_sound_bank_passes(bank):
    check_publishable(bank, read_sidecars(bank))


@pytest.mark.parametrize("checks", [[], [{"name": "prefix", "value": 1.0, "tolerance": 1e-4, "passed": False}]])
def test_activations_without_checks_passed_are_refused_if_they_travel(bank, checks):
    add_model(bank, "unchecked", values(seed=1), checks=checks)
    sidecars = read_sidecars(bank)
    with pytest.raises(BrainlakeError, match=r"activations/unchecked/.* records no checks, or one that failed"):
        check_publishable(bank, sidecars)
    check_publishable(bank, [s for s in sidecars if s.model != "unchecked"])


def test_of_many_problems_some_are_named_and_all_counted(bank):
    damaged = [s.path for s in read_sidecars(bank) if s.kind in ("responses", "targets", "ceilings", "reading_times")]
    for path in damaged:
        (bank / path).write_bytes((bank / path).read_bytes()[:-1])
    with pytest.raises(BrainlakeError, match=r"is not sound: .*\(and \d+ more\)\. `brainlake verify") as error:
        check_publishable(bank, [])
    assert sum(path in str(error.value) for path in damaged) <= SHOWN < len(damaged)
