"""What a model's folder says of itself, without waiting for transformers: what cannot be run is refused first."""

import hashlib
import json
from pathlib import Path
from typing import Any

from brainlake.bank.arguments import place
from brainlake.errors import BrainlakeError
from brainlake_builder.models.adapter import adapter_folder
from brainlake_builder.models.gguf import check_gguf
from brainlake_builder.models.weights import SINGLE, weight_files

NOT_READ = {
    "albert": "one block serves all its layers",
    "flaubert": "its blocks are no modules of their own",
    "funnel": "it pools tokens away between its blocks",
    "mra": "its attention needs texts of one fixed length",
    "nystromformer": "its attention needs texts of one fixed length",
    "paligemma": "it reads a text in both directions",
    "perceiver": "its blocks hold no state a token",
    "prophetnet": "it predicts several tokens at once, each by a stream of its own",
    "reformer": "its attention hashes tokens at random",
    "squeezebert": "its blocks hold features before tokens",
    "xlm": "its blocks are no modules of their own",
    "xlnet": "it reads words in permuted orders, not from left to right",
    "yoso": "its attention hashes tokens at random",
}
"""Language models of ``transformers`` that are not read, and why."""

OF_NO_MATTER = ("_name_or_path", "dtype", "torch_dtype", "transformers_version")
"""Fields of a configuration that say who saved it, and a precision that a recipe says as well."""


def is_local(folder: Path, source: str) -> bool:
    """Whether a source is a folder of this machine, and not a Hub id.

    Raises
    ------
    BrainlakeError
        If it is neither.
    """
    if folder.is_dir():
        return True
    if source.startswith(("/", ".", "~")) or source.count("/") > 1:
        raise BrainlakeError(f"there is no folder {source!r}, and a Hub id is owner/name")
    return False


def check_source(
    source: str,
    *,
    untrained: bool = False,
    quantization: str | None = None,
    gguf: str | None = None,
    adapter: str | None = None,
    trust_remote_code: bool = False,
) -> None:
    """Make sure of a model as far as its folder says; of a Hub id nothing is known yet.

    Parameters
    ----------
    source, quantization, gguf, adapter, trust_remote_code
        See :func:`~brainlake_builder.models.files.locate_model`.
    untrained
        Whether its weights are not needed.

    Raises
    ------
    BrainlakeError
        If there is no such folder, a file is missing or damaged, or it cannot be run.
    """
    folder = place("model", source)
    if adapter is not None:
        adapter_folder(adapter, untrained, quantization or gguf)
    if not is_local(folder, source):
        return
    if gguf is not None:
        check_gguf(folder, source, gguf, quantization)
    else:
        check_configuration(folder, source, trust_remote_code)
    if not untrained:
        weight_files(folder, source, gguf)


def check_configuration(folder: Path, source: str, trust_remote_code: bool) -> None:
    """Raise if a configuration is missing, damaged, asks to run code, names its weights, or is of a type not read."""
    for file in ("config.json", "tokenizer_config.json"):
        content = _read_json(folder / file, source) if (folder / file).exists() or file == "config.json" else {}
        if "auto_map" in content and not trust_remote_code:
            raise BrainlakeError(
                f"{source} asks to run Python code of its own ({file} has auto_map); "
                f"if you trust its authors, say --trust-remote-code"
            )
        if "transformers_weights" in content:
            raise BrainlakeError(
                f"{source}: {file} says which file holds the weights (transformers_weights), which is not believed: "
                f"call the file {SINGLE}, and take that line out"
            )
        if file == "config.json":
            check_type(content.get("model_type"), source)


def configuration_sha256(folder: Path, with_code: bool) -> str:
    """Digest of what decides, beside the weights, what a network of a folder computes.

    Parameters
    ----------
    with_code
        Whether Python code of the folder is run.
    """
    content = _read_json(folder / "config.json", str(folder))
    facts = {name: value for name, value in content.items() if name not in OF_NO_MATTER}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for path in sorted(folder.glob("*.py")) if with_code else ():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def check_type(kind: object, source: str) -> None:
    """Raise if models of a type are not read."""
    if kind in NOT_READ:
        raise BrainlakeError(f"{source} is a model of type {kind}, which is not read: {NOT_READ[str(kind)]}")


def _read_json(path: Path, source: str) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BrainlakeError(f"{source} is no model: it has no {path.name}") from None
    except (ValueError, RecursionError) as error:
        raise BrainlakeError(f"{source}: {path.name} is damaged: {error}") from None
    if not isinstance(content, dict):
        raise BrainlakeError(f"{source}: {path.name} is damaged: it holds no object")
    return content
