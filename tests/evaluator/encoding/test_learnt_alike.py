"""What folds share: where nothing is predicted, where a little is, and where a score is sure."""

import numpy as np
import pytest

from brainlake.encoding.learnt_alike import OF_GAINS, LearntAlike, correlations_alike


def test_where_nothing_is_predicted_folds_are_as_alike_as_what_they_tell_each_other():
    """Scores of equal correlation a have a mean of variance (1 + (F - 1) a) / F, and a spread of 1 - a."""
    a = 0.04 + 0.5 / 7
    shared = correlations_alike(8, 0.5, between_layers=3.0).shared(1.0)
    draws = np.random.default_rng(0).standard_normal((200_000, 8)) * np.sqrt(1 - a)
    draws += np.random.default_rng(1).standard_normal((200_000, 1)) * np.sqrt(a)
    expected = draws.mean(1).var() / (draws.var(1, ddof=1).mean() / 8)
    assert 1 + shared.correction * 8 / 7 == pytest.approx(expected, rel=0.02)
    assert shared.between_layers == 0  # all layers are equally bad


def test_what_is_sure_shares_next_to_nothing_but_the_layers_that_folds_disagree_on():
    alike = correlations_alike(10, 0.5, 0.01)
    assert alike.shared(0.0).correction == 0
    assert alike.shared(0.0001).correction < 0.05
    assert alike.shared(0.0).between_layers == pytest.approx(0.03)


@pytest.mark.parametrize("alike", [correlations_alike(10, 0.5, 0.01), LearntAlike(*OF_GAINS)])
def test_choices_are_worst_between(alike):
    noise = np.linspace(0, 1, 101)
    corrections = [alike.shared(u).correction for u in noise]
    assert 0.4 < noise[np.argmax(corrections)] < 0.8
    assert 1.5 < max(corrections) <= alike.most.correction
    assert alike.most.between_layers >= alike.shared(0.0).between_layers
