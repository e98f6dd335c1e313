"""Every column of what goes with alignment is described."""

from dataclasses import fields

from brainlake.study.correlation_row import Correlation


def test_every_column_is_described():
    described = Correlation.__doc__ + Correlation.__mro__[1].__doc__
    of_scores = {"benchmark", "stimulus_set", "measure", "metric", "protocol", "recipe"}
    assert [one.name for one in fields(Correlation) if one.name not in of_scores and one.name not in described] == []
