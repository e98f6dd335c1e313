"""What an extraction makes sure of on a sample of its own passes, and records beside its numbers.

What can be seen within one pass (which layer, which norm, which row is read, which tokens are fed) is compared bit
for bit with that same pass. What compares two passes has a tolerance, and that comes from what rounding does in this
very network (:mod:`~brainlake_builder.extraction.rounding`). The sample is the longest pass of the task and the
shortest, and the network is as loaded, before and after.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.precision import round_significand, significand_bits
from brainlake_builder.extraction.rounding import REPEATED, SAFETY, Float64, distance, feature_scale, floors, nats
from brainlake_builder.extraction.token_checks import wrong_tokens
from brainlake_builder.models.foreign import running
from brainlake_builder.models.head import rounding_of_logits
from brainlake_builder.models.own_states import own_states
from brainlake_builder.models.runner import BatchResult, Runner, join_results
from brainlake_builder.text.batching import pad
from brainlake_builder.text.documents import Stimuli
from brainlake_builder.text.passes import NO_TARGET, Pass, Reading, cut

SCORED_TOKENS = 48
"""Tokens of the sample on which the model's own logits are computed: those of a long text need gigabytes."""

Check = dict[str, Any]
Float32 = npt.NDArray[np.float32]


def check(name: str, value: float, tolerance: float, comparand: str, floor: float = 0.0) -> Check:
    """One check as it stands in a sidecar."""
    return {
        "name": name,
        "value": float(value),
        "floor": float(floor),
        "tolerance": float(tolerance),
        "passed": bool(value <= tolerance),
        "comparand": comparand,
    }


def check_reading(runner: Runner, stimuli: Stimuli, reading: Reading) -> list[Check]:
    """Compare a sample of passes with the slow, obvious way, and find out which passes may run together.

    Exact, counts of what differs: ``tokens`` (stimuli not read behind the right tokens, at their own), ``fed``
    (tokens that reached the network's embedding), ``hidden_states`` (stimuli and layers that are not the network's own
    states, from the same pass), ``finite``. Within a tolerance, distances by
    :func:`~brainlake_builder.extraction.rounding.distance`: ``repeat`` (each pass once more: one that draws at random,
    or keeps something of the last, moves the floor as well, and would hide behind it), ``batch_of_one`` (a padded batch
    against each pass alone), ``padding`` (a padded batch with other tokens in its padding) and ``prefix`` (a pass
    against one that ends at the token read, or, where a network reads its own width, one whose later tokens are
    others); ``batch_of_one_log_p`` and ``logits`` (log-probabilities against the model's own), in nats; ``precision``
    (largest relative change when values are rounded to the bits that the file keeps).

    Raises
    ------
    BrainlakeError
        If one fails, the network cannot be run, states are not finite, or the tokenizer is not the model's.
    """
    _refuse_foreign_tokenizer(runner, reading)
    with running(runner.model.identity.model):
        checks = _checked(runner, stimuli, reading)
    runner.as_loaded.restore()
    require(checks, runner.model.identity.model)
    return checks


def _checked(runner: Runner, stimuli: Stimuli, reading: Reading) -> list[Check]:
    longest, shortest = _sample(reading.passes)
    alone = _alone(runner, [longest, shortest])
    checks = [check("tokens", wrong_tokens(runner, stimuli, reading), 0, "the tokenizer's own work on the text")]
    checks += _within(runner, longest)
    activations = np.concatenate([result.activations for result in alone], axis=1)
    _refuse_infinite(runner, activations)
    rounding = _Rounding.of(runner, [longest, shortest], alone, feature_scale(activations))
    checks.append(_repeat(_alone(runner, [longest, shortest]), alone, rounding))
    checks += _batch_of_one(runner, [longest, shortest], alone, rounding)
    if runner.limits.causal:
        checks.append(_prefix(runner, longest, alone[0], rounding))
    if runner.head is not None:
        checks += _log_p(runner, reading.passes, rounding)
    checks.append(check("finite", 0, 0, "finite numbers"))
    bits = significand_bits(runner.recipe)
    checks.append(check("precision", _rounding(activations, bits), 2.0 ** -(bits + 1), "values before rounding"))
    return checks


def require(checks: list[Check], what: str) -> None:
    """Raise if a check failed."""
    for failed in (c for c in checks if not c["passed"]):
        raise BrainlakeError(
            f"{what}: self-check {failed['name']} gave {failed['value']:.3g}, more than {failed['tolerance']:.3g} "
            f"(against {failed['comparand']}); nothing is written. "
            f"This model may not be run the way its architecture says"
        )


def _refuse_foreign_tokenizer(runner: Runner, reading: Reading) -> None:
    n_rows = runner.network.get_input_embeddings().weight.shape[0]
    largest = max(int(one.ids.max()) for one in reading.passes)
    if largest >= n_rows:
        raise BrainlakeError(
            f"{runner.model.identity.model}: its tokenizer gives token {largest}, and its embedding has {n_rows} rows: "
            f"they do not belong together"
        )


def _refuse_infinite(runner: Runner, activations: Float32) -> None:
    """Ahead of comparisons, which say of NaN that it is not even itself."""
    wrong = ~np.isfinite(activations).all(axis=(1, 2))
    if wrong.any():
        model, tap = runner.model, runner.taps[int(np.argmax(wrong))]
        raise BrainlakeError(
            f"{model.identity.model}: states of layer {tap.layer} ({tap.name}) are NaN or infinite in "
            f"{runner.recipe.dtype}; nothing is written. Take a precision that holds larger numbers, float32 or "
            f"bfloat16, if these are not damaged weights"
        )


def _sample(passes: list[Pass]) -> tuple[Pass, Pass]:
    """The longest and the shortest pass that read a stimulus."""
    reading = [one for one in passes if len(one.items)]
    return max(reading, key=len), min(reading, key=len)


def _alone(runner: Runner, sample: list[Pass]) -> list[BatchResult]:
    """Each pass by itself, from the network as loaded; a network that this changes gets passes of one width."""
    results = []
    for one in sample:
        runner.as_loaded.restore()
        results.append(runner.run(pad([one])))
        if runner.batching == "padded" and runner.as_loaded.changed():
            runner.batching = "one_width"
    runner.as_loaded.restore()
    return results


def _within(runner: Runner, one: Pass) -> list[Check]:
    """What one pass says of itself, bit for bit."""
    runner.as_loaded.restore()
    own = own_states(runner, one)
    wrong = sum(
        not torch.equal(read, expected.to(read.device, read.dtype))
        for layer, expected in enumerate(own.pooled)
        for read, expected in zip(own.read[layer], expected, strict=True)
    )
    fed = int(len(own.fed) != len(one.ids)) or int(np.sum(own.fed != one.ids))
    return [
        check("fed", fed, 0, "ids that entered the embedding in the same pass"),
        check("hidden_states", wrong, 0, f"{own.source}, in the same pass"),
    ]


def _repeat(again: list[BatchResult], alone: list[BatchResult], rounding: "_Rounding") -> Check:
    """What a pass gives twice."""
    pairs = [(other.activations, one.activations) for other, one in zip(again, alone, strict=True)]
    return _across("repeat", pairs, rounding, "the same passes, run before", REPEATED)


def _batch_of_one(runner: Runner, sample: list[Pass], alone: list[BatchResult], rounding: "_Rounding") -> list[Check]:
    if runner.batching == "one_pass":
        return [check("batch_of_one", 0, 0, "nothing: passes are run one by one, since int8 kernels mix a batch")]
    padded = runner.batching == "padded"
    batches = [sample] if padded else [[one, one] for one in sample]
    together = join_results([runner.run(pad(batch)) for batch in batches])
    expected = alone if padded else [result for result in alone for _ in range(2)]
    found, pairs = together.activations, []
    for result in expected:
        n = result.activations.shape[1]
        pairs.append((found[:, :n], result.activations))
        found = found[:, n:]
    what = "each pass alone" if padded else "each pass alone; batches hold passes of one length"
    found_checks = [_across("batch_of_one", pairs, rounding, what)]
    if padded:
        found_checks.append(_padding(runner, sample, together, rounding))
    return found_checks


def _padding(runner: Runner, sample: list[Pass], together: BatchResult, rounding: "_Rounding") -> Check:
    """What stands in the padding leaves everything: the same batch once more, of the same shape, with other tokens."""
    batch = pad(sample)
    behind = np.arange(batch.ids.shape[1]) >= batch.lengths[:, None]
    filled = runner.run(replace(batch, ids=np.where(behind, batch.ids[0], batch.ids)))
    pairs = [(filled.activations, together.activations)]
    return _across("padding", pairs, rounding, "the same batch with other tokens in its padding", REPEATED)


def _prefix(runner: Runner, one: Pass, alone: BatchResult, rounding: "_Rounding") -> Check:
    """What comes later leaves what was read alone."""
    same_width = runner.batching == "one_width"
    pairs = []
    for end in _some_ends(one):
        if same_width:
            ids = np.concatenate([one.ids[:end], one.ids[end:][::-1]])
            shorter = runner.run(pad([replace(one, ids=ids)]))
            n = cut(one, end).items.size
        else:
            shorter = runner.run(pad([cut(one, end)]))
            n = shorter.activations.shape[1]
        pairs.append((alone.activations[:, :n], shorter.activations[:, :n]))
    what = "a pass whose later tokens stand in another order" if same_width else "a pass that ends at the token read"
    return _across("prefix", pairs, rounding, what)


def _some_ends(one: Pass) -> list[int]:
    """Where prefixes are made to end: behind the first stimulus and a middle one."""
    ends = [int(one.pooled[one.pooled_item == k].max()) + 1 for k in range(len(one.items))]
    return sorted({ends[0], ends[len(ends) // 2]})


def _across(
    name: str, pairs: list[tuple[Float32, Float32]], rounding: "_Rounding", what: str, safety: float = SAFETY
) -> Check:
    """The layer that is furthest from what rounding explains, over all pairs."""
    floor = rounding.states
    far = np.max([distance(found, expected, rounding.scale) for found, expected in pairs], axis=0)
    worst = int(np.argmax(far / floor))
    return check(name, far[worst], safety * floor[worst], f"{what}; row {worst} of layers", floor[worst])


@dataclass(frozen=True)
class _Rounding:
    """What rounding does to the sample: scale of each feature, floor of each layer, and of log-probabilities."""

    scale: Float64
    states: Float64
    log_p: float

    @classmethod
    def of(cls, runner: Runner, sample: list[Pass], alone: list[BatchResult], scale: Float64) -> "_Rounding":
        """The larger floor of several passes."""
        found = [floors(runner, one, result, scale) for one, result in zip(sample, alone, strict=True)]
        return cls(scale, np.max([states for states, _ in found], axis=0), max(nats for _, nats in found))


def _log_p(runner: Runner, passes: list[Pass], rounding: _Rounding) -> list[Check]:
    """Log-probabilities of padded batches, and of the head, against each pass alone and the model's own logits."""
    scoring = [
        one for one in passes if len(one.slots) and bool(runner.limits.infilling) == (one.decoder_ids is not None)
    ]
    if runner.limits.echo:
        scoring = [one for one in passes if len(one.slots)]
    if not scoring:  # texts of one token each, and none before it
        return []
    longest, shortest = max(scoring, key=len), min(scoring, key=len)
    if runner.limits.causal:
        longest, shortest = (_scored_part(one) for one in (longest, shortest))
    alone = _alone(runner, [longest, shortest])
    floor = max(rounding.log_p, _Rounding.of(runner, [longest, shortest], alone, rounding.scale).log_p)
    expected = np.concatenate([result.log_p for result in alone])
    batches = [[longest, shortest]] if runner.batching == "padded" else [[longest], [shortest]]
    found = join_results([runner.run(pad(batch)) for batch in batches]).log_p
    runner.as_loaded.restore()
    own = runner.reference(shortest, logits=True)
    assert own.logits is not None
    log_p = own.logits.float().log_softmax(-1).cpu().numpy()[shortest.before, shortest.targets]
    own_log_p = np.where(shortest.targets == NO_TARGET, np.nan, log_p).astype(np.float32)
    head = rounding_of_logits(runner.network, own.hidden[-1][-1][0], own.logits)
    return [
        check("batch_of_one_log_p", nats(found, expected), SAFETY * floor, "each pass alone", floor),
        check(
            "logits",
            nats(alone[1].log_p, own_log_p),
            SAFETY * max(head, floor),
            "the model's own logits",
            max(head, floor),
        ),
    ]


def _scored_part(one: Pass) -> Pass:
    """The beginning of a pass, as long as it takes to give some probabilities."""
    return cut(one, max(SCORED_TOKENS, int(one.before[0]) + 2))


def _rounding(values: Float32, bits: int) -> float:
    """Largest relative change of a normal number by rounding."""
    normal = values[np.abs(values) >= np.finfo(np.float32).tiny]
    return float(np.abs(round_significand(normal, bits) / normal.astype(np.float64) - 1).max(initial=0.0))
