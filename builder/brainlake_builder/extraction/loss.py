"""How well a model predicts the next token of a text: nats a token, and bits a byte."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from brainlake.contract.recipe import parse_recipe
from brainlake.errors import BrainlakeError
from brainlake.report.progress import SILENT, Progress
from brainlake_builder.extraction.own_text import token_table
from brainlake_builder.extraction.parallel import one_thread_a_batch
from brainlake_builder.models.files import locate_model
from brainlake_builder.models.foreign import within_memory
from brainlake_builder.models.loading import LoadedModel, load_model
from brainlake_builder.models.runners import make_runner
from brainlake_builder.tables.registry import check_model
from brainlake_builder.tables.writer import library_versions
from brainlake_builder.text.passes import Int64, Pass, Reading, Words

WINDOW = 1024
"""Most tokens of a pass, unless it is said otherwise: what nearly all models take, so that their losses compare."""


@dataclass(frozen=True)
class Loss:
    """The loss on a text.

    Attributes
    ----------
    nats_per_token
        Mean of -ln p over the tokens that have a probability: all, but the first one where no start token precedes it.
        Tokenizers differ, so this compares models of one tokenizer only.
    bits_per_byte
        Sum of -log2 p over the bytes of those tokens in UTF-8: compares any two models.
    n_tokens, n_bytes
        How many there are of both.
    window
        Most tokens in a pass, the start token included.
    start_token
        Whether a start token is fed before the first token of every pass.
    """

    nats_per_token: float
    bits_per_byte: float
    n_tokens: int
    n_bytes: int
    window: int
    start_token: bool


def next_word_loss(model: LoadedModel, text: str, window: int | None = None, progress: Progress = SILENT) -> Loss:
    """Loss of a causal model on a text, which is tokenised once, as it stands.

    Where it is longer than the window, passes move on by half a window, and each token is predicted once: with all of
    the text before it, or at least half a window of it.

    Parameters
    ----------
    model
        What :func:`~brainlake_builder.models.loading.load_model` returned.
    text
        The text; ``<s>`` and the like, written out in it, are ordinary characters.
    window
        Most tokens in a pass, the start token included; by default 1024, or what the model takes if that is less.
    progress
        Says how far it is; by default nothing is said.

    Raises
    ------
    BrainlakeError
        If the model is not causal, takes no such window, or the text has no token to predict.
    """
    name = model.identity.model
    if model.kind != "decoder":
        raise BrainlakeError(f"{name} does not predict the next token of a text: a loss needs a decoder-only model")
    recipe = parse_recipe("document+boundary=none" + (f"+max_tokens={window}" if window else ""))
    shorter = ", or a shorter window"
    with (
        within_memory(name, shorter),
        one_thread_a_batch(model.device.type) as workers,
        make_runner(model, recipe) as runner,
    ):
        limits = replace(runner.limits, window=window or min(WINDOW, runner.limits.window))
        (encoding,) = runner.encoder.encode([text])
        ids = np.array(encoding.ids, np.int64)
        first = 0 if limits.opening else 1
        if len(ids) <= first or limits.window < len(limits.opening) + 2:
            raise BrainlakeError(f"{name}: in {text[:40]!r}, read by {limits.window} tokens, there is none to predict")
        nothing = np.array([], np.int64)
        words = Words(nothing, nothing, nothing.astype(np.bool_), nothing.astype(np.bool_), ids)
        reading = Reading(list(_passes(ids, limits.window, limits.opening)), words, {})
        log_p = token_table(runner, reading, workers, progress)["log_p"][first:]
    n_bytes = len(text.encode()) - (len(text[: encoding.offsets[0][1]].encode()) if first else 0)
    total = -float(log_p.sum())
    return Loss(
        nats_per_token=total / len(log_p),
        bits_per_byte=total / math.log(2) / n_bytes,
        n_tokens=len(log_p),
        n_bytes=n_bytes,
        window=limits.window,
        start_token=bool(limits.opening),
    )


def loss_rows(
    bank: Path,
    model: str,
    text: str,
    title: str,
    *,
    window: int | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    progress: Progress = SILENT,
    **loading: Any,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Load a model and put its loss on a text into rows of ``model_properties``.

    Parameters
    ----------
    bank
        Bank that they are for.
    model
        A local folder or a Hub id, also as ``owner/name@revision``.
    text, title
        The text, and what the source calls it, beside its digest.
    window, progress
        See :func:`next_word_loss`.
    device, dtype
        See :func:`~brainlake_builder.models.loading.load_model`.
    **loading
        See :func:`~brainlake_builder.models.files.locate_model`.

    Returns
    -------
    Rows of ``nwp_loss`` and ``nwp_bits_per_byte``, and facts for the sidecar.

    Raises
    ------
    BrainlakeError
        As ``load_model`` and ``next_word_loss``; also if the bank has another model of that name.
    """
    with progress.step(f"{model}, loading"):
        files = locate_model(model, **loading)
        loaded = load_model(files, device=device, dtype=dtype)
    identity = loaded.identity
    version = identity.commit or str(identity.weights_sha256)
    check_model(bank, identity.model, version)
    found = next_word_loss(loaded, text, window, progress)
    files.check_unwritten()
    digest = hashlib.sha256(text.encode()).hexdigest()
    context = f"windows of {found.window} tokens, half a window of context at least"
    row = {"model": identity.model, "source": f"brainlake: {title} ({digest[:8]}), {dtype}, {context}"}
    values = {"nwp_loss": found.nats_per_token, "nwp_bits_per_byte": found.bits_per_byte}
    rows = [row | {"property": name, "value": value} for name, value in values.items()]
    return rows, {"model_revision": version, "text_sha256": digest, "versions": library_versions()} | vars(found)


def _passes(ids: Int64, window: int, opening: tuple[int, ...]) -> Iterator[Pass]:
    """Windows over the tokens; each token is predicted in the first one that holds it."""
    size, nothing = window - len(opening), np.array([], np.int64)
    done = 0
    for begin in range(0, max(len(ids) - size, 0) + size // 2, size // 2):
        stop = min(begin + size, len(ids))
        slots = np.arange(max(done, 1 - len(opening)), stop)
        yield Pass(
            ids=np.array([*opening, *ids[begin:stop]], np.int64),
            items=nothing,
            pooled=nothing,
            pooled_item=nothing,
            slots=slots,
            before=slots - begin + len(opening) - 1,
            targets=ids[slots],
        )
        done = stop
