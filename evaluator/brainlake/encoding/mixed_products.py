"""Cross products of rows of people reading words: all that a mixed model needs to know of the rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, IntArray, matrix
from brainlake.errors import BrainlakeError


@dataclass(frozen=True, eq=False)
class Products:
    """Cross products of rows: A = [1, X, y] standardised, Z what a person has (1, and x)."""

    n: int
    AA: FloatArray  # [k, k]
    ZZ: FloatArray  # [people * q, people * q], blocks on the diagonal
    ZA: FloatArray  # [people * q, k]
    counts: FloatArray  # [words]
    WA: FloatArray  # [words, k]
    WZ: FloatArray  # [words, people * q]


@dataclass(frozen=True, eq=False)
class Scaling:
    """How the columns [X, y], and what a person has (1, and x), were centred and scaled."""

    mean: FloatArray
    scale: FloatArray
    of_person: FloatArray


def cross_products(
    X: ArrayLike, y: ArrayLike, people: ArrayLike, words: ArrayLike, slope: ArrayLike | None, groups: ArrayLike
) -> tuple[list[Products], Scaling, int]:
    """Line up rows.

    Returns
    -------
    Products of every group, over all people and the group's own words; the scaling; how many coefficients a person has.

    Raises
    ------
    BrainlakeError
        Values that are not finite, labels of another length, fewer than two people or words, a word in two groups, or
        a constant.
    """
    columns = np.column_stack([matrix(X, "predictors"), matrix(y, "values")]).astype(np.float64)
    person, word, group = (_codes(labels, len(columns)) for labels in (people, words, groups))
    if person.max() < 1 or word.max() < 1:
        raise BrainlakeError("a mixed model needs two people and two words or more")
    home = np.zeros(word.max() + 1, dtype=np.intp)
    home[word] = group
    if (home[word] != group).any():
        raise BrainlakeError("a word is in two groups: a group cannot be left out together with its words")
    Z = np.ones((len(columns), 1))
    if slope is not None:
        x = matrix(slope, "slope", rows=len(columns))[:, 0].astype(np.float64)
        Z = np.column_stack([Z, x - x.mean()])
    scaling = Scaling(columns.mean(0), columns.std(0), np.sqrt(np.mean(Z**2, axis=0)))
    if not ((scaling.scale > 0).all() and (scaling.of_person > 0).all()):
        raise BrainlakeError("a predictor, or what is predicted, is constant")
    A = np.column_stack([np.ones(len(columns)), (columns - scaling.mean) / scaling.scale])
    Z /= scaling.of_person
    n_people = int(person.max()) + 1
    masks = (group == k for k in range(group.max() + 1))
    return [_products(A[m], Z[m], person[m], word[m], n_people) for m in masks], scaling, Z.shape[1]


def _products(A: FloatArray, Z: FloatArray, person: IntArray, word: IntArray, n_people: int) -> Products:
    q, k = Z.shape[1], A.shape[1]
    _, word = np.unique(word, return_inverse=True)
    n_words = word.max() + 1
    ZZ, ZA = np.zeros((n_people, q, n_people, q)), np.zeros((n_people, q, k))
    WZ, WA = np.zeros((n_words, n_people, q)), np.zeros((n_words, k))
    for i in range(q):
        np.add.at(WZ[:, :, i], (word, person), Z[:, i])
        for j in range(q):
            ZZ[np.arange(n_people), i, np.arange(n_people), j] = np.bincount(person, Z[:, i] * Z[:, j], n_people)
        for j in range(k):
            ZA[:, i, j] = np.bincount(person, Z[:, i] * A[:, j], n_people)
    for j in range(k):
        WA[:, j] = np.bincount(word, A[:, j], n_words)
    wide = n_people * q
    counts = np.bincount(word, minlength=n_words).astype(np.float64)
    return Products(len(A), A.T @ A, ZZ.reshape(wide, wide), ZA.reshape(wide, k), counts, WA, WZ.reshape(n_words, wide))


def together(parts: Sequence[Products]) -> Products:
    """Products of the rows of all parts, which have the same people and other words."""
    return Products(
        sum(p.n for p in parts),
        *(np.sum([getattr(p, name) for p in parts], axis=0) for name in ("AA", "ZZ", "ZA")),
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("counts", "WA", "WZ")),
    )


def _codes(labels: ArrayLike, n: int) -> IntArray:
    labels = np.asarray(labels)
    if labels.shape != (n,):
        raise BrainlakeError(f"{labels.shape} labels for {n} rows")
    return np.unique(labels, return_inverse=True)[1].ravel()
