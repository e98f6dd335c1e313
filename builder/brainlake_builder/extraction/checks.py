"""What an extraction makes sure of on a sample of its own passes, and records beside its numbers.

What can be seen within one pass (which layer, which norm, which row is read, which tokens are fed) is compared bit
for bit with that same pass. What compares two passes has a tolerance, and that comes from what rounding does in this
very network (:mod:`~brainlake_builder.extraction.rounding`). The sample is the longest pass of the task and the
shortest, and the network is as loaded, before and after.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from brainlake.errors import BrainlakeError
from brainlake.report.progress import SILENT, Progress
from brainlake_builder.extraction.comparison import Check, across, check, require
from brainlake_builder.extraction.log_p_checks import log_p_checks
from brainlake_builder.extraction.precision import round_significand, significand_bits
from brainlake_builder.extraction.rounding import REPEATED, Rounding, feature_scale
from brainlake_builder.extraction.sample import run_alone, sample_of
from brainlake_builder.extraction.target_checks import wrong_targets
from brainlake_builder.extraction.token_checks import wrong_tokens
from brainlake_builder.models.foreign import running
from brainlake_builder.models.own_states import OwnStates, own_states
from brainlake_builder.models.runner import BatchResult, Runner, join_results
from brainlake_builder.text.batching import pad
from brainlake_builder.text.documents import Stimuli
from brainlake_builder.text.passes import Pass, Reading, cut

Float32 = npt.NDArray[np.float32]


def check_reading(runner: Runner, stimuli: Stimuli, reading: Reading, progress: Progress = SILENT) -> list[Check]:
    """Compare a sample of passes with the slow, obvious way, and find out which passes may run together.

    Exact, counts of what differs: ``tokens`` (stimuli not read behind the right tokens, at their own), ``targets``
    (stimuli whose tokens' probabilities are not asked for behind the right tokens), ``fed`` (tokens that reached the
    network's embedding), ``hidden_states`` (stimuli and layers that are not the network's own states, from the same
    pass), ``finite``. Within a tolerance, distances by :func:`~brainlake_builder.extraction.rounding.distance`:
    ``forward`` (a pass as it is run against the one that was looked into, in which the network gives its own states),
    ``repeat`` (each pass once more: one that draws at random,
    or keeps something of the last, moves the floor as well, and would hide behind it), ``batch_of_one`` (a padded batch
    against each pass alone), ``padding`` (a padded batch with other tokens in its padding) and ``prefix`` (a pass
    against one that ends at the token read, or, where a network reads its own width, one whose later tokens are
    others); ``batch_of_one_log_p`` and ``logits`` (log-probabilities against the model's own), in nats; ``precision``
    (largest relative change when values are rounded to the bits that the file keeps).

    Where memory does not hold the two passes of the sample at once, passes are run one by one, and ``progress`` says
    so.

    Raises
    ------
    BrainlakeError
        If one fails, the network cannot be run, states are not finite, or the tokenizer is not the model's.
    """
    _refuse_foreign_tokenizer(runner, reading)
    with running(runner.model.identity.model):
        batching = runner.batching
        checks = _checked(runner, stimuli, reading)
        if batching == "padded" and runner.batching == "one_pass":
            progress.note(f"{runner.model.identity.model} on {stimuli.name}: memory holds one text at a time")
    runner.as_loaded.restore()
    require(checks, runner.model.identity.model)
    return checks


def _checked(runner: Runner, stimuli: Stimuli, reading: Reading) -> list[Check]:
    longest, shortest = sample_of(reading.passes)
    alone = run_alone(runner, [longest, shortest])
    checks = [check("tokens", wrong_tokens(runner, stimuli, reading), 0, "the tokenizer's own work on the text")]
    if runner.limits.scores or runner.limits.infilling:
        checks.append(check("targets", wrong_targets(runner, stimuli, reading), 0, checks[0]["comparand"]))
    own = own_states(runner, longest)
    checks += _within(own, longest)
    activations = np.concatenate([result.activations for result in alone], axis=1)
    _refuse_infinite(runner, activations)
    rounding = Rounding.of(runner, [longest, shortest], alone, feature_scale(activations))
    looked_into = [(alone[0].activations, own.read.float().cpu().numpy())]
    checks.append(across("forward", looked_into, rounding, "the pass that is looked into", REPEATED))
    checks.append(_repeat(run_alone(runner, [longest, shortest]), alone, rounding))
    checks += _batch_of_one(runner, [longest, shortest], alone, rounding)
    if runner.limits.causal:
        checks.append(_prefix(runner, longest, alone[0], rounding))
    if runner.head is not None:
        checks += log_p_checks(runner, reading.passes, rounding)
    checks.append(check("finite", 0, 0, "finite numbers"))
    bits = significand_bits(runner.recipe)
    checks.append(check("precision", _rounding(activations, bits), 2.0 ** -(bits + 1), "values before rounding"))
    return checks


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


def _within(own: OwnStates, one: Pass) -> list[Check]:
    """What one pass says of itself, bit for bit."""
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


def _repeat(again: list[BatchResult], alone: list[BatchResult], rounding: Rounding) -> Check:
    """What a pass gives twice."""
    pairs = [(other.activations, one.activations) for other, one in zip(again, alone, strict=True)]
    return across("repeat", pairs, rounding, "the same passes, run before", REPEATED)


def _batch_of_one(runner: Runner, sample: list[Pass], alone: list[BatchResult], rounding: Rounding) -> list[Check]:
    if runner.batching == "one_pass":
        return [check("batch_of_one", 0, 0, "nothing: passes are run one by one, since int8 kernels mix a batch")]
    padded = runner.batching == "padded"
    batches = [sample] if padded else [[one, one] for one in sample]
    try:
        together = join_results([runner.run(pad(batch)) for batch in batches])
    except torch.OutOfMemoryError:
        if not padded:
            raise
        runner.batching = "one_pass"
        return [check("batch_of_one", 0, 0, "nothing: passes are run one by one, since memory holds no two of them")]
    expected = alone if padded else [result for result in alone for _ in range(2)]
    found, pairs = together.activations, []
    for result in expected:
        n = result.activations.shape[1]
        pairs.append((found[:, :n], result.activations))
        found = found[:, n:]
    what = "each pass alone" if padded else "each pass alone; batches hold passes of one length"
    found_checks = [across("batch_of_one", pairs, rounding, what)]
    if padded:
        found_checks.append(_padding(runner, sample, together, rounding))
    return found_checks


def _padding(runner: Runner, sample: list[Pass], together: BatchResult, rounding: Rounding) -> Check:
    """What stands in the padding leaves everything: the same batch once more, of the same shape, with other tokens."""
    batch = pad(sample)
    behind = np.arange(batch.ids.shape[1]) >= batch.lengths[:, None]
    filled = runner.run(replace(batch, ids=np.where(behind, batch.ids[0], batch.ids)))
    pairs = [(filled.activations, together.activations)]
    return across("padding", pairs, rounding, "the same batch with other tokens in its padding", REPEATED)


def _prefix(runner: Runner, one: Pass, alone: BatchResult, rounding: Rounding) -> Check:
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
    return across("prefix", pairs, rounding, what)


def _some_ends(one: Pass) -> list[int]:
    """Where prefixes are made to end: behind the first stimulus and a middle one."""
    ends = [int(one.pooled[one.pooled_item == k].max()) + 1 for k in range(len(one.items))]
    return sorted({ends[0], ends[len(ends) // 2]})


def _rounding(values: Float32, bits: int) -> float:
    """Largest relative change of a normal number by rounding."""
    normal = values[np.abs(values) >= np.finfo(np.float32).tiny]
    return float(np.abs(round_significand(normal, bits) / normal.astype(np.float64) - 1).max(initial=0.0))
