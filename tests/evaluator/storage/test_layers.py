"""One layer, as it shows itself."""

import numpy as np

from brainlake import Activations, open_bank


def test_it_shows_itself_in_one_line(toy_bank):
    found = open_bank(toy_bank).activations("m", "toy", 1)
    assert repr(found) == "Activations(60 stimuli, 5 features, float32; 'toy.0' to 'toy.59')"
    assert repr(Activations([], np.empty((0, 3), np.float32))) == "Activations(0 stimuli, 3 features, float32)"
