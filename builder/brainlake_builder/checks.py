"""What an extraction makes sure of on a sample of its own passes, and records beside its numbers."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from brainlake.errors import BrainlakeError
from brainlake_builder.models.decoder import DecoderOnly
from brainlake_builder.models.head import TOLERANCE
from brainlake_builder.sequences import Pass, Reading, cut, pad

RELATIVE = {torch.float32: 1e-4, torch.bfloat16: 5e-2, torch.float16: 1e-2}
"""Largest difference of activations, relative to the largest of the layer, that rounding explains."""

SAMPLE_TOKENS = 128

Check = dict[str, Any]


def check(name: str, value: float, tolerance: float) -> Check:
    """One check as it stands in a sidecar."""
    return {"name": name, "value": float(value), "tolerance": tolerance, "passed": bool(value <= tolerance)}


def check_reading(runner: DecoderOnly, reading: Reading) -> list[Check]:
    """Compare a sample of passes with the slow, obvious way.

    ``head``: log-probabilities from the head against the model's own logits (nats). ``batch_of_one``: padded
    passes against each alone. ``prefix``: one pass against a pass that ends at the token read (causal models).
    ``hidden_states``: what the hooks give against what the model returns (residual readout, all layers but the
    last, which ``transformers`` returns after the final norm). Activations relative to the layer's largest value.

    Raises
    ------
    BrainlakeError
        If one fails.
    """
    dtype = runner.model.network.dtype
    sample = _sample(reading.passes)
    together = runner.run(pad(sample))
    alone = [runner.run(pad([one])) for one in sample]
    activations, tolerance = np.concatenate([r.activations for r in alone], axis=1), RELATIVE[dtype]
    log_p = np.concatenate([r.log_p for r in alone])
    checks = [
        check("head", runner.head.error, TOLERANCE[dtype]),
        check("batch_of_one", _relative(together.activations, activations), tolerance),
        check("batch_of_one_log_p", _difference(together.log_p, log_p), 10 * TOLERANCE[dtype]),
    ]
    if runner.limits.causal:
        errors = [
            _relative(result.activations[:, : shorter.activations.shape[1]], shorter.activations)
            for result, one in zip(alone, sample, strict=True)
            for shorter in (runner.run(pad([cut(one, p + 1)])) for p in _some(one))
        ]
        checks.append(check("prefix", max(errors), tolerance))
    if runner.taps[0].entering:
        checks.append(check("hidden_states", _against_hidden_states(runner, sample[0]), tolerance))
    require(checks, runner.model.identity.model)
    return checks


def require(checks: list[Check], what: str) -> None:
    """Raise if a check failed."""
    for failed in (c for c in checks if not c["passed"]):
        raise BrainlakeError(
            f"{what}: self-check {failed['name']} gave {failed['value']:.3g}, more than {failed['tolerance']:.3g}; "
            f"nothing is written. This model may not be run the way its architecture says"
        )


def _sample(passes: list[Pass]) -> list[Pass]:
    """Two different passes, cut short; the shortest whole one where the beginnings hold no stimulus."""
    order = sorted(range(len(passes)), key=lambda k: (len(passes[k]), k))
    chosen = [cut(passes[k], SAMPLE_TOKENS) for k in dict.fromkeys((order[len(order) // 2], order[-1]))]
    return [one for one in chosen if len(one.items)] or [passes[order[0]]]


def _some(one: Pass) -> list[int]:
    """Where prefixes are made to end: after the first, a middle and the last stimulus."""
    ends = [int(one.pooled[one.pooled_item == k].max()) for k in range(len(one.items))]
    return sorted({ends[0], ends[len(ends) // 2], ends[-1]})


def _relative(found: npt.NDArray[np.float32], expected: npt.NDArray[np.float32]) -> float:
    """Largest difference in a layer over the layer's largest value, arrays of shape (n_layers, k, d)."""
    scale = np.abs(expected).max(axis=(1, 2))
    return float((np.abs(found - expected).max(axis=(1, 2)) / np.maximum(scale, 1e-30)).max())


def _difference(found: npt.NDArray[np.float32], expected: npt.NDArray[np.float32]) -> float:
    known = ~np.isnan(expected)
    return float(np.abs(found - expected)[known].max(initial=0.0))


@torch.inference_mode()
def _against_hidden_states(runner: DecoderOnly, one: Pass) -> float:
    ids = torch.from_numpy(one.ids)[None].to(runner.model.device)
    output = runner.model.network.base_model(input_ids=ids, use_cache=False, output_hidden_states=True)
    hooked = runner.run(pad([one])).activations[:-1]
    states = torch.stack([layer[0].float().cpu() for layer in output.hidden_states[:-1]])
    lengths = torch.from_numpy(np.bincount(one.pooled_item))
    pooled = torch.stack([torch.segment_reduce(s[one.pooled], "mean", lengths=lengths, axis=0) for s in states])
    return _relative(hooked, pooled.numpy())
