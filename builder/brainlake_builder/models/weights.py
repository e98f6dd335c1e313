"""Which files a network is loaded from: decided here, hashed here, and the only ones that loading is shown."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from safetensors import SafetensorError, safe_open

from brainlake.errors import BrainlakeError

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"

WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".h5", ".msgpack", ".gguf", ".ckpt", ".index.json")
"""How names of files end that hold weights, or say where they are."""

ADAPTER = "adapter_"
"""How names of files begin that ``transformers`` would load over the weights without being asked."""


def weight_files(folder: Path, source: str, gguf: str | None = None) -> tuple[Path, ...]:
    """The files that hold the weights, in name order: one file where there is one, else the shards of the index.

    Parameters
    ----------
    source
        What a message calls the model.
    gguf
        Name of a file of reduced weights that takes their place.

    Raises
    ------
    BrainlakeError
        If one is missing, no safetensors file, or outside the folder.
    """
    if gguf is not None or (folder / SINGLE).is_file():
        names = [gguf or SINGLE]
    elif (folder / INDEX).is_file():
        names = _shards(folder / INDEX, source)
    elif any(folder.glob("*.bin")):
        raise BrainlakeError(
            f"{source} has its weights in pickles (.bin), which can run any code when opened; "
            f"convert it to safetensors first, or take a revision that has them"
        )
    else:
        names = [SINGLE]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise BrainlakeError(f"{source} is not complete: {', '.join(missing)} is missing")
    return tuple(folder / name for name in names)


def _shards(index: Path, source: str) -> list[str]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrainlakeError(f"{source}: {index.name} is damaged: {error}") from None
    for name in names:
        if not isinstance(name, str) or Path(name).name != name or not name.endswith(".safetensors"):
            raise BrainlakeError(
                f"{source}: {index.name} names {name!r}, and weights are read from safetensors files beside it alone"
            )
    if not names:
        raise BrainlakeError(f"{source}: {index.name} names no file")
    return names


def tensor_files(files: Sequence[Path], source: str) -> dict[str, list[str] | Literal["all"]]:
    """Which tensors come from each weight file: their names, or ``all`` where there is one file.

    Raises
    ------
    BrainlakeError
        If a file cannot be read, or two hold a tensor of one name: which of them runs would be left to chance.
    """
    if len(files) < 2:
        return {path.name: "all" for path in files}
    found: dict[str, list[str] | Literal["all"]] = {}
    given: dict[str, str] = {}
    for path in files:
        try:
            with safe_open(path, framework="np") as file:
                names = sorted(file.keys())
        except (SafetensorError, OSError) as error:
            raise BrainlakeError(f"{source}: {path.name} is damaged: {error}") from None
        for name in names:
            if name in given:
                raise BrainlakeError(f"{source}: {given[name]} and {path.name} both hold {name}: remove one of them")
        given |= dict.fromkeys(names, path.name)
        found[path.name] = list(names)
    return found


def weights_digest(files: Sequence[Path]) -> str:
    """sha256 over the bytes of weight files, one behind the other."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 22):
                digest.update(block)
    return digest.hexdigest()


@contextmanager
def only(folder: Path, files: Sequence[Path]) -> Iterator[Path]:
    """A folder that shows the files of a model's folder, but of weights no others than these.

    Folders inside it are not shown: a configuration may name weights there.
    """
    chosen = {path.name for path in files}
    if chosen and chosen != {SINGLE}:
        chosen.add(INDEX)
    with tempfile.TemporaryDirectory(prefix="brainlake-") as shown:
        for path in folder.iterdir():
            name = path.name.lower()  # Some file systems make no difference.
            hidden = name.endswith(WEIGHTS) or name.startswith(ADAPTER) or path.is_dir()
            if path.name in chosen or not hidden:
                (Path(shown) / path.name).symlink_to(path.resolve())
        yield Path(shown)
