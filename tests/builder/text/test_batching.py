"""Which passes run together, and how they lie under each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake_builder.text.batching import BUDGETS, VALUES, Budget, pad, schedule
from brainlake_builder.text.passes import Pass

NOTHING = np.array([], np.int64)


def a_pass(n, decoder=None, items=1):
    decoder_ids = None if decoder is None else np.arange(decoder)
    return Pass(np.arange(1, n + 1), np.arange(items), *[NOTHING] * 5, decoder_ids=decoder_ids)


LENGTHS = st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=25)


@given(lengths=LENGTHS, batching=st.sampled_from(["padded", "one_width", "one_pass"]))
def test_every_pass_runs_once_with_those_that_it_may_run_with(lengths, batching):
    passes = [a_pass(n, 2 if decoder else None) for n, decoder in lengths]
    batches = [batch for part in schedule(passes, Budget(128, 512), 1, batching) for batch in part]
    assert sorted(k for batch in batches for k in batch) == list(range(len(passes)))
    for batch in batches:
        assert len({passes[k].decoder_ids is None for k in batch}) == 1
        widths = [len(passes[k]) for k in batch]
        assert widths == sorted(widths, reverse=True)
        if batching == "one_width":
            assert len(set(widths)) == 1
        if batching == "one_pass":
            assert len(batch) == 1


def test_no_more_is_pooled_at_once_than_memory_holds():
    passes = [a_pass(3, items=10) for _ in range(6)]
    parts = schedule(passes, Budget(10**6, 10**6), VALUES // 20)
    assert [sum(len(passes[k].items) for batch in part for k in batch) for part in parts] == [20, 20, 20]


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_padding_is_on_the_right_and_is_no_token(lengths):
    batch = pad([a_pass(n) for n in lengths])
    assert batch.ids.shape == (len(lengths), max(lengths))
    np.testing.assert_array_equal(batch.ids > 0, np.arange(max(lengths)) < np.array(lengths)[:, None])
    np.testing.assert_array_equal(batch.lengths, lengths)
    assert batch.decoder_ids is None


def test_places_are_counted_through_all_passes():
    one = Pass(
        np.array([5, 6, 7]),
        np.array([3]),
        np.array([1, 2]),
        np.array([0, 0]),
        np.array([9]),
        np.array([1]),
        np.array([7]),
    )
    two = Pass(
        np.array([8, 9]), np.array([4]), np.array([1]), np.array([0]), np.array([2]), np.array([0]), np.array([9])
    )
    batch = pad([one, two])
    assert batch.items.tolist() == [3, 4]
    assert batch.ids[batch.pooled_row, batch.pooled].tolist() == [6, 7, 9]
    assert batch.items[batch.pooled_item].tolist() == [3, 3, 4]
    assert batch.ids[batch.before_row, batch.before].tolist() == [6, 8]
    assert batch.slots.tolist() == [9, 2]


@pytest.mark.parametrize("budget", BUDGETS.values(), ids=BUDGETS)
def test_a_part_holds_at_least_a_batch(budget):
    assert budget.part >= budget.batch
