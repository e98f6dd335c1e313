"""Work shared out by what it costs: the tasks of a model stay together as long as there are no more shards than models.

A model that one process runs is loaded once and serves all of its stimulus sets.
"""

from collections.abc import Callable, Sequence

Place = tuple[int, int]
"""A task: the number of its model, and its own among the tasks of the model."""


def share_out(costs: Sequence[Sequence[float]], count: int) -> list[list[Place]]:
    """Share tasks out, the costliest first, each to the shard that has least to do (Graham 1969).

    Parameters
    ----------
    costs
        What each task of each model costs, in any unit.
    count
        Shards.

    Returns
    -------
    list of lists
        Tasks of each shard, in the order of the models; the same whenever it is asked for. Shards are empty where there
        are fewer tasks.

    Examples
    --------
    >>> share_out([[3.0, 1.0], [2.0]], 2)
    [[(0, 0), (0, 1)], [(1, 0)]]
    >>> share_out([[3.0, 1.0], [2.0]], 3)
    [[(0, 0)], [(1, 0)], [(0, 1)]]
    """

    def cost(part: list[Place]) -> float:
        return sum(costs[model][task] for model, task in part)

    parts = [[(model, task) for task in range(len(own))] for model, own in enumerate(costs) if own]
    while len(parts) < count and any(len(part) > 1 for part in parts):
        largest = max((part for part in parts if len(part) > 1), key=cost)
        parts.remove(largest)
        parts += _dealt([[place] for place in largest], 2, cost)
    return [sorted(shard) for shard in _dealt(parts, count, cost)]


def _dealt(parts: list[list[Place]], count: int, cost: Callable[[list[Place]], float]) -> list[list[Place]]:
    dealt: list[list[Place]] = [[] for _ in range(count)]
    taken = [0.0] * count
    for part in sorted(parts, key=lambda part: (-cost(part), part)):
        least = min(range(count), key=lambda k: (taken[k], len(dealt[k]), k))
        dealt[least] += part
        taken[least] += cost(part)
    return dealt
