"""What an extraction makes sure of on a sample of its own passes, and records beside its numbers."""

import copy
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.precision import round_significand, significand_bits
from brainlake_builder.models.head import TOLERANCE
from brainlake_builder.models.runner import BatchResult, Runner
from brainlake_builder.text.batching import pad
from brainlake_builder.text.documents import Stimuli, group_by
from brainlake_builder.text.passes import NO_TARGET, Pass, Reading, cut
from brainlake_builder.text.prefixes import join_prefixes

RELATIVE = {torch.float32: 1e-4, torch.bfloat16: 5e-2, torch.float16: 1e-2}
"""Largest difference of activations, relative to the largest of the layer, that rounding explains."""

SAMPLE_TOKENS = 48
SAMPLE_PREFIXES = 6

Check = dict[str, Any]
Float32 = npt.NDArray[np.float32]


def check(name: str, value: float, tolerance: float) -> Check:
    """One check as it stands in a sidecar."""
    return {"name": name, "value": float(value), "tolerance": tolerance, "passed": bool(value <= tolerance)}


def check_reading(runner: Runner, stimuli: Stimuli, reading: Reading) -> list[Check]:
    """Compare a sample of passes with the slow, obvious way.

    ``batch_of_one``: a padded batch against each pass alone. ``prefix``: one pass against a pass that ends at the
    token read (causal models). ``hidden_states``: what the hooks give against what the model returns. These three
    are differences of activations relative to the layer's largest value. ``batch_of_one_log_p`` and ``logits``:
    log-probabilities (nats) of a padded batch against each pass alone, and against the model's own logits.
    ``prefix_tokens``: passes that are not what the tokenizer makes of the joined text by itself. ``finite``: values
    that are not. ``precision``: the largest relative change when values are rounded to the bits that the file keeps.

    Raises
    ------
    BrainlakeError
        If one fails, or the tokenizer is not the model's.
    """
    n_rows = runner.network.get_input_embeddings().weight.shape[0]
    largest = max(int(one.ids.max()) for one in reading.passes)
    if largest >= n_rows:
        raise BrainlakeError(
            f"{runner.model.identity.model}: its tokenizer gives token {largest}, and its embedding has {n_rows} rows: "
            f"they do not belong together"
        )
    dtype = runner.model.dtype
    relative, nats = RELATIVE[dtype], 10 * TOLERANCE[dtype]
    sample = _sample(reading.passes, runner.limits.causal)
    together = runner.run(pad(sample))
    alone = [runner.run(pad([one])) for one in sample]
    activations = np.concatenate([r.activations for r in alone], axis=1)
    checks = [check("batch_of_one", _relative(together.activations, activations), relative)]
    if runner.limits.causal:
        errors = [
            _relative(result.activations[:, : shorter.activations.shape[1]], shorter.activations)
            for result, one in zip(alone, sample, strict=True)
            for shorter in (runner.run(pad([cut(one, p + 1)])) for p in _some(one))
        ]
        checks.append(check("prefix", max(errors), relative))
    if runner.recipe.readout == "residual":
        checks.append(check("hidden_states", _against_states(runner, sample[0], alone[0]), relative))
    if runner.head is not None:
        if runner.limits.infilling:  # words have passes of their own
            sample = [one for one in reading.passes if one.decoder_ids is not None][:2]
            together, alone = runner.run(pad(sample)), [runner.run(pad([one])) for one in sample]
        log_p = np.concatenate([result.log_p for result in alone])
        checks.append(check("batch_of_one_log_p", _difference(together.log_p, log_p), nats))
        checks.append(check("logits", _against_logits(runner, sample[0], alone[0]), nats))
    if runner.recipe.context == "accumulate":
        checks.append(check("prefix_tokens", _wrong_prefixes(runner, stimuli, reading), 0))
    checks.append(check("finite", np.sum(~np.isfinite(activations)), 0))
    bits = significand_bits(runner.recipe)
    checks.append(check("precision", _rounding(activations, bits), 2.0 ** -(bits + 1)))
    require(checks, runner.model.identity.model)
    return checks


def require(checks: list[Check], what: str) -> None:
    """Raise if a check failed."""
    for failed in (c for c in checks if not c["passed"]):
        raise BrainlakeError(
            f"{what}: self-check {failed['name']} gave {failed['value']:.3g}, more than {failed['tolerance']:.3g}; "
            f"nothing is written. This model may not be run the way its architecture says"
        )


def _sample(passes: list[Pass], causal: bool) -> list[Pass]:
    """Two passes of different length that read a stimulus; cut short, behind one, where that is exact."""
    reading = [one for one in passes if len(one.items)]
    if causal:
        # The later windows of a long document read nothing for half a window.
        reading = [one for one in reading if _first_end(one) <= SAMPLE_TOKENS] or [min(reading, key=_first_end)]
    order = sorted(range(len(reading)), key=lambda k: (len(reading[k]), k))
    chosen = [reading[k] for k in dict.fromkeys((order[0], order[len(order) // 2]))]
    if not causal:
        return chosen
    # Cut to different lengths, so that one is padded.
    return [cut(one, max(_first_end(one), SAMPLE_TOKENS * (k + 1) // 2)) for k, one in enumerate(chosen)]


def _first_end(one: Pass) -> int:
    """Tokens up to the end of the first stimulus."""
    return int(one.pooled[one.pooled_item == 0].max()) + 1


def _some(one: Pass) -> list[int]:
    """Where prefixes are made to end: after the first stimulus and a middle one."""
    ends = [int(one.pooled[one.pooled_item == k].max()) for k in range(len(one.items))]
    return sorted({ends[0], ends[len(ends) // 2]})


def _relative(found: Float32, expected: Float32) -> float:
    """Largest difference in a layer over the layer's largest value, arrays of shape (n_layers, k, d)."""
    scale = np.abs(expected).max(axis=(1, 2))
    return float((np.abs(found - expected).max(axis=(1, 2)) / np.maximum(scale, 1e-30)).max())


def _difference(found: Float32, expected: Float32) -> float:
    known = ~np.isnan(expected)
    return float(np.abs(found - expected)[known].max(initial=0.0))


def _rounding(values: Float32, bits: int) -> float:
    """Largest relative change of a normal number by rounding."""
    normal = values[np.abs(values) >= np.finfo(np.float32).tiny]
    return float(np.abs(round_significand(normal, bits) / normal.astype(np.float64) - 1).max(initial=0.0))


def _against_states(runner: Runner, one: Pass, result: BatchResult) -> float:
    states = runner.reference(one).states
    lengths = torch.from_numpy(np.bincount(one.pooled_item))
    layers = [k for k, tap in enumerate(runner.taps) if tap.layer in states]
    pooled = [
        torch.segment_reduce(states[runner.taps[k].layer].float().cpu()[one.pooled], "mean", lengths=lengths, axis=0)
        for k in layers
    ]
    return _relative(result.activations[layers], torch.stack(pooled).numpy())


def _against_logits(runner: Runner, one: Pass, result: BatchResult) -> float:
    logits = runner.reference(one).logits
    assert logits is not None
    log_p = logits.float().log_softmax(-1).cpu().numpy()
    chosen = log_p[one.before, one.targets]
    return _difference(result.log_p, np.where(one.targets == NO_TARGET, np.nan, chosen).astype(np.float32))


def _wrong_prefixes(runner: Runner, stimuli: Stimuli, reading: Reading) -> int:
    """Passes of a sample of stimuli that differ from the tokenizer's own work, from join to truncation."""
    tokenizer = copy.deepcopy(runner.model.tokenizer)
    tokenizer.truncation_side = "left"
    chosen = set(np.linspace(0, len(stimuli) - 1, SAMPLE_PREFIXES).astype(int).tolist())
    where = {
        int(item): one.ids[: one.pooled[k] + 1]
        for one in reading.passes
        for k, item in enumerate(one.items)
        if int(item) in chosen
    }
    wrong = 0
    for group in group_by(stimuli.context_ids).values():
        for place in (p for p, item in enumerate(group) if item in chosen):
            text = join_prefixes([stimuli.texts[k] for k in group[: place + 1]])[place]
            ids = tokenizer(text, truncation=True, max_length=runner.limits.window)["input_ids"]
            wrong += not np.array_equal(ids, where[group[place]])
    return wrong
