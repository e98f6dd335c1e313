"""Work shared out: everything once, alike in cost, a model in one place where that can be."""

import pytest

from brainlake_builder.extraction.shards import share_out


def test_models_stay_together_while_there_are_enough_of_them():
    costs = [[8.0] * 4, [1.0] * 4, [2.0] * 4, [4.0] * 4, [1.0] * 4]
    for count in range(1, 6):
        shards = share_out(costs, count)
        homes = [{k for k, shard in enumerate(shards) for model, _ in shard if model == m} for m in range(5)]
        assert all(len(home) == 1 for home in homes)
    taken = [sum(costs[model][task] for model, task in shard) for shard in share_out(costs, 2)]
    assert sorted(taken) == [32, 32]


@pytest.mark.parametrize("count", [1, 2, 5, 7, 13, 20])
def test_every_task_once_and_none_is_split(count):
    costs = [[5.0, 1.0, 1.0], [9.0], [0.0, 0.0], [2.0, 2.0, 2.0, 2.0]]
    shards = share_out(costs, count)
    assert len(shards) == count
    assert sorted(place for shard in shards for place in shard) == [
        (model, task) for model, own in enumerate(costs) for task in range(len(own))
    ]
    assert shards == share_out(costs, count)


def test_a_model_that_costs_most_is_split_first():
    shards = share_out([[4.0, 4.0, 4.0], [1.0, 1.0, 1.0]], 3)
    assert sorted(map(len, shards)) == [1, 2, 3]
    assert [(1, 0), (1, 1), (1, 2)] in shards


def test_no_work():
    assert share_out([], 2) == [[], []]
    assert share_out([[]], 1) == [[]]
