"""Log-probabilities of padded batches, and of the head, against each pass alone and the model's own logits."""

import numpy as np

from brainlake_builder.extraction.comparison import Check, check
from brainlake_builder.extraction.rounding import SAFETY, Rounding, nats
from brainlake_builder.extraction.sample import run_alone
from brainlake_builder.models.head import rounding_of_logits
from brainlake_builder.models.runner import Runner, join_results
from brainlake_builder.text.batching import pad
from brainlake_builder.text.passes import NO_TARGET, Pass, cut

SCORED_TOKENS = 48
"""Tokens of the sample on which the model's own logits are computed: those of a long text need gigabytes."""


def log_p_checks(runner: Runner, passes: list[Pass], rounding: Rounding) -> list[Check]:
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
    alone = run_alone(runner, [longest, shortest])
    floor = max(rounding.log_p, Rounding.of(runner, [longest, shortest], alone, rounding.scale).log_p)
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
