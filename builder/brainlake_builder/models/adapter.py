"""LoRA adapters: small changes of another model's weights, merged into them with the package ``peft``."""

import importlib
import importlib.util
import json
import warnings
from pathlib import Path
from typing import Any

from brainlake.bank.arguments import place
from brainlake.errors import BrainlakeError

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"


def adapter_folder(adapter: str, untrained: bool, quantization: str | None) -> Path:
    """The folder of an adapter that can be merged into a model.

    Raises
    ------
    BrainlakeError
        As :func:`check_adapter`; also if the weights are random.
    """
    folder = place("adapter", adapter)
    if untrained:
        raise BrainlakeError(f"{adapter} changes trained weights: leave out the untrained twin, or the adapter")
    check_adapter(folder, quantization)
    return folder


def check_adapter(folder: Path, quantization: str | None) -> None:
    """Raise unless a folder holds a LoRA adapter that can be merged here.

    Raises
    ------
    BrainlakeError
        If it is no adapter, of another kind, a pickle, asked of reduced weights, or the package ``peft`` is missing.
    """
    if quantization is not None:
        raise BrainlakeError(f"an adapter is merged into whole weights: leave out {quantization}, or {folder}")
    if not (folder / CONFIG).is_file():
        raise BrainlakeError(f"{folder} is no adapter: {CONFIG} is missing; give the folder that peft wrote")
    try:
        kind = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["peft_type"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BrainlakeError(f"{folder / CONFIG} is damaged: {error}") from None
    if kind != "LORA":
        raise BrainlakeError(f"{folder} is an adapter of kind {kind}, and only LORA can be merged into the weights")
    if not (folder / WEIGHTS).is_file():
        raise BrainlakeError(
            f"{folder} has no {WEIGHTS}: adapters are read from safetensors alone, since pickles run code"
        )
    if importlib.util.find_spec("peft") is None:
        raise BrainlakeError(f"to merge {folder}, install the package peft: pip install peft")


def merged(network: Any, folder: Path) -> Any:
    """A network with an adapter merged into its weights.

    Raises
    ------
    BrainlakeError
        If the adapter was made for another network.
    """
    peft, safetensors = importlib.import_module("peft"), importlib.import_module("safetensors.torch")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the base's folder is called otherwise than when the adapter was made
            adapted = peft.get_peft_model(network, peft.PeftConfig.from_pretrained(folder))
            found = peft.set_peft_model_state_dict(adapted, safetensors.load_file(folder / WEIGHTS))
    except Exception as error:  # peft, torch and safetensors each raise their own
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise BrainlakeError(f"{folder} does not fit the network: {reason}") from None
    wrong = sorted(found.unexpected_keys) + sorted(key for key in found.missing_keys if "lora_" in key)
    if wrong:
        raise BrainlakeError(f"{folder} does not fit the network: {', '.join(wrong[:3])} missing or not known")
    return adapted.merge_and_unload()
