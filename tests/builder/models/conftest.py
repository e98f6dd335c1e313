"""Small networks under a recipe, and passes of given tokens."""

import numpy as np
import pytest

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.passes import Pass


@pytest.fixture
def runner(model_folder):
    """A small network by name, not yet entered."""

    def make(name, recipe="document", surprisal=True):
        return make_runner(load_model(str(model_folder(name))), parse_recipe(recipe), surprisal=surprisal)

    return make


@pytest.fixture
def one_pass():
    """A pass that reads its last token, and the probabilities of all but the first token of its decoder, if any."""

    def make(ids, item=0, decoder_ids=None, scored=True):
        scoring = ids if decoder_ids is None else decoder_ids
        n = len(scoring) - 1 if scored else 0
        return Pass(
            ids=np.array(ids),
            items=np.array([item]),
            pooled=np.array([len(ids) - 1]),
            pooled_item=np.array([0]),
            slots=np.arange(n),
            before=np.arange(n),
            targets=np.array(scoring[1 : n + 1], dtype=np.int64),
            decoder_ids=None if decoder_ids is None else np.array(decoder_ids),
        )

    return make
