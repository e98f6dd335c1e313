"""Ridge regression with one penalty per layer, chosen strictly inside the training folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import lapack

from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray
from brainlake.encoding.folds import Folds
from brainlake.encoding.holdout import fold_operator
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError

DEFAULT_ALPHAS: tuple[float, ...] = tuple(float(a) for a in np.logspace(-4, 5, 10))


@dataclass(frozen=True, eq=False)
class RidgeFit:
    """A cross-validated ridge regression of one layer.

    Attributes
    ----------
    operator : array [m, n]
        Maps responses to out-of-fold predictions; its lines follow `folds.rows`.
    alphas : array [F]
        The penalty of each outer fold, relative to the mean eigenvalue trace(K)/n.
    errors : array [A, F]
        What the penalty was chosen by: for every penalty and outer fold the summed squared error of the inner
        folds, the outer fold in none of its terms (mean over targets, in units of each target's variance).
    at_edge : array [F] of bool
        The penalty chosen is the smallest or largest on offer: the grid was too short.
    scale : float
        Mean eigenvalue; `alphas * scale` are the penalties in units of the features.
    """

    operator: FloatArray
    alphas: FloatArray
    errors: FloatArray
    at_edge: BoolArray
    scale: float


@dataclass(frozen=True, eq=False)
class LayerChoice:
    """A layer (and its penalty) for each outer fold, chosen without that fold.

    Attributes
    ----------
    layers : array [F] of int
        Index of the layer each outer fold uses.
    operator : array [m, n]
        Out-of-fold predictions of the chosen layers.
    alphas : array [F]
        Their relative penalties.
    at_edge : array [F] of bool
    """

    layers: IntArray
    operator: FloatArray
    alphas: FloatArray
    at_edge: BoolArray


def ridge(spectrum: Spectrum, targets: Targets, alphas: ArrayLike = DEFAULT_ALPHAS) -> RidgeFit:
    """Fit ridge regression with one penalty per outer fold, shared by all targets and chosen by nested folds.

    For outer fold t the penalty minimises the squared error of every other fold s, predicted from the rows
    that are neither in s nor in t. Choosing by the scores of the other outer folds would not do: those
    predictions were trained on t.

    Parameters
    ----------
    spectrum : Spectrum of the layer
    targets : Targets
    alphas : sequence of positive floats
        Penalties relative to trace(K)/n. A single one is used as it is and nothing is chosen.

    Raises
    ------
    BrainlakeError
        A penalty that is not positive, folds of another number of rows, or fewer than 3 folds to choose with.
    """
    grid = relative_penalties(alphas)
    folds = targets.folds
    if spectrum.n != folds.n:
        raise BrainlakeError(f"features of {spectrum.n} rows for responses of {folds.n} rows")
    if len(grid) == 1:
        errors = np.full((1, len(folds)), np.nan)
        best = np.zeros(len(folds), dtype=np.intp)
        at_edge = np.zeros(len(folds), dtype=np.bool_)
    else:
        errors = nested_errors(spectrum, targets, grid)
        best = errors.argmin(0)
        at_edge = (best == 0) | (best == len(grid) - 1)
    operator = ridge_operator(spectrum, folds, grid[best])
    return RidgeFit(operator, grid[best], errors, at_edge, spectrum.scale)


def choose_layer(fits: Sequence[RidgeFit], folds: Folds) -> LayerChoice:
    """Choose layer and penalty together, for each outer fold by the nested errors that leave it out.

    Parameters
    ----------
    fits : sequence of RidgeFit
        One a layer, all on the same targets, folds and number of penalties.
    folds : Folds

    Raises
    ------
    BrainlakeError
        No layer, or fits whose penalty was not chosen by nested errors.
    """
    if not fits:
        raise BrainlakeError("no layer to choose from")
    errors = np.stack([f.errors.min(0) for f in fits])
    if np.isnan(errors).any():
        raise BrainlakeError("a layer cannot be chosen by fits of one fixed penalty: offer two or more")
    layers = errors.argmin(0)
    return LayerChoice(
        layers,
        np.concatenate([fits[i].operator[s] for i, s in zip(layers, folds.slices, strict=True)]),
        np.array([fits[i].alphas[k] for k, i in enumerate(layers)]),
        np.array([fits[i].at_edge[k] for k, i in enumerate(layers)]),
    )


def ridge_operator(spectrum: Spectrum, folds: Folds, alphas: FloatArray) -> FloatArray:
    """Return the out-of-fold operator [m, n] of one relative penalty per fold."""
    S = np.empty((len(folds.rows), folds.n))
    for alpha in np.unique(alphas):
        G = spectrum.residual_maker(alpha * spectrum.scale)
        for k in np.flatnonzero(alphas == alpha):
            S[folds.slices[k]] = fold_operator(G, folds, int(k))
    return S


def nested_errors(spectrum: Spectrum, targets: Targets, alphas: FloatArray) -> FloatArray:
    """Return the inner squared error [A, F] of every relative penalty and outer fold.

    One block (G_hh)^-1, h the rows of two folds together, gives the errors of either fold without both:
    F (F - 1) / 2 blocks serve all F (F - 1) inner fits.

    Raises
    ------
    BrainlakeError
        Fewer than 3 folds: leaving two out would leave nothing.
    """
    folds = targets.folds
    pairs = _pairs(folds)
    L = targets.factor
    errors = np.zeros((len(alphas), len(folds)))
    for i, alpha in enumerate(alphas):
        G = spectrum.residual_maker(alpha * spectrum.scale)
        R = G.astype(L.dtype) @ L
        M = R @ R.T if 2 * L.shape[1] > folds.n else None
        for a, b, h, in_a, in_b in pairs:
            factor = lapack.dpotrf(G[np.ix_(h, h)], lower=1, clean=0, overwrite_a=1)[0]
            if M is None:
                E = lapack.dpotrs(factor, R[h], lower=1)[0]
                squared = np.einsum("ij,ij->i", E, E)
            else:
                lower = np.tril(lapack.dpotri(factor, lower=1, overwrite_c=1)[0]).astype(L.dtype)
                J = lower + np.tril(lower, -1).T
                squared = np.einsum("ij,ij->i", J @ M[np.ix_(h, h)], J)
            errors[i, b] += squared[in_a].sum()
            errors[i, a] += squared[in_b].sum()
    return errors


def relative_penalties(alphas: ArrayLike) -> FloatArray:
    """Return the penalties ascending, or refuse those that are not positive."""
    grid = np.unique(np.atleast_1d(np.asarray(alphas, dtype=np.float64)))
    if grid.size == 0 or not (np.isfinite(grid).all() and grid[0] > 0):
        raise BrainlakeError(f"penalties must be positive numbers, not {alphas!r}; for none use ols_operator")
    return grid


def _pairs(folds: Folds) -> list[tuple[int, int, IntArray, BoolArray, BoolArray]]:
    """Two folds a, b; the rows left out with both; and where the test rows of a, and of b, lie in them.

    Test rows of one fold that the other holds out as well (overlapping folds, gaps) are scored for neither.
    """
    if len(folds) < 3:
        raise BrainlakeError(f"{len(folds)} folds: strictly nested choices leave two out, so 3 are needed")
    out = []
    for a, b in combinations(range(len(folds)), 2):
        h = np.union1d(folds.held_out[a], folds.held_out[b])
        in_a = np.isin(h, np.setdiff1d(folds.test[a], folds.held_out[b]))
        in_b = np.isin(h, np.setdiff1d(folds.test[b], folds.held_out[a]))
        if len(h) > folds.n - 2:
            raise BrainlakeError(f"{folds.name} folds: leaving out two leaves nothing to train on")
        out.append((a, b, h, in_a, in_b))
    return out
