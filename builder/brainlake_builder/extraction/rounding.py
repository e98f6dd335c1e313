"""What rounding does in a network, at its precision and depth: how two passes are compared, and where to stop.

Two passes over the same text round differently, and a deep network makes more of it than a shallow one. How much is
measured in the network itself: every state that enters its first block or leaves a block is moved, at random, by up to
what a sum of products rounds by, and what becomes of that is the floor (Monte Carlo arithmetic; Parker, 1997).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch

from brainlake_builder.models.runner import BatchResult, Runner
from brainlake_builder.text.batching import pad
from brainlake_builder.text.passes import Pass

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

SAFETY = 5.0
"""Tolerance over floor: a block rounds some ten times where one displacement stands for them, and a single stimulus may
lie further out than the mean of many. Measured by ``tests/benchmarks/bench_checks.py``."""

REPEATED = 0.25
"""Tolerance over floor of a batch that is run again in the same shape: bit for bit the same on a CPU (experts, whose
share of the tokens may change, .02), and less than what becomes of moving every state where sums are taken in another
order. One that draws at random is twice as far from itself, or more."""

EIGHT_BITS = 2.0**-7
"""Unit in the last place of what int8 kernels make of a state."""


@dataclass(frozen=True)
class Rounding:
    """What rounding does to a sample of passes.

    Attributes
    ----------
    scale
        As from :func:`feature_scale`.
    states, log_p
        As from :func:`floors`.
    """

    scale: Float64
    states: Float64
    log_p: float

    @classmethod
    def of(cls, runner: Runner, sample: Sequence[Pass], alone: Sequence[BatchResult], scale: Float64) -> Self:
        """The larger floor of several passes."""
        found = [floors(runner, one, result, scale) for one, result in zip(sample, alone, strict=True)]
        return cls(scale, np.max([states for states, _ in found], axis=0), max(log_p for _, log_p in found))


def feature_scale(states: Float32) -> Float64:
    """Root mean square of each feature, or of the layer's median feature where that is larger.

    Parameters
    ----------
    states
        Shape (n_layers, k, d).

    Returns
    -------
    Shape (n_layers, 1, d).
    """
    scale = np.sqrt(np.mean(states.astype(np.float64) ** 2, axis=1, keepdims=True))
    scale = np.maximum(scale, np.median(scale, axis=2, keepdims=True))
    least: Float64 = np.maximum(scale, np.finfo(np.float32).tiny)
    return least


def distance(found: Float32, expected: Float32, scale: Float64) -> Float64:
    """How far states are from those expected, by layer: no single feature can rule it, large as it may be.

    Parameters
    ----------
    found, expected
        Shape (n_layers, k, d).
    scale
        As from :func:`feature_scale`.

    Returns
    -------
    Root mean square over stimuli and features of the differences in units of the scale, shape (n_layers,). Infinite
    where a value is not finite.
    """
    if not found.shape[1]:
        return np.zeros(len(found))
    far = np.sqrt(np.mean(((found - expected.astype(np.float64)) / scale) ** 2, axis=(1, 2)))
    return np.where(np.isfinite(far), far, np.inf)


def nats(found: Float32, expected: Float32) -> float:
    """Largest difference of log-probabilities; NaN stands where none was asked for."""
    known = ~np.isnan(expected)
    return float(np.abs(found.astype(np.float64) - expected)[known].max(initial=0.0))


def unit(runner: Runner) -> float:
    """How far a sum of products is off, relative to it, at the precision that passes are computed in.

    In reduced precision it is summed in float32 and rounded once: a unit in the last place. In float32 every addition
    rounds, and K of them are off by about the square root of K units (Higham and Mary, 2019).
    """
    eps = torch.finfo(runner.model.dtype).eps
    if runner.model.quantization == "8bit":
        return max(eps, EIGHT_BITS)
    return eps * runner.model.identity.width**0.5 if runner.model.dtype == torch.float32 else eps


def floors(runner: Runner, one: Pass, plain: BatchResult, scale: Float64) -> tuple[Float64, float]:
    """What rounding does to a pass: :func:`distance` of its states, shape (n_layers,), and :func:`nats`.

    Parameters
    ----------
    plain
        The pass as it is.
    scale
        As from :func:`feature_scale`.
    """
    with _jittered(runner):
        moved = runner.run(pad([one]))
    least = unit(runner)
    largest = float(np.abs(plain.log_p[~np.isnan(plain.log_p)]).max(initial=1.0))
    states = np.maximum(distance(moved.activations, plain.activations, scale), least)
    return states, max(nats(moved.log_p, plain.log_p), least * largest)


@contextmanager
def _jittered(runner: Runner) -> Iterator[None]:
    """Move every state between blocks by up to a :func:`unit` while the network runs inside the block."""
    step, generators = unit(runner), dict[torch.device, torch.Generator]()

    def move(states: torch.Tensor) -> torch.Tensor:
        device = states.device
        if device not in generators:
            generators[device] = torch.Generator(device).manual_seed(0)
        noise = torch.rand(states.shape, generator=generators[device], device=device) * 2 - 1
        return (states.float() * (1 + step * noise)).to(states.dtype)

    def leaving(_: Any, __: Any, output: Any) -> Any:
        if isinstance(output, tuple | list):
            return type(output)([move(output[0]), *output[1:]])
        return move(output)

    def entering(_: Any, args: Any, kwargs: Any) -> Any:
        if args:
            return (move(args[0]), *args[1:]), kwargs
        return args, kwargs | {"hidden_states": move(kwargs["hidden_states"])}

    hooks = []
    for _, blocks in runner.stacks:
        hooks.append(blocks[0].register_forward_pre_hook(entering, with_kwargs=True))
        hooks += [block.register_forward_hook(leaving) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
