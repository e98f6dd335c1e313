"""Batches side by side: results in order, no further ahead than said, and torch as it was."""

import threading

import pytest
import torch

from brainlake_builder.extraction.parallel import in_order, one_thread_a_batch


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_the_order_of_the_arguments(workers):
    assert list(in_order(lambda k: k * k, range(20), workers)) == [k * k for k in range(20)]
    assert list(in_order(lambda k: k, [], workers)) == []


def test_no_more_is_begun_than_twice_the_workers_ahead():
    begun = []
    results = in_order(lambda k: begun.append(k) or k, iter(range(100)), 2)
    assert next(results) == 0
    assert len(begun) <= 5
    results.close()
    assert len(begun) <= 5


def test_what_fails_is_raised_where_it_stands_and_ends_the_rest():
    def fail(k):
        if k == 2:
            raise ZeroDivisionError
        return k

    found = []
    with pytest.raises(ZeroDivisionError):
        found.extend(in_order(fail, range(50), 2))
    assert not [t for t in threading.enumerate() if t.name.startswith("ThreadPoolExecutor")]


def test_torch_has_one_thread_a_batch_and_its_own_again():
    before = torch.get_num_threads()
    with one_thread_a_batch("cpu") as workers:
        assert (torch.get_num_threads(), workers) == (1, before)
    assert torch.get_num_threads() == before
    with pytest.raises(KeyError), one_thread_a_batch("cpu"):
        raise KeyError
    assert torch.get_num_threads() == before
    with one_thread_a_batch("cuda") as workers:
        assert (torch.get_num_threads(), workers) == (before, 2)
    with one_thread_a_batch("auto") as workers:
        assert workers == 1
