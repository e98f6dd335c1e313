"""The layer of least inner error, fold by fold, and its rows."""

from types import SimpleNamespace

import numpy as np
import pytest

from brainlake.encoding.folds import contiguous
from brainlake.encoding.layer_errors import from_layers, least_error
from brainlake.errors import BrainlakeError


def fit(*errors):
    return SimpleNamespace(inner_error=np.array(errors))


def test_each_fold_takes_the_layer_of_least_error_and_the_first_of_equals():
    assert least_error([fit(2.0, 1.0, 3.0), fit(1.0, 1.0, 4.0)]).tolist() == [1, 0, 0]


def test_rows_of_each_fold_are_those_of_its_layer():
    folds = contiguous(9, 3)
    stacks = {0: np.zeros((9, 2)), 4: np.ones((9, 2))}
    found = from_layers(stacks, np.array([4, 0, 4]), folds)
    assert found[:, 0].tolist() == [1, 1, 1, 0, 0, 0, 1, 1, 1]


def test_what_leaves_no_choice_is_refused():
    with pytest.raises(BrainlakeError, match="no layer"):
        least_error([])
    with pytest.raises(BrainlakeError, match="one fixed penalty: offer two or more"):
        least_error([fit(1.0, np.nan)])
