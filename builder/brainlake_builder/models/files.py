"""Finds a model's files and refuses what is not safe or cannot be run, before any weight is read."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError
from transformers import AutoConfig
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
)

from brainlake.bank.arguments import place
from brainlake.contract.layout import check_name, model_name
from brainlake.errors import BrainlakeError
from brainlake_builder.models.adapter import CONFIG, WEIGHTS, adapter_folder
from brainlake_builder.models.folder import check_configuration, check_type, configuration_sha256, is_local
from brainlake_builder.models.gguf import check_gguf, gguf_type
from brainlake_builder.models.stamps import Stamp, check_unchanged, check_unwritten, stamps
from brainlake_builder.models.weights import tensor_files, weight_files, weights_digest
from brainlake_builder.models.zoo import Lineage, lineage_of

Kind = Literal["decoder", "encoder", "encoder-decoder"]
Quantization = Literal["8bit", "4bit"]
"""What weights can be reduced to when they are loaded; a GGUF file says itself what its are."""

HUB_FILES = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja", "*.tiktoken"]


_UNKNOWN = Lineage()


@dataclass(frozen=True)
class ModelFiles:
    """A model on disk that may be loaded: checked, its weights not read yet.

    Attributes
    ----------
    model
        Name inside a bank.
    folder
        Where its files are.
    config
        Its ``transformers`` configuration.
    kind
        How it is built.
    weights
        Weight files in name order; none for an untrained model.
    hub_id, revision, commit
        Where it came from; null for a local folder.
    untrained_seed
        Seed of random weights that take the place of those of the files; null for the files' own.
    quantization
        Precision that the weights are reduced to when they are loaded; null to leave them.
    trust_remote_code
        Whether Python code that came with the model may run.
    gguf
        Name of the file in the folder that holds reduced weights, configuration and tokenizer; null for none.
    adapter
        Folder of a LoRA adapter that is merged into the weights; null for none.
    lineage
        What became of it in training, as far as it is known.
    """

    model: str
    folder: Path
    config: Any
    kind: Kind
    weights: tuple[Path, ...] = ()
    hub_id: str | None = None
    revision: str | None = None
    commit: str | None = None
    untrained_seed: int | None = None
    quantization: Quantization | None = None
    trust_remote_code: bool = False
    gguf: str | None = None
    adapter: Path | None = None
    lineage: Lineage = _UNKNOWN

    @cached_property
    def stamps(self) -> dict[Path, Stamp]:
        """Files that are hashed, each as it was before this process read the first of them."""
        own = () if self.adapter is None else (self.adapter / CONFIG, self.adapter / WEIGHTS)
        return stamps((*self.weights, *own))

    def check_unchanged(self) -> None:
        """Raise if a file is not the one any more that was hashed, or is about to be."""
        check_unchanged(self.stamps)

    def check_unwritten(self) -> None:
        """Raise if a file that was loaded has been written to since, and may have changed a network."""
        check_unwritten(self.stamps)

    @cached_property
    def weights_sha256(self) -> str:
        """Digest of the weight files' bytes, in name order, and of an adapter behind them.

        Raises
        ------
        BrainlakeError
            If one is written to or exchanged meanwhile.
        """
        digest = weights_digest(tuple(self.stamps))
        self.check_unchanged()
        return digest

    @cached_property
    def configuration_sha256(self) -> str | None:
        """Digest of the configuration, and of code that came with the model where it may run; none of a GGUF file's."""
        return None if self.gguf else configuration_sha256(self.folder, self.trust_remote_code)

    @cached_property
    def tensors(self) -> dict[str, list[str] | Literal["all"]]:
        """Which file gives which tensors, an adapter's last; nothing of an untrained model."""
        own: dict[str, list[str] | Literal["all"]] = {} if self.adapter is None else {WEIGHTS: "all"}
        return tensor_files(self.weights, str(self.folder)) | own


def locate_model(
    source: str,
    *,
    name: str | None = None,
    revision: str | None = None,
    trust_remote_code: bool = False,
    untrained_seed: int | None = None,
    quantization: Quantization | None = None,
    gguf: str | None = None,
    adapter: str | None = None,
    lineage: Lineage = _UNKNOWN,
) -> ModelFiles:
    """Find a model and decide whether it can be run.

    Parameters
    ----------
    source
        A local folder, or a Hub id, also as ``owner/name@revision``.
    name
        Name in the bank of a local folder; by default the folder's.
    revision
        Branch, tag or commit of a Hub id.
    trust_remote_code
        Run Python code that comes with the model.
    untrained_seed
        Seed of random weights to use instead of the trained ones.
    quantization
        ``8bit`` or ``4bit``, by bitsandbytes, on a GPU.
    gguf
        Name of a GGUF file in the folder, or the repository, to take weights, configuration and tokenizer from.
    adapter
        Folder of a LoRA adapter: the model is the one that it was tuned from, with it merged in.
    lineage
        What became of the model in training; what it does not say is looked up in the zoo, and in the revision.

    Raises
    ------
    BrainlakeError
        If there is no such model, it has no safetensors, wants to run code of its own, or is no language model.
    """
    folder, hub_id, commit = place("model", source), None, None
    if is_local(folder, source):
        if revision is not None:
            raise BrainlakeError(f"{source} is a local folder and has no revision; leave the revision out")
        title = name or folder.resolve().name
    else:
        hub_id, _, at = source.partition("@")
        revision = revision or at or None
        if name is not None:
            raise BrainlakeError(f"{source} is not a local folder: a Hub model keeps its own name; leave the name out")
        title = model_name(hub_id, revision)
        folder = _download(hub_id, revision, gguf)
        commit = folder.name
        known = lineage_of(hub_id, revision)
        if known.base_model and quantization:  # what is compared was reduced alike
            known = replace(known, base_model=f"{known.base_model}+{quantization}")
        lineage = lineage.otherwise(known)
    if untrained_seed is not None:
        title += f"+untrained-s{untrained_seed}"
        lineage = Lineage("untrained")
    if quantization is not None:
        title += f"+{quantization}"
    if gguf is not None:
        check_gguf(folder, source, gguf, quantization)
        title += f"+{gguf_type(folder / gguf)}" if untrained_seed is None else ""
    tuned = None if adapter is None else adapter_folder(adapter, untrained_seed is not None, quantization or gguf)
    if tuned is not None:
        lineage = lineage.otherwise(Lineage("adapter", title))
        title += f"+{tuned.resolve().name}"
    if gguf is None:
        check_configuration(folder, source, trust_remote_code)
    config = _config(folder, source, trust_remote_code, gguf)
    return ModelFiles(
        model=check_name("model", title),
        folder=folder,
        config=config,
        kind=_kind(config, source, trust_remote_code),
        weights=weight_files(folder, source, gguf) if untrained_seed is None else (),
        hub_id=hub_id,
        revision=revision,
        commit=commit if untrained_seed is None and adapter is None else None,
        untrained_seed=untrained_seed,
        quantization=quantization,
        trust_remote_code=trust_remote_code,
        gguf=gguf,
        adapter=tuned,
        lineage=lineage,
    )


def _download(hub_id: str, revision: str | None, gguf: str | None) -> Path:
    try:
        wanted = HUB_FILES if gguf is None else [gguf]
        path = snapshot_download(hub_id, revision=revision, allow_patterns=wanted, ignore_patterns=["*/*"])
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise BrainlakeError(
            f"there is no folder {hub_id!r} and no such model on the Hub ({type(error).__name__}); check the spelling"
        ) from None
    except UnicodeEncodeError:
        raise BrainlakeError(
            f"{hub_id}: the token of the Hub holds a character that no token has; look at HF_TOKEN"
        ) from None
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise BrainlakeError(
            f"there is no folder {hub_id!r}, and the Hub gave nothing for it: {first_line(error)}"
        ) from None
    return Path(path)


def _config(folder: Path, source: str, trust_remote_code: bool, gguf: str | None) -> Any:
    try:
        config: Any = AutoConfig.from_pretrained(
            folder, trust_remote_code=trust_remote_code, **({"gguf_file": gguf} if gguf else {})
        )
    except Exception as error:  # a configuration class may raise anything over a value that it does not like
        raise BrainlakeError(f"{source}: {gguf or 'config.json'} cannot be used: {first_line(error)}") from None
    return config


def _kind(config: Any, source: str, trust_remote_code: bool) -> Kind:
    kind, name = config.model_type, MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
    check_type(kind, source)
    if getattr(config, "is_encoder_decoder", False) and kind in name:
        return "encoder-decoder"
    if kind in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not getattr(config, "is_decoder", False):
        return "encoder"
    if kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES or kind in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES:
        return "decoder"
    if trust_remote_code:
        return "decoder"
    raise BrainlakeError(f"{source} is no language model that transformers knows: model_type is {kind!r}")


def first_line(error: BaseException) -> str:
    """What an error of another library says, without its advice."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
