"""Faults of wiring, planted into a runner and its passes: what the self-checks are there to find."""

from dataclasses import replace

import numpy as np
import torch

from brainlake_builder.models import runner as runner_module
from brainlake_builder.models.blocks import Tap

FINAL_NORMS = ("norm", "ln_f", "final_layer_norm", "final_norm")


def token_beside(runner, reading, monkeypatch):
    """States are read one token too early."""
    pooling = runner_module._pooling
    monkeypatch.setattr(
        runner_module, "_pooling", lambda batch: replace(pooling(batch), columns=(pooling(batch).columns - 1).abs())
    )
    return reading


def word_beside(runner, reading, monkeypatch):
    """Passes name the token before the stimulus's own."""
    return replace(reading, passes=[replace(one, pooled=np.abs(one.pooled - 1)) for one in reading.passes])


def neighbouring_layer(runner, reading, monkeypatch):
    """A layer is read one block too early, under its own name."""
    return _retap(runner, reading, lambda taps: [*taps[:2], replace(taps[2], module=taps[1].module), *taps[3:]])


def norm_too_many(runner, reading, monkeypatch):
    """The last layer is read behind the final norm, under its own name."""
    body = runner.network.get_encoder() if runner.model.kind == "encoder-decoder" else runner.network
    norm = next(
        m for name, m in body.named_modules() if name.rpartition(".")[2] in FINAL_NORMS and "." not in _in(name)
    )
    return _retap(runner, reading, lambda taps: [*taps[:-1], replace(taps[-1], module=norm)])


def _in(name):
    """A path without the names that stacks have."""
    for part in ("model.", "decoder.", "transformer.", "gpt_neox.", "encoder."):
        name = name.replace(part, "")
    return name


def _retap(runner, reading, change):
    runner._recorder.close()
    runner._recorder = runner_module.Recorder(change(list[Tap](runner.taps)))
    return reading


def start_token_missing(runner, reading, monkeypatch):
    """Texts begin without what should open them."""
    return _shift(reading, lambda one: one.ids[len(runner.limits.opening) :], -len(runner.limits.opening))


def start_token_doubled(runner, reading, monkeypatch):
    """Texts begin with it twice."""
    return _shift(reading, lambda one: np.concatenate([one.ids[:1], one.ids]), 1)


def left_context_cut(runner, reading, monkeypatch):
    """Texts begin behind their first word."""
    n = len(runner.limits.opening)
    passes = []
    for one in reading.passes:
        kept = one.pooled > n + 1
        items = np.unique(one.pooled_item[kept])
        if one.decoder_ids is None and len(items):
            one = replace(
                one,
                items=one.items[items],
                pooled=one.pooled[kept] - 1,
                pooled_item=np.searchsorted(items, one.pooled_item[kept]),
                ids=np.delete(one.ids, n),
                before=np.maximum(one.before - 1, 0),
            )
        passes.append(one)
    return replace(reading, passes=passes)


def _shift(reading, ids, by):
    return replace(reading, passes=[_moved(one, ids(one), by) for one in reading.passes])


def _moved(one, ids, by):
    if one.decoder_ids is not None:
        return one
    return replace(one, ids=ids, pooled=one.pooled + by, before=np.maximum(one.before + by, 0))


def fed_otherwise(runner, reading, monkeypatch):
    """A token is lost between a pass and the network."""
    tensor = runner.tensor
    monkeypatch.setattr(runner, "tensor", lambda values: tensor(np.where(np.arange(values.shape[-1]) == 1, 2, values)))
    return reading


def padding_attended(runner, reading, monkeypatch):
    """Every token sees every other, padding and what comes later among them."""
    if not runner.limits.causal:
        monkeypatch.setattr(runner, "mask", lambda batch: runner.tensor(np.ones(batch.ids.shape, np.int64)))
        return reading
    attention = torch.nn.functional.scaled_dot_product_attention

    def everything(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, **options):
        return attention(query, key, value, **options)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", everything)
    return reading


def draws_at_random(runner, reading, monkeypatch):
    """A block drops a tenth of its states, as in training: what rounding seems to do is as large."""
    _change_a_block(runner, lambda block, states: torch.nn.functional.dropout(states, 0.1))
    return reading


def keeps_its_last_pass(runner, reading, monkeypatch):
    """A block adds some of what it gave for the batch before."""

    def add(block, states):
        before = getattr(block, "kept", 0.0)
        block.kept = 0.1 * states.mean((0, 1))
        return states + before

    _change_a_block(runner, add)
    return reading


def _change_a_block(runner, change):
    def changed(block, _, output):
        if isinstance(output, tuple):
            return change(block, output[0]), *output[1:]
        return change(block, output)

    runner.stacks[0][1][1].register_forward_hook(changed, prepend=True)


WITHIN = {
    "token_beside": "hidden_states",
    "word_beside": "tokens",
    "neighbouring_layer": "hidden_states",
    "norm_too_many": "hidden_states",
    "start_token_missing": "tokens",
    "start_token_doubled": "tokens",
    "left_context_cut": "tokens",
    "fed_otherwise": "fed",
}
"""Faults that one pass shows, and the check that is exact about each."""
