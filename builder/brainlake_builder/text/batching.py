"""Passes of similar length run together, and batches whose results are kept together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from brainlake_builder.text.passes import Int64, Pass

VALUES: Final = 1 << 28
"""Most float32 values that are pooled in a part (1 GiB), however many tokens it may hold."""


@dataclass(frozen=True)
class Budget:
    """How much is run and kept at once.

    Attributes
    ----------
    batch
        Padded tokens of a batch: on a CPU no more than keep its matrix products busy, so that what lies between them
        stays in the caches (measured: 256 is 1.2 x as fast as 2048 on sentences); on a GPU enough to fill it.
    part
        Tokens after which what was computed is put on the disk.
    """

    batch: int
    part: int


BUDGETS: Final = {"cpu": Budget(256, 2048), "cuda": Budget(16384, 16384)}


Batching = Literal["padded", "one_width", "one_pass"]
"""Which passes run together: those of similar length, padded; those of one length; none."""


@dataclass(frozen=True)
class Batch:
    """Passes of similar length, padded on the right.

    Attributes
    ----------
    ids, decoder_ids
        Token ids, shape (b, t), and those of the decoder, shape (b, u), or null.
    lengths
        Tokens of each pass, shape (b,).
    items, slots
        Stimuli and slots that this batch gives, over all its passes.
    pooled, pooled_item, before, targets
        As in :class:`Pass`; items are counted through all passes.
    pooled_row, before_row
        Pass that each of ``pooled`` and ``before`` is in.
    """

    ids: Int64
    decoder_ids: Int64 | None
    lengths: Int64
    items: Int64
    pooled_row: Int64
    pooled: Int64
    pooled_item: Int64
    slots: Int64
    before_row: Int64
    before: Int64
    targets: Int64


def schedule(
    passes: Sequence[Pass], budget: Budget, n_values: int, batching: Batching = "padded"
) -> list[list[list[int]]]:
    """Parts of batches of passes, the longest passes first.

    A pure function of its arguments: what a batch holds never depends on what is done already. Passes with and
    without a decoder are kept apart.

    Parameters
    ----------
    n_values
        Values that are pooled for one stimulus, over all layers.

    Returns
    -------
    Parts; each a list of batches; each a list of places in ``passes``.
    """
    most_items = max(1, VALUES // n_values)
    groups: list[list[int]] = []
    for with_decoder in (False, True):
        chosen = [k for k, one in enumerate(passes) if (one.decoder_ids is not None) == with_decoder]
        width = n_items = 0
        for place, k in enumerate(sorted(chosen, key=lambda k: (-len(passes[k]), k))):
            n_items += len(passes[k].items)
            together = batching == "padded" or (batching == "one_width" and len(passes[k]) == width)
            if place and together and (len(groups[-1]) + 1) * width <= budget.batch and n_items <= most_items:
                groups[-1].append(k)
            else:
                groups.append([k])
                width, n_items = len(passes[k]), len(passes[k].items)
    parts: list[list[list[int]]] = []
    n_tokens = n_items = 0
    for group in groups:
        size, items = (sum(count(passes[k]) for k in group) for count in (len, lambda one: len(one.items)))
        if parts and n_tokens + size <= budget.part and n_items + items <= most_items:
            parts[-1].append(group)
            n_tokens, n_items = n_tokens + size, n_items + items
        else:
            parts.append([group])
            n_tokens, n_items = size, items
    return parts


def pad(passes: Sequence[Pass]) -> Batch:
    """Put passes under each other, padded on the right with token 0."""
    ids = _under_each_other([one.ids for one in passes])
    decoded = [one.decoder_ids for one in passes if one.decoder_ids is not None]
    decoder_ids = _under_each_other(decoded) if decoded else None
    n_items = np.cumsum([0] + [len(one.items) for one in passes])
    return Batch(
        ids=ids,
        decoder_ids=decoder_ids,
        lengths=np.array([len(one) for one in passes]),
        items=np.concatenate([one.items for one in passes]),
        pooled_row=np.repeat(np.arange(len(passes)), [len(one.pooled) for one in passes]),
        pooled=np.concatenate([one.pooled for one in passes]),
        pooled_item=np.concatenate([one.pooled_item + n for one, n in zip(passes, n_items, strict=False)]),
        slots=np.concatenate([one.slots for one in passes]),
        before_row=np.repeat(np.arange(len(passes)), [len(one.before) for one in passes]),
        before=np.concatenate([one.before for one in passes]),
        targets=np.concatenate([one.targets for one in passes]),
    )


def _under_each_other(rows: Sequence[Int64]) -> Int64:
    table = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    return table
