"""Every column of what tuning changes is described, and numbers of bases are said in words."""

from dataclasses import fields

from brainlake.study.effect_row import Effect, counted


def test_every_column_is_described():
    described = Effect.__doc__ + Effect.__mro__[1].__doc__
    of_scores = {"benchmark", "stimulus_set", "measure", "metric", "protocol", "recipe"}
    assert [one.name for one in fields(Effect) if one.name not in of_scores and one.name not in described] == []


def test_numbers_of_bases_and_families():
    assert counted(8, 2) == "8 bases of 2 families"
    assert counted(1, 1) == "1 base of 1 family"
