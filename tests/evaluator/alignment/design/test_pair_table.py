"""Pairs: the better one first, and rows under the columns of ``comparisons``."""

import numpy as np

from brainlake.alignment.design.pair_table import pair_table, ranked_pairs
from brainlake.alignment.design.score_row import Identity
from brainlake.contract.schema import COMPARISONS
from brainlake.encoding.paired import Differences


def test_the_better_one_stands_first_and_ties_as_they_came():
    assert ranked_pairs(np.array([0.1, 0.3, 0.1])) == [(1, 0), (1, 2), (0, 2)]


def test_what_there_is_none_of_is_null():
    none = np.array([np.nan])
    found = Differences(np.array([0.2]), none, none, none, none)
    about = {"benchmark": "b", "metric": "pearson", "protocol": "pearson", "n_stimuli": 9}
    table = pair_table([Identity("x"), Identity("y", recipe="document")], [(1, 0)], found, about)
    row = table.row(0, named=True)
    assert table.columns == COMPARISONS.names
    assert (row["model_a"], row["recipe_a"], row["model_b"], row["recipe_b"]) == ("y", "document", "x", None)
    assert (row["difference"], row["ci_low"], row["p_value"], row["p_adjusted"]) == (0.2, None, None, None)
