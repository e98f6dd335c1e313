"""Simulated brain responses whose truth is known: voxels that read from one layer of a model.

Nobody was scanned. Subjects, regions and space carry the word ``simulated`` in their names.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from brainlake.errors import BrainlakeError

SIMULATED = "simulated"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Roi:
    """A simulated region.

    Attributes
    ----------
    name : str
        Its name, without the word "simulated".
    n_signal, n_noise : int
        Voxels that carry the layer's signal, and voxels of pure noise.
    snr : float
        Variance of the signal over that of the noise, in the voxels that carry it.
    """

    name: str
    n_signal: int
    n_noise: int
    snr: float

    def __post_init__(self) -> None:
        if min(self.n_signal, self.n_noise) < 0 or self.n_signal + self.n_noise < 1 or not 0 < self.snr < math.inf:
            raise BrainlakeError(f"region {self.name!r} needs voxels, and an snr above 0 for those with a signal")


@dataclass(frozen=True)
class BrainDesign:
    """What the simulated scanner sees.

    Attributes
    ----------
    n_subjects : int
        Subjects; each has its own readout weights and its own noise.
    rois : tuple of Roi
        The regions of every subject.
    n_components : int
        Principal components of the layer that voxels read from.
    group_variance : float
        Variance, in units of the signal's, of a component that is constant within a group (topic) and
        unrelated to the model. Shuffled folds learn it from other stimuli of the group; folds that hold
        groups out cannot.
    """

    n_subjects: int = 3
    rois: tuple[Roi, ...] = (Roi("strong", 16, 4, 1.0), Roi("weak", 16, 4, 0.2))
    n_components: int = 10
    group_variance: float = 0.5

    def __post_init__(self) -> None:
        if self.n_subjects < 1 or not self.rois or self.group_variance < 0:
            raise BrainlakeError("a simulated brain needs subjects, regions and a group variance of 0 or more")


@dataclass(frozen=True)
class SimulatedBrain:
    """Responses and the truth behind them.

    Attributes
    ----------
    responses : dict of str to ndarray [n_stimuli, n_targets], float64
        One matrix a subject, columns in the order of `targets`.
    targets : pl.DataFrame
        subject, index, target_id, roi, space, x, y, z (null: a simulated voxel lies nowhere).
    truth : pl.DataFrame
        subject, target_id, roi, layer, snr, max_r (Pearson r that a perfect model of the layer reaches when
        groups are held out) and max_r_shuffled (what it reaches if it knows the group component too).
    """

    responses: dict[str, Floats]
    targets: pl.DataFrame
    truth: pl.DataFrame


def component_scores(X: ArrayLike, n_components: int) -> Floats:
    """Scores of the leading principal components, each with mean 0 and variance 1 over stimuli.

    With the thin singular value decomposition X − mean = U S Vᵀ they are the leading columns of √n U. Signs,
    which the decomposition leaves open, are fixed so that the largest loading is positive.

    Parameters
    ----------
    X : array [n_stimuli, n_features]
        Activations of one layer.
    n_components : int
        How many.

    Raises
    ------
    BrainlakeError
        If X is no finite matrix, or has fewer than `n_components` directions with variance.
    """
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or not np.isfinite(X).all():
        raise BrainlakeError(f"activations must be a finite matrix to simulate from; these have shape {X.shape}")
    centred = X - X.mean(0)
    rank = int(np.linalg.matrix_rank(centred))
    if not 1 <= n_components <= rank:
        raise BrainlakeError(f"cannot read {n_components} principal components: the activations have {rank}")
    U, _, Vt = np.linalg.svd(centred, full_matrices=False)
    loadings = Vt[:n_components]
    largest = np.abs(loadings).argmax(axis=1)
    signs = np.sign(loadings[np.arange(n_components), largest])
    scores: Floats = np.sqrt(len(X)) * U[:, :n_components] * signs
    return scores


def simulate_brain(
    X: ArrayLike, groups: Sequence[str], layer: int, design: BrainDesign, rng: np.random.Generator
) -> SimulatedBrain:
    """Responses of simulated voxels that read from one layer of a model.

    Voxel v of a subject answers stimulus i, of group g(i), with ::

        y_iv = s_iv + √τ · t_g(i)v + √(1 / snr) · e_iv,   s_v = z(P w_v),   w_v ~ N(0, I)

    P are the standardised scores of the layer's leading components, t is the group component (one normal
    value a group, scaled to variance 1 over stimuli), e standard normal noise, τ the design's group variance
    and z standardises over stimuli. A voxel of pure noise is e alone. A prediction equal to s, or to
    s + √τ t, correlates with y at ::

        max_r = 1 / √(1 + τ + 1/snr),   max_r_shuffled = √((1 + τ) / (1 + τ + 1/snr))

    in expectation; in one draw, chance correlations of s, t and e move the ceiling of one voxel by the order
    of 1/√(number of groups).

    Parameters
    ----------
    X : array [n_stimuli, n_features]
        Activations of the layer.
    groups : sequence of str [n_stimuli]
        Group (topic) of each stimulus.
    layer : int
        Number of the layer, for the record.
    design : BrainDesign
        What to simulate.
    rng : numpy.random.Generator
        Source of every draw.

    Raises
    ------
    BrainlakeError
        If activations, groups or design cannot be simulated from.
    """
    P = component_scores(X, design.n_components)
    codes = _group_codes(groups, len(P), design)
    responses: dict[str, Floats] = {}
    truth: list[dict[str, object]] = []
    for k in range(design.n_subjects):
        subject = f"{SIMULATED}-{k + 1:02d}"
        voxels = [(roi, snr) for roi in design.rois for snr in (roi.snr,) * roi.n_signal + (0.0,) * roi.n_noise]
        responses[subject] = np.column_stack([_voxel(P, codes, snr, design, rng) for _, snr in voxels])
        for index, (roi, snr) in enumerate(voxels):
            max_r, max_r_shuffled = expected_ceilings(snr, design.group_variance)
            truth.append(
                {
                    "subject": subject,
                    "index": index,
                    "target_id": f"{subject}.{index:03d}",
                    "roi": f"{SIMULATED}-{roi.name}",
                    "layer": layer,
                    "snr": snr,
                    "max_r": max_r,
                    "max_r_shuffled": max_r_shuffled,
                }
            )
    table = pl.DataFrame(truth)
    nowhere = [pl.lit(None, dtype=pl.Float32).alias(axis) for axis in "xyz"]
    targets = table.select("subject", "index", "target_id", "roi", pl.lit(SIMULATED).alias("space"), *nowhere)
    return SimulatedBrain(responses, targets, table.drop("index"))


def expected_ceilings(snr: float, group_variance: float) -> tuple[float, float]:
    """`max_r` and `max_r_shuffled` of a voxel (see `simulate_brain`); both 0 for one of pure noise."""
    if snr == 0:
        return 0.0, 0.0
    total = 1 + group_variance + 1 / snr
    return math.sqrt(1 / total), math.sqrt((1 + group_variance) / total)


def _group_codes(groups: Sequence[str], n_stimuli: int, design: BrainDesign) -> NDArray[np.intp]:
    if len(groups) != n_stimuli:
        raise BrainlakeError(f"{len(groups)} groups for {n_stimuli} stimuli: there must be one each")
    labels, codes = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    if design.group_variance > 0 and len(labels) < 2:
        raise BrainlakeError("a group component needs two groups or more; set group_variance to 0")
    return codes


def _voxel(P: Floats, codes: NDArray[np.intp], snr: float, design: BrainDesign, rng: np.random.Generator) -> Floats:
    noise: Floats = rng.standard_normal(len(P))
    if snr == 0:
        return noise
    response = _standardised(P @ rng.standard_normal(P.shape[1])) + noise / math.sqrt(snr)
    if design.group_variance > 0:
        group_values = rng.standard_normal(codes.max() + 1)
        response += math.sqrt(design.group_variance) * _standardised(group_values[codes])
    return response


def _standardised(x: Floats) -> Floats:
    z: Floats = (x - x.mean()) / x.std()
    return z
