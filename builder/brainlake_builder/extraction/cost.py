"""What a task takes, before any weight is read: tokens, operations, bytes on the disk and in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from brainlake.errors import AT_ONCE, Failures
from brainlake_builder.extraction.batch_size import fitting, token_bytes
from brainlake_builder.extraction.experts import weights_a_token
from brainlake_builder.extraction.precision import FLOAT32_BITS, significand_bits
from brainlake_builder.extraction.run import layers_at_once
from brainlake_builder.extraction.tasks import Task
from brainlake_builder.models.files import ModelFiles
from brainlake_builder.models.loading import DTYPES, LoadedModel, empty_network, identify, load_tokenizer
from brainlake_builder.models.runner import Runner
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.batching import BUDGETS, Budget, schedule
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.passes import Pass, Reading
from brainlake_builder.text.prompts import make_prompt

COMPRESSED: Final = {FLOAT32_BITS: 0.85, 12: 0.5, 10: 0.44, 7: 0.35}
"""Share of raw float32 that a file of activations takes, by bits of the significand (measured on synthetic states)."""


CHECKS: Final = 10
"""Passes of the longest text that the self-checks of a task are worth (measured on GPT-2 small's shape)."""

REDUCED: Final = {"8bit": 1.0, "4bit": 0.5625}
"""Bytes of a reduced weight; of 4 bits each block of 64 has a scale in float32 beside it."""

WRITING: Final = 3
"""Times its own bytes that a layer takes while it is encoded: as it was staged, rounded, and as a file."""


@dataclass(frozen=True)
class Cost:
    """What a task takes.

    Attributes
    ----------
    documents, passes, tokens
        Texts, sequences fed, and tokens in them, special tokens included.
    flops, checking_flops
        Floating-point operations of the passes: two a weight that a token meets (of experts a few), attention, and the
        output embedding where it is needed; and of the self-checks, whatever the texts: so many times those of the
        longest pass.
    disk_bytes, staging_bytes
        Size of the files, estimated, and of what is put aside until they are written.
    memory_bytes
        Weights and the largest batch, estimated.
    weights_bytes, writing_bytes
        Weights alone, and what the layers take that are encoded at a time when the passes are done.
    batch_tokens
        Padded tokens of a batch, as many as the memory of the device holds.
    """

    documents: int
    passes: int
    tokens: int
    flops: float
    checking_flops: float
    disk_bytes: int
    staging_bytes: int
    memory_bytes: int
    weights_bytes: int
    writing_bytes: int
    batch_tokens: int


def without_weights(files: ModelFiles, sha256: str | None = None) -> LoadedModel:
    """A model that can read texts and be counted, and not be run."""
    with torch.device("meta"):
        network = empty_network(files)
    return LoadedModel(identify(files, network, sha256), files.kind, network, load_tokenizer(files))


def costs(
    model: LoadedModel, tasks: Sequence[Task], device: str, surprisal: bool, failures: Failures = AT_ONCE
) -> Iterator[tuple[Task, Reading, Cost]]:
    """What each task of a model reads, and takes.

    Parameters
    ----------
    model
        As from :func:`without_weights`.
    device
        Where it will run.
    surprisal
        Whether surprisal is asked for as well.
    failures
        Where tasks are put whose texts the model cannot read.
    """
    for task in tasks:
        with failures.of(task.title):
            runner = make_runner(model, task.recipe, surprisal)
            prompt = make_prompt(task.recipe.prompt, model.tokenizer) if task.recipe.prompt else None
            reading = read_stimuli(task.stimuli, runner.encoder, task.recipe, runner.limits, prompt)
            yield task, reading, _cost(runner, task, reading, _budget(device, runner, task))


def _budget(device: str, runner: Runner, task: Task) -> Budget:
    """The batches that the device will have memory for, once the weights are on it."""
    size = DTYPES[task.recipe.dtype].itemsize
    bytes_a_token = token_bytes(runner.model.identity.width, len(runner.taps), size)
    if device == "cpu" or not torch.cuda.is_available():
        return BUDGETS["cpu" if device == "cpu" else "cuda"]
    free, _ = torch.cuda.mem_get_info(None if device == "auto" else device)
    return fitting(BUDGETS["cuda"], free - _weights_bytes(runner, task), bytes_a_token)


def _cost(runner: Runner, task: Task, reading: Reading, budget: Budget) -> Cost:
    size = DTYPES[task.recipe.dtype].itemsize
    n_vocabulary = runner.network.config.get_text_config().vocab_size
    width, lengths = runner.model.identity.width, [len(one) for one in reading.passes]
    n_scored = sum(len(one.slots) for one in reading.passes)
    longest = max(reading.passes, key=len)
    n_values = len(task.stimuli) * width * len(runner.taps)
    layer = 4 * len(task.stimuli) * width
    parts = schedule(reading.passes, budget, width * len(runner.taps), runner.batching)
    weights = _weights_bytes(runner, task)
    largest = max(len(batch) * max(lengths[k] for k in batch) for part in parts for batch in part)
    # Beside the states of a batch there is one chunk of logits.
    batch = largest * token_bytes(width, len(runner.taps), size) + 256 * n_vocabulary * 4 * 2
    contexts = task.stimuli.context_ids if task.recipe.context == "accumulate" else task.stimuli.document_ids
    return Cost(
        documents=len(set(contexts)),
        passes=len(lengths),
        tokens=sum(lengths),
        flops=_flops(runner, reading.passes) + 2.0 * n_scored * width * n_vocabulary,
        checking_flops=CHECKS * _flops(runner, [longest]),
        disk_bytes=int(4 * n_values * COMPRESSED[significand_bits(task.recipe)]),
        staging_bytes=4 * n_values,
        memory_bytes=weights + batch,
        weights_bytes=weights,
        writing_bytes=WRITING * layer * layers_at_once(layer, len(runner.taps)),
        batch_tokens=budget.batch,
    )


def _weights_bytes(runner: Runner, task: Task) -> int:
    """Weights in memory: where they are reduced, those of the blocks, and the others in the precision of the pass."""
    size = DTYPES[task.recipe.dtype].itemsize
    inside = sum(weight.numel() for _, blocks in runner.stacks for weight in blocks.parameters() if weight.ndim > 1)
    reduced = REDUCED[task.files.quantization] if task.files.quantization else size
    return int((runner.model.identity.n_params - inside) * size + inside * reduced)


def _flops(runner: Runner, passes: Sequence[Pass]) -> float:
    """Operations inside the blocks: each stack on the tokens that it is fed, a decoder's on the encoder's as well."""
    width, total = runner.model.identity.width, 0.0
    for k, (_, blocks) in enumerate(runner.stacks):
        weights = 2.0 * weights_a_token(blocks, runner.network.config.get_text_config())
        causal = k == 1 or runner.limits.causal
        attention = 4.0 * width * len(blocks)
        for one in passes:
            before = len(one) if k else 0
            n = len(one.decoder_ids) if k and one.decoder_ids is not None else 0 if k else len(one)
            total += weights * n + attention * (n * n / (2 if causal else 1) + n * before)
    return total
