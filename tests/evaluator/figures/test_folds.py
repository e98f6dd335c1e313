"""Every model under the folds of the protocol, and under others."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.folds import fold_rows, folds_beside
from drawn import EDGES, WHOLE, data_of, numbers, profile
from studies import scores


@pytest.mark.parametrize("edge", EDGES)
def test_folds_hold_both_scores_of_everyone(edge):
    table = profile(**EDGES[edge])
    found = numbers(data_of(folds_beside(table)), "kind", "folds", "score")
    both = table.filter(*WHOLE, pl.col("kind").is_in(["headline", "other_folds"]))
    assert found == set(both.select("kind", "folds", "score").iter_rows())


def test_who_has_one_of_both_scores_is_left_out():
    lone = pl.col("kind").eq("other_folds") & pl.col("model").eq("lab--m1")
    assert fold_rows(profile(n=2).filter(~lone))["label"].unique(maintain_order=True).to_list() == [
        "m0",
        "length",
        "position",
    ]


def test_scores_without_others_beside_or_of_several_questions_are_refused():
    with pytest.raises(BrainlakeError, match="no score under other folds"):
        folds_beside(scores([("m", "b", 0.1)]))
    with pytest.raises(BrainlakeError, match="answer several: b, grouped, c, grouped"):
        folds_beside(pl.concat([profile(), profile(benchmark="c")]))
