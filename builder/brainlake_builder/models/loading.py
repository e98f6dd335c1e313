"""Loads a model and its tokenizer."""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
import transformers
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from brainlake.errors import BrainlakeError
from brainlake_builder.models.adapter import merged
from brainlake_builder.models.blocks import find_stacks
from brainlake_builder.models.files import Kind, ModelFiles, Quantization, first_line, locate_model
from brainlake_builder.models.foreign import within_memory
from brainlake_builder.models.gguf import gguf_type
from brainlake_builder.models.weights import only
from brainlake_builder.text.tokenizer import tokenizer_errors

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

TOKENIZER_FILES = ("tokenizer.json", "*.model", "vocab*", "*.tiktoken")

NEVER_READ = ("pooler.", "position_ids", "masked_bias", ".attn.bias")
"""Weights that a checkpoint may lack: no readout sees them."""


@dataclass(frozen=True)
class ModelIdentity:
    """One row of the ``models`` table; the fields are its columns."""

    model: str
    hub_id: str | None
    revision: str | None
    commit: str | None
    weights_sha256: str | None
    family: str
    architecture: str
    n_params: int
    n_layers: int
    width: int
    tuning: str | None = None
    base_model: str | None = None
    training_step: int | None = None
    quantization: str | None = None
    quantization_file: str | None = None
    untrained_seed: int | None = None

    def to_row(self) -> dict[str, Any]:
        """The row."""
        return asdict(self)


@dataclass(frozen=True)
class LoadedModel:
    """A model in evaluation mode with its tokenizer.

    Attributes
    ----------
    identity
        Its row of the ``models`` table.
    kind
        How it is built.
    network, tokenizer
        The ``transformers`` objects.
    quantization
        Precision that the weights were reduced to when they were loaded; null if they were not.
    tensors
        Which file gave which tensors, by the name of the file; ``all`` of them, or their names.
    """

    identity: ModelIdentity
    kind: Kind
    network: Any
    tokenizer: Any
    quantization: Quantization | None = None
    tensors: Mapping[str, list[str] | str] = field(default_factory=dict)

    @property
    def device(self) -> torch.device:
        """Device of the embedding, where token ids go."""
        device: torch.device = self.network.get_input_embeddings().weight.device
        return device

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the pass."""
        dtype: torch.dtype = self.network.dtype
        return dtype


def load_model(
    source: str | ModelFiles,
    *,
    name: str | None = None,
    revision: str | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    trust_remote_code: bool = False,
    untrained_seed: int | None = None,
    quantization: Quantization | None = None,
    gguf: str | None = None,
    adapter: str | None = None,
) -> LoadedModel:
    """Load a language model in evaluation mode.

    Parameters
    ----------
    source
        A local folder, a Hub id, or what :func:`~brainlake_builder.models.files.locate_model` returned for one.
    name, revision, trust_remote_code, untrained_seed, quantization, gguf, adapter
        See :func:`~brainlake_builder.models.files.locate_model`.
    device
        ``cpu``, ``cuda``, ``cuda:1``, or ``auto`` to spread the model over what there is.
    dtype
        ``float32``, ``bfloat16`` or ``float16``.

    Raises
    ------
    BrainlakeError
        As ``locate_model``; also if the weights do not fit the configuration, or the tokenizer is missing.
    """
    files = source
    if not isinstance(files, ModelFiles):
        files = locate_model(
            files,
            name=name,
            revision=revision,
            trust_remote_code=trust_remote_code,
            untrained_seed=untrained_seed,
            quantization=quantization,
            gguf=gguf,
            adapter=adapter,
        )
    network, sha256 = load_hashed(files, device, dtype)
    tokenizer = load_tokenizer(files)
    row = identify(files, network, sha256)
    return LoadedModel(row, files.kind, network, tokenizer, files.quantization, files.tensors)


def weights_sha256(files: ModelFiles) -> str:
    """Digest of the weight files; of the tensors, in float32, of an untrained model."""
    if files.untrained_seed is None:
        return files.weights_sha256
    digest = hashlib.sha256()
    for name, tensor in sorted(load_network(files, "cpu", "float32").state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def identify(files: ModelFiles, network: Any, sha256: str | None) -> ModelIdentity:
    """The row of a model whose network stands, with weights or without."""
    stacks = find_stacks(network, files.kind)
    return ModelIdentity(
        model=files.model,
        hub_id=files.hub_id,
        revision=files.revision,
        commit=files.commit,
        weights_sha256=sha256,
        family=files.config.model_type,
        architecture=type(network).__name__,
        n_params=sum(parameter.numel() for parameter in network.parameters()),
        n_layers=sum(len(blocks) for _, blocks in stacks),
        width=files.config.get_text_config().hidden_size,
        **vars(files.lineage),
        quantization=gguf_type(files.folder / files.gguf) if files.gguf and files.weights else files.quantization,
        quantization_file=files.gguf if files.weights else None,
        untrained_seed=files.untrained_seed,
    )


def load_hashed(files: ModelFiles, device: str, dtype: str) -> tuple[Any, str]:
    """The network, and the digest of its weights, which is taken while it is loaded: the disk is read once.

    Raises
    ------
    BrainlakeError
        As :func:`load_network`.
    """
    if files.untrained_seed is not None:  # both draw from torch's generator
        return load_network(files, device, dtype), weights_sha256(files)
    _ = files.stamps  # before either begins
    with ThreadPoolExecutor(1) as pool:
        hashed = pool.submit(weights_sha256, files)
        return load_network(files, device, dtype), hashed.result()


def load_network(files: ModelFiles, device: str, dtype: str) -> Any:
    """The network, in evaluation mode.

    Raises
    ------
    BrainlakeError
        If the weights do not fit the configuration, or the device, or a file of them is not the one any more that was
        hashed.
    """
    _ = files.stamps
    with within_memory(f"{files.model}, loading"):
        network = _network(files, device, dtype)
    files.check_unchanged()
    return network


def _network(files: ModelFiles, device: str, dtype: str) -> Any:
    if files.untrained_seed is not None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(files.untrained_seed)
            network = empty_network(files)
        network.to(device=device, dtype=DTYPES[dtype])
    else:
        network = _trained(files, device, DTYPES[dtype])
        if files.adapter is not None:
            network = merged(network, files.adapter)
    return _settled(network.eval().requires_grad_(False))


def _settled(network: Any) -> Any:
    """RWKV divides weights of its deeper blocks at the first pass: at once, so that no pass changes a weight."""
    for module in network.modules():
        if hasattr(module, "_rescale_layers"):
            module._rescale_layers()
    return network


def empty_network(files: ModelFiles) -> Any:
    """The architecture with weights as they are before training, drawn from torch's generator, in float32."""
    # from_config writes the dtype into the configuration that it is given.
    config = copy.deepcopy(files.config)
    return _loader(files).from_config(config, dtype=torch.float32, trust_remote_code=files.trust_remote_code)


def _loader(files: ModelFiles) -> Any:
    if files.kind == "encoder-decoder":
        return transformers.AutoModelForSeq2SeqLM
    if files.kind == "decoder":
        # The whole of a multimodal checkpoint is loaded, so that its weights are where its files name them.
        pictures = files.config.model_type in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
        return transformers.AutoModelForImageTextToText if pictures else transformers.AutoModelForCausalLM
    masked = any(name.endswith("ForMaskedLM") for name in files.config.architectures or ())
    return transformers.AutoModelForMaskedLM if masked else transformers.AutoModel


def _trained(files: ModelFiles, device: str, dtype: torch.dtype) -> Any:
    placed: dict[str, Any] = {"device_map": "auto"} if device == "auto" else {}
    if files.quantization is not None:
        reduced = {f"load_in_{files.quantization}": True}
        placed = {
            "device_map": "auto" if device == "auto" else {"": device},
            "quantization_config": transformers.BitsAndBytesConfig(**reduced, bnb_4bit_compute_dtype=dtype),
        }
    if files.gguf is not None:
        placed["gguf_file"] = files.gguf
    _ = files.tensors  # two files that both give a tensor are refused
    try:
        with _quiet(), only(files.folder, files.weights) as folder:
            network, report = _loader(files).from_pretrained(
                folder,
                config=copy.deepcopy(files.config),
                dtype=dtype,
                use_safetensors=files.gguf is None,
                trust_remote_code=files.trust_remote_code,
                output_loading_info=True,
                **placed,
            )
    except (MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # safetensors, torch and transformers each raise their own
        raise BrainlakeError(f"{files.folder} cannot be loaded: {first_line(error)}") from None
    wrong = sorted(report["missing_keys"]) + sorted(str(entry[0]) for entry in report["mismatched_keys"])
    wrong = [key for key in wrong if not any(part in key for part in NEVER_READ)]
    if wrong:
        raise BrainlakeError(
            f"{files.folder}: the weights do not fit the configuration: {', '.join(wrong[:5])} missing or misshapen"
        )
    return network if "device_map" in placed else network.to(device)


def load_tokenizer(files: ModelFiles) -> Any:
    """The tokenizer that came with a model.

    Raises
    ------
    BrainlakeError
        If there is none that can be loaded.
    """
    if files.gguf is None and not any(path for pattern in TOKENIZER_FILES for path in files.folder.glob(pattern)):
        # transformers would build one with an empty vocabulary.
        raise BrainlakeError(f"{files.folder} has no tokenizer: none of {', '.join(TOKENIZER_FILES)} is there")
    try:
        with _quiet():
            tokenizer = transformers.AutoTokenizer.from_pretrained(
                files.folder,
                trust_remote_code=files.trust_remote_code,
                **({"gguf_file": files.gguf} if files.gguf else {}),
            )
    except Exception as error:  # tokenizers raises bare Exception
        raise BrainlakeError(f"{files.folder} has no tokenizer that can be loaded: {first_line(error)}") from None
    with tokenizer_errors(str(files.folder)):
        one, other = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in ("the boy", "a house"))
    if one == other:
        raise BrainlakeError(
            f"{files.folder}: its tokenizer reads no words, 'the boy' and 'a house' are the same to it; "
            f"give it a tokenizer.json, or the files that transformers makes one of"
        )
    return tokenizer


def tokenizer_sha256(tokenizer: Any) -> str:
    """Digest of a tokenizer: vocabulary, merges, normalisation, special tokens, length and chat template."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    facts = [
        backend.to_str() if backend else None,
        tokenizer.bos_token_id,
        tokenizer.eos_token_id,
        tokenizer.model_max_length,
        getattr(tokenizer, "chat_template", None),
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' own bars and advice away from stderr."""
    logging = transformers.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
