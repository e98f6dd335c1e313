"""Files of reduced weights in the GGUF format, which ``transformers`` takes apart with the package ``gguf``."""

import importlib
import importlib.util
from pathlib import Path

from brainlake.errors import BrainlakeError

MAGIC = b"GGUF"


def check_gguf(folder: Path, source: str, name: str, quantization: str | None) -> None:
    """Raise unless a file of that name is in the folder, is one, and can be read here.

    Raises
    ------
    BrainlakeError
        If it is not there, of another format, to be reduced once more, or the package ``gguf`` is not installed.
    """
    if quantization is not None:
        raise BrainlakeError(f"{name} holds reduced weights: leave out the quantization to {quantization}")
    if Path(name).name != name or not (folder / name).is_file():
        raise BrainlakeError(f"{source} has no file {name}: say the name of a GGUF file in the model's folder")
    with (folder / name).open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BrainlakeError(f"{name} is no GGUF file")
    if importlib.util.find_spec("gguf") is None:
        raise BrainlakeError(f"to read {name}, install the package gguf: pip install gguf accelerate")


def gguf_type(path: Path) -> str:
    """How the weights of a GGUF file are reduced, such as ``q4_1``, by its own word."""
    gguf = importlib.import_module("gguf")
    field = gguf.GGUFReader(path).get_field("general.file_type")
    if field is None:
        raise BrainlakeError(f"{path.name} does not say how its weights are reduced (general.file_type)")
    name: str = gguf.LlamaFileType(int(field.contents())).name
    return name.removeprefix("MOSTLY_").removeprefix("ALL_").lower()
