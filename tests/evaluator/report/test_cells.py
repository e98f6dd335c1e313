"""Numbers of scores as text, read back and read down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.report.cells import intervals, layers, number, numbers, p_values

SCORES = st.floats(-5, 5)


@given(SCORES)
def test_a_number_reads_as_what_it_was_rounded_to(value):
    text = number(value)
    assert float(text) == round(value, 3)
    assert not text.startswith(("0.", "-0."))
    assert text != "-.000"


@given(st.lists(st.none() | SCORES))
def test_points_of_a_column_lie_one_below_the_other(values):
    texts = numbers(values)
    assert [text is None for text in texts] == [value is None for value in values]
    assert len({(len(text), text.index(".")) for text in texts if text is not None}) <= 1


def test_an_interval_that_lacks_an_end_is_not_shown():
    assert intervals([(0.1, None, 0.3), (None, 0.1, 0.2), (0.2, 0.1, 0.3)]) == [".100", None, ".200 [.100, .300]"]


@pytest.mark.parametrize(
    ("value", "floor", "text"),
    [
        (0.01, 0.01, "< .010"),
        (1 / 1001, 1 / 1001, "< .001"),
        (1 / 3, 0.01, ".333"),
        (0.0004, None, ".000"),
        (0.05, 1 / 10, "< .100"),
        (1 / 129, 1 / 129, "< .008"),
    ],
)
def test_a_p_value_at_its_floor_is_said_to_be_smaller_than_what_is_not(value, floor, text):
    assert p_values([(value, floor)]) == [text]


@given(st.integers(1, 10_000))
def test_the_bound_of_a_p_value_is_never_below_it(n):
    (text,) = p_values([(1 / n, 1 / n)])
    assert float(text.removeprefix("< ")) >= 1 / n - 1e-9


@given(st.lists(st.integers(0, 30), min_size=1))
def test_stretches_hold_the_layers_that_were_chosen_and_no_other(chosen):
    text = layers({"layer": None, "selected_layers": chosen})
    found = []
    for piece in text.split():
        first, _, last = piece.partition("-")
        found += range(int(first), int(last or first) + 1)
    assert found == sorted(set(chosen))


def test_a_layer_that_was_scored_is_itself_and_none_is_nothing():
    assert layers({"layer": 0, "selected_layers": [3]}) == "0"
    assert layers({"layer": None, "selected_layers": None}) is None
