"""What the sidecars of a task's files record beside the identity of the task."""

from dataclasses import asdict
from typing import Any

import torch

from brainlake_builder.extraction.comparison import Check
from brainlake_builder.extraction.tasks import Key, Task
from brainlake_builder.models.runner import Runner
from brainlake_builder.tables.writer import library_versions
from brainlake_builder.text.passes import Reading


def sidecar_facts(runner: Runner, task: Task, reading: Reading, key: Key, checks: list[Check]) -> dict[str, Any]:
    """What the sidecars of a task's files record beside the identity of the task."""
    model = runner.model
    details = {
        "key": asdict(key),
        "weights_sha256": model.identity.weights_sha256,
        "tensors": dict(model.tensors),
        "quantization": model.identity.quantization,
        "attention": model.network.config._attn_implementation,
        "batching": runner.batching,
        "head": runner.head.name if runner.head else None,
        "token_type_ids": "none fed",
        "space_marker": runner.encoder.marker,
        "tokens_fed": reading.n_tokens,
        **reading.facts,
    }
    return {
        "model_revision": key.model,
        "stimuli_sha256": task.stimuli.sha256,
        "dtype": task.recipe.dtype,
        "device": _device_name(model.device),
        "versions": library_versions(),
        "checks": checks,
        "details": details,
    }


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
