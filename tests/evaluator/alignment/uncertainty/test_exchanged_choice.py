"""Penalties of exchanged responses are chosen alike however many are taken at a time, and in single precision."""

import numpy as np
import pytest

from brainlake.alignment.uncertainty import exchanged_choice
from nulls import GROUPS, null_of, setting_of


@pytest.mark.parametrize(("constant", "value"), [("_FORMS", 1), ("_FLOAT32_ROWS", 10)])
def test_penalties_taken_one_by_one_and_single_precision_choose_the_same(monkeypatch, constant, value):
    rng = np.random.default_rng(7)
    layers, Y = [rng.standard_normal((68, d)) for d in (9, 40)], rng.standard_normal((68, 4))
    setting = setting_of(Y, 60, groups=GROUPS)
    expected = null_of(layers, setting)[0]
    monkeypatch.setattr(exchanged_choice, constant, value)
    np.testing.assert_allclose(null_of(layers, setting)[0].scores, expected.scores, atol=1e-12)
