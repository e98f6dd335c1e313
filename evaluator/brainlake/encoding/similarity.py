"""Representational similarity analysis and centred kernel alignment, from features or from a kernel alone."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from brainlake.encoding.arrays import FloatArray, matrix
from brainlake.encoding.correlation import pearson
from brainlake.encoding.kernel import centre_kernel, symmetric
from brainlake.encoding.packing import Gram, gram_of_features
from brainlake.errors import BrainlakeError

Dissimilarity = Literal["cosine", "correlation", "euclidean", "squared_euclidean"]
Comparison = Literal["pearson", "spearman", "kendall", "whitened_cosine"]


TIE = 1e-11
"""Part of their range by which dissimilarities must differ to count as different. Rounding leaves 1e-15 to 1e-13
between equal ones, by where in a product they stand; of a million spread evenly, one gap in 100,000 is smaller."""


def rdm(representation: ArrayLike | Gram, metric: Dissimilarity = "correlation") -> FloatArray:
    """Return the dissimilarities of every two stimuli.

    Parameters
    ----------
    representation : array [n, d] of features, or Gram
        A Gram answers every metric; for a bare kernel use `kernel_rdm`.
    metric : {"cosine", "correlation", "euclidean", "squared_euclidean"}
        1 - cosine and 1 - Pearson correlation of two rows; (squared) distance.

    Returns
    -------
    array [n (n - 1) / 2]
        In the order of `scipy.spatial.distance.pdist`. nan for a row of zeros (cosine) or equal values
        (correlation).

    Raises
    ------
    BrainlakeError
        Fewer than 3 stimuli, a single feature, an unknown metric.
    """
    gram = representation if isinstance(representation, Gram) else gram_of_features(representation)
    if gram.width < 2:
        raise BrainlakeError("similarity of stimuli is undefined for one target or feature: it needs two")
    if metric in ("euclidean", "squared_euclidean"):
        return kernel_rdm(gram.centred, metric)
    if metric not in ("cosine", "correlation"):
        raise BrainlakeError(f"unknown dissimilarity {metric!r}; there is: {', '.join(get_args(Dissimilarity))}")
    products = gram.raw()
    if metric == "correlation":
        products -= np.outer(gram.row_sums, gram.row_sums) / gram.width
    # What is left of a constant row is the rounding error of the terms it was put together from.
    terms = gram.centred.diagonal() + 2 * np.abs(gram.projection) + gram.mean_square
    size = products.diagonal().copy()
    size[size <= 1e-13 * terms] = np.nan
    return _pairs(1 - products / np.sqrt(np.outer(size, size)))


def kernel_rdm(K: ArrayLike, metric: Dissimilarity) -> FloatArray:
    """Return the (squared) Euclidean distances that a bare Gram matrix [n, n] determines.

    Raises
    ------
    BrainlakeError
        Any other metric: cosine and correlation need what centring removed, the `side` of a kernel file.
    """
    if metric not in ("euclidean", "squared_euclidean"):
        raise BrainlakeError(
            f"a centred kernel alone does not determine {metric} dissimilarities: it needs its side columns "
            "(a Gram) or the features"
        )
    K = symmetric(K)
    size = K.diagonal()
    sums = size[:, None] + size
    squared = sums - 2 * K
    squared[squared <= 1e-13 * sums] = 0.0  # what rounding leaves between equal stimuli, before its root is taken
    return _pairs(squared if metric == "squared_euclidean" else np.sqrt(squared))


def compare_rdms(a: ArrayLike, b: ArrayLike, method: Comparison = "spearman") -> float:
    """Return the similarity of two vectors of dissimilarities.

    Parameters
    ----------
    a, b : arrays [n (n - 1) / 2]
    method : {"pearson", "spearman", "kendall", "whitened_cosine"}
        Correlations, Kendall's tau-b, or the cosine of Diedrichsen et al. (2021) that allows for the
        covariance of dissimilarities that share a stimulus; it expects squared Euclidean distances.

    Returns
    -------
    float
        nan if either is constant.

    Raises
    ------
    BrainlakeError
        Lengths that differ or belong to no number of stimuli, values that are not finite, an unknown method.
    """
    A, B = matrix(a, "dissimilarities")[:, 0], matrix(b, "dissimilarities")[:, 0]
    n = round((1 + np.sqrt(1 + 8 * len(A))) / 2)
    if len(A) != len(B) or n * (n - 1) // 2 != len(A):
        raise BrainlakeError(f"{len(A)} and {len(B)} dissimilarities are not those of one set of stimuli")
    if method == "pearson":
        return float(pearson(A, B)[0])
    # Imported here: scipy.stats takes a second to load, and encoding models do without.
    from scipy.stats import kendalltau, rankdata

    if method == "spearman":
        return float(pearson(rankdata(_tied(A)), rankdata(_tied(B)))[0])
    if method == "kendall":
        return float(kendalltau(_tied(A), _tied(B)).statistic)
    if method == "whitened_cosine":
        return _cosine(_second_moment(A, n), _second_moment(B, n))
    raise BrainlakeError(f"unknown comparison {method!r}; there is: {', '.join(get_args(Comparison))}")


def kernel_cka(K: ArrayLike, L: ArrayLike, debiased: bool = False) -> float:
    """Return the linear centred kernel alignment of two Gram matrices [n, n] (Kornblith et al. 2019).

    nan if either is 0, that is if all stimuli are alike.

    Parameters
    ----------
    K, L : arrays [n, n]
    debiased : bool
        Use the unbiased estimate of the Hilbert-Schmidt independence criterion (Székely & Rizzo 2014; Song
        et al. 2012), 0 on average for independent features however many there are. Needs 4 stimuli.

    Raises
    ------
    BrainlakeError
        Different numbers of stimuli, or too few.
    """
    K, L = symmetric(K), symmetric(L)
    if len(K) != len(L):
        raise BrainlakeError(f"kernels of {len(K)} and {len(L)} stimuli cannot be compared")
    if not debiased:
        return _cosine(centre_kernel(K), centre_kernel(L))
    if len(K) < 4:
        raise BrainlakeError(f"{len(K)} stimuli; debiased alignment needs at least 4")
    return _cosine(_u_centred(K), _u_centred(L))


def _tied(values: FloatArray) -> FloatArray:
    """Values that rounding alone tells apart made equal: the smallest of each run of neighbours."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    steps = np.diff(ordered, prepend=ordered[0]) > TIE * (ordered[-1] - ordered[0])
    tied = np.empty_like(values)
    tied[order] = ordered[np.maximum.accumulate(np.where(steps, np.arange(len(values)), 0))]
    return tied


def _u_centred(K: FloatArray) -> FloatArray:
    n = len(K)
    np.fill_diagonal(K, 0.0)
    row = K.sum(0) / (n - 2)
    K = K - row - row[:, None] + K.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(K, 0.0)
    return K


def _second_moment(dissimilarities: FloatArray, n: int) -> FloatArray:
    """Return -P D P / 2: in this space the elements of a dissimilarity matrix are uncorrelated."""
    D = np.zeros((n, n))
    D[np.triu_indices(n, 1)] = dissimilarities
    return -0.5 * centre_kernel(D + D.T)


def _cosine(A: FloatArray, B: FloatArray) -> float:
    size = float(np.sqrt(np.vdot(A, A) * np.vdot(B, B)))
    return float(np.vdot(A, B)) / size if size > 0 else float("nan")


def _pairs(square: FloatArray) -> FloatArray:
    return np.asarray(square[np.triu_indices(len(square), 1)])
