"""Rows as a table: the columns of the contract, in an order that does not depend on who was scored first."""

from hypothesis import given
from hypothesis import strategies as st

from brainlake.alignment.design.ceilings import Ceiling
from brainlake.alignment.design.score_row import KINDS, Identity, Interval, PValue, ScoreRow
from brainlake.alignment.score_table import score_table, together
from brainlake.contract.schema import SCORES
from brainlake.version import __version__


def row(kind="headline", model="m", score=0.3, **facts):
    return ScoreRow(kind, "b", Identity(model, "r1", "s", "document", "d"), "grouped", "pearson", score, 60, 3, **facts)


def test_columns_are_those_of_the_contract_and_what_is_absent_is_null():
    table = score_table([row()])
    assert table.columns == SCORES.names
    first = table.row(0, named=True)
    assert first["engine_version"] == __version__
    assert (first["model"], first["model_revision"], first["recipe_digest"]) == ("m", "r1", "d")
    assert all(first[name] is None for name in ("ceiling", "normalized", "ci_low", "ci_method", "p_value", "layer"))
    assert score_table([]).columns == SCORES.names


def test_what_belongs_to_a_score_stands_in_its_columns():
    facts = {"ceiling": Ceiling(0.6, "c"), "interval": Interval("boot", 0.1, 0.4), "p": PValue("perm", 0.02, 0.01)}
    found = score_table([row(**facts, selected_layers=(3, 4))]).row(0, named=True)
    expected = {"ceiling": 0.6, "ceiling_method": "c", "normalized": 0.5, "ci_low": 0.1, "ci_high": 0.4}
    expected |= {"ci_method": "boot", "p_value": 0.02, "p_floor": 0.01, "p_method": "perm", "selected_layers": [3, 4]}
    assert {name: found[name] for name in expected} == expected


def test_a_score_that_does_not_exist_is_null():
    found = score_table([row(score=float("nan"), alpha=float("nan"), ceiling=Ceiling(0.6, "c"))]).row(0, named=True)
    assert found["score"] is found["alpha"] is found["normalized"] is None


ROWS = st.tuples(st.sampled_from(list(KINDS)), st.sampled_from(["m", "n", "baseline:oasm"]))


@given(st.lists(ROWS, max_size=12))
def test_kind_after_kind_models_before_baselines_and_else_as_they_came(kinds):
    table = score_table([row(kind, model, layer=i) for i, (kind, model) in enumerate(kinds)])
    key = [
        (list(KINDS).index(k), m.startswith("baseline:"), i)
        for k, m, i in table.select("kind", "model", "layer").rows()
    ]
    assert key == sorted(key)
    assert len(table) == len(kinds)


def test_what_was_scored_twice_counts_once():
    one, two = score_table([row(), row("layer")]), score_table([row(), row(score=0.2)])
    assert together([one, two]).equals(score_table([row(), row("layer"), row(score=0.2)])[[0, 2, 1]])
