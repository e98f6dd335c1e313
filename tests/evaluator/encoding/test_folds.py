import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import ShuffleSplit

from brainlake.encoding.folds import Folds, by_stimulus, contiguous, grouped, shuffle_split
from brainlake.errors import BrainlakeError


def assert_partition(folds: Folds) -> None:
    assert not folds.overlapping
    assert sorted(folds.rows) == list(range(folds.n))
    for train, test in zip(folds.train, folds.test, strict=True):
        assert not np.intersect1d(train, test).size


@pytest.mark.parametrize(("n", "n_train", "n_test"), [(243, 218, 25), (384, 345, 39), (1317, 1185, 132)])
def test_shuffled_folds_are_those_of_scikit_learn(n: int, n_train: int, n_test: int) -> None:
    folds = shuffle_split(n)
    reference = ShuffleSplit(n_splits=10, train_size=0.9, random_state=1).split(np.zeros(n))
    for (train, test), a, b in zip(reference, folds.train, folds.test, strict=True):
        np.testing.assert_array_equal(train, a)
        np.testing.assert_array_equal(test, b)
        assert (len(a), len(b)) == (n_train, n_test)
    assert folds.overlapping
    assert folds.name == "shuffled"


@given(
    sizes=st.lists(st.integers(1, 9), min_size=3, max_size=40),
    n_folds=st.integers(3, 12),
    seed=st.integers(0, 5),
)
def test_grouped_folds_never_split_a_group_and_are_balanced(sizes: list[int], n_folds: int, seed: int) -> None:
    groups = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    folds = grouped(groups, n_folds, seed)
    assert_partition(folds)
    assert len(folds) == min(n_folds, len(sizes))
    for train, test in zip(folds.train, folds.test, strict=True):
        assert not np.intersect1d(groups[train], groups[test]).size
        assert len(train) + len(test) == len(groups)
    loads = [len(t) for t in folds.test]
    assert max(loads) - min(loads) <= max(sizes)
    again = grouped(groups, n_folds, seed)
    assert all((a == b).all() for a, b in zip(folds.test, again.test, strict=True))


def test_grouped_folds_accept_names_and_depend_on_the_seed() -> None:
    groups = np.repeat([f"passage {i}" for i in range(30)], 4)
    tests = [grouped(groups, seed=s).test[0].tolist() for s in range(4)]
    assert len({tuple(t) for t in tests}) > 1


def test_a_gap_is_neither_trained_on_nor_tested() -> None:
    folds = contiguous(40, 4, gap=3)
    assert_partition(folds)
    np.testing.assert_array_equal(folds.test[1], np.arange(10, 20))
    np.testing.assert_array_equal(folds.train[1], [*range(7), *range(23, 40)])
    np.testing.assert_array_equal(folds.held_out[1], np.arange(7, 23))
    segments = grouped(np.repeat(np.arange(4), 10), gap=3)
    for train, test in zip(segments.train, segments.test, strict=True):
        assert np.abs(train[:, None] - test).min() == 4


def test_a_gap_wider_than_the_data_is_refused() -> None:
    with pytest.raises(BrainlakeError, match="gap of 50 rows"):
        contiguous(40, 4, gap=50)
    with pytest.raises(BrainlakeError, match="cannot be negative"):
        contiguous(40, 4, gap=-1)


def test_folds_by_stimulus_are_random_equal_and_disjoint() -> None:
    folds = by_stimulus(1000)
    assert_partition(folds)
    assert {len(t) for t in folds.test} == {100}
    assert folds.test[0].tolist() != list(range(100))
    assert len(by_stimulus(5)) == 5


def test_slices_find_each_fold_in_a_stack() -> None:
    folds = shuffle_split(50, n_splits=4)
    for s, test in zip(folds.slices, folds.test, strict=True):
        np.testing.assert_array_equal(folds.rows[s], test)


def test_a_subset_keeps_the_folds_of_the_rows_left() -> None:
    folds = grouped(np.repeat(np.arange(10), 5), 5)
    rows = np.setdiff1d(np.arange(50), folds.test[2])[::2]
    subset = folds.subset(rows)
    assert len(subset) == 4
    assert_partition(subset)
    for k, old in enumerate([0, 1, 3, 4]):
        assert set(rows[subset.test[k]]) == set(folds.test[old]) & set(rows)
        assert set(rows[subset.train[k]]) == set(folds.train[old]) & set(rows)
    with pytest.raises(BrainlakeError, match="too few"):
        folds.subset(folds.test[0])


@pytest.mark.parametrize("make", [shuffle_split, by_stimulus, contiguous, lambda n: grouped(np.arange(n))])
def test_fewer_than_three_rows_are_refused(make) -> None:
    with pytest.raises(BrainlakeError, match="at least 3"):
        make(2)


def test_what_cannot_be_nested_is_refused() -> None:
    with pytest.raises(BrainlakeError, match=r"2 group\(s\)"):
        grouped([0, 0, 1, 1])
    with pytest.raises(BrainlakeError, match="2 folds"):
        by_stimulus(10, n_folds=2)
    with pytest.raises(BrainlakeError, match="have no group"):
        grouped(np.array(["a", None, "b", "c"], dtype=object))
    with pytest.raises(BrainlakeError, match="shuffled folds"):
        shuffle_split(5, train_size=1.0)
