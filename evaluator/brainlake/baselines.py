"""Features that need no model, computed from ``stimuli``: what a score has to beat.

A model that explains no more than these explains nothing about language (Hadidi et al., 2025, show it for
features of position alone on Pereira2018 and Blank2014).
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray = npt.NDArray[np.float64]


def position(stimuli: pl.DataFrame) -> FloatArray:
    """Place of an item in its document.

    Parameters
    ----------
    stimuli
        n rows of the ``stimuli`` table.

    Returns
    -------
    Shape (n, 3): items before it, that number over the document's length, and the latter squared.
    All are 0 for documents of one item: there the baseline is constant, and its score undefined.
    """
    document = ["stimulus_set", "document_id"]
    index = stimuli.select(pl.col("position").rank("ordinal").over(document) - 1).to_series().cast(pl.Float64)
    length = stimuli.select(pl.len().over(document)).to_series()
    share = index / length
    return np.stack([index.to_numpy(), share.to_numpy(), share.to_numpy() ** 2], axis=1)


def length(stimuli: pl.DataFrame) -> FloatArray:
    """Length of an item.

    Returns
    -------
    Shape (n, 2): characters, and words (stretches without white space).
    """
    text = stimuli["text"].str.strip_chars()
    return np.stack([text.str.len_chars().to_numpy(), text.str.count_matches(r"\S+").to_numpy()], axis=1).astype(float)


BASELINES: Final[dict[str, Callable[[pl.DataFrame], FloatArray]]] = {"position": position, "length": length}
