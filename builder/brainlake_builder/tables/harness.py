"""Results of lm-evaluation-harness (EleutherAI), as it writes them to ``results_*.json``, as properties of a model.

A property is a task. All that makes two numbers of one task differ without the model being another stands in the
source of the value: metric, version of the task, number of shots, filter, chat template, a part of the items.
"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from brainlake.errors import BrainlakeError
from brainlake_builder.tables.stated_table import bank_name

Json = Mapping[str, Any]

OTHER_WEIGHTS = ("peft", "delta", "load_in_4bit", "load_in_8bit", "autogptq", "gptqmodel", "gguf_file")
"""Arguments of a run that make of the model that it names another one."""
NO_METRIC = ("alias", "name", "sample_len", "samples")
"""What stands among the metrics of a task and is none."""


def read_harness(path: Path, model: str | None = None) -> list[dict[str, Any]]:
    """Read one file of results.

    Parameters
    ----------
    path
        A ``results_*.json`` of version 0.4, or of 0.3, whose metrics have no filter.
    model
        Name of the model in the bank; by default made from the Hub id that the file names, and its revision.

    Returns
    -------
    Rows of ``model_properties``, one a task, metric and filter; standard errors and what is no number are left out.

    Raises
    ------
    BrainlakeError
        If the file cannot be read, is something else, names no model that a bank can name, is about one with an adapter
        or reduced weights, which ``model`` has to name, or holds no number.
    """
    content = _content(path)
    name = bank_name(model) if model else _model(path, content)
    rows = [
        {"model": name, "property": task, "value": value, "source": source}
        for task, metrics in content["results"].items()
        for source, value in _values(content, task, metrics)
    ]
    if not rows:
        raise BrainlakeError(f"{path} holds no number: none of its tasks has a metric")
    return rows


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BrainlakeError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BrainlakeError(f"{path} is no JSON: {error}") from None
    results = content.get("results") if isinstance(content, dict) else None
    if not isinstance(results, dict) or not all(isinstance(metrics, dict) for metrics in results.values()):
        raise BrainlakeError(
            f"{path} is no file of results of lm-evaluation-harness: it has no tasks under `results`; "
            f"give the results_*.json that `lm_eval --output_path` wrote"
        )
    found: dict[str, Any] = content
    return found


def _model(path: Path, content: Json) -> str:
    arguments = _object(content, "config").get("model_args") or {}
    if isinstance(arguments, str):
        arguments = dict(part.partition("=")[::2] for part in arguments.split(","))
    arguments = arguments if isinstance(arguments, dict) else {}
    hub_id = content.get("model_name") or arguments.get("pretrained")
    revision = None
    if hub_id == arguments.get("pretrained"):
        revision = arguments.get("revision")
        _refuse_other_weights(path, hub_id, arguments)
    try:
        return bank_name(f"{hub_id}@{revision}" if revision else str(hub_id or ""))
    except BrainlakeError:
        what = f"is about {hub_id!r}, which is" if hub_id else "has"
        raise BrainlakeError(f"{path} {what} no name of a model in a bank: say its name with --model-name") from None


def _refuse_other_weights(path: Path, hub_id: Any, arguments: Json) -> None:
    """Refuse to take an adapter on a model, or reduced weights, for the model that both were made from."""
    other = next((f"{name}={arguments[name]}" for name in OTHER_WEIGHTS if _given(arguments.get(name))), None)
    if other:
        raise BrainlakeError(
            f"{path} is about {str(hub_id)!r} with {other}, which is another model: say its name in the bank with "
            "--model-name"
        )


def _values(content: Json, task: str, metrics: Json) -> Iterator[tuple[str, float]]:
    for key, value in metrics.items():
        metric, _, chosen = key.partition(",")
        if _is_number(value) and metric not in NO_METRIC and not metric.endswith("_stderr"):
            yield ", ".join(_source(content, task, metric, chosen)), float(value)


def _source(content: Json, task: str, metric: str, chosen: str) -> Iterator[str]:
    yield "lm-evaluation-harness"
    version = _object(content, "versions").get(task)
    yield f"task version {'not stated' if version is None else version}"
    shots = _shots(content, task)
    yield "shots not stated" if shots is None else f"{shots}-shot"
    yield metric
    if chosen not in ("", "none"):
        yield f"filter {chosen}"
    if content.get("chat_template") or content.get("chat_template_sha"):
        yield "chat template"
    if content.get("system_instruction"):
        yield "system instruction"
    counts = _object(_object(content, "n-samples"), task)
    if counts.get("effective") != counts.get("original"):
        yield f"{counts.get('effective')} of {counts.get('original')} items"
    elif not counts and _object(content, "config").get("limit"):
        limit = _object(content, "config")["limit"]
        yield f"limit {limit:g}" if _is_number(limit) else f"limit {limit}"


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _given(value: Any) -> bool:
    """Whether an argument asks for something, in either form that the harness writes arguments in."""
    return str(value).lower() not in ("none", "false", "")


def _shots(content: Json, task: str, above: tuple[str, ...] = ()) -> Any:
    """Shots of a task; of a group, which the harness states none for, those of its tasks if they agree."""
    own = _object(content, "n-shot").get(task)
    members = _object(content, "group_subtasks").get(task)
    if own is None and isinstance(members, list) and members:
        within = (*above, task)
        found = {_shots(content, member, within) for member in map(str, members) if member not in within}
        return found.pop() if len(found) == 1 else None
    return _object(content, "config").get("num_fewshot") if own is None else own


def _object(content: Json, key: str) -> Json:
    found = content.get(key)
    return found if isinstance(found, dict) else {}
