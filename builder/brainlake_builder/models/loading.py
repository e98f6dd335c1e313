"""Finds a model's files, refuses what is not safe or not supported, and loads it."""

import copy
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
import transformers
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
)

from brainlake.errors import BrainlakeError
from brainlake.layout import check_name, model_name
from brainlake.schema import MODELS

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
HUB_FILES = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja", "*.tiktoken"]


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

    @property
    def version(self) -> str:
        """Commit, or sha256 of the weights where there is no commit."""
        return str(self.commit or self.weights_sha256)

    def to_table(self) -> pa.Table:
        """The row as a table."""
        return pa.Table.from_pylist([asdict(self)], schema=MODELS)


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
    weights
        Weight files in name order.
    hub_id, revision, commit
        Where it came from; null for a local folder.
    untrained_seed
        Seed of random weights that take the place of those of the files; null for the files' own.
    trust_remote_code
        Whether Python code that came with the model may run.
    """

    model: str
    folder: Path
    config: Any
    weights: tuple[Path, ...]
    hub_id: str | None
    revision: str | None
    commit: str | None
    untrained_seed: int | None
    trust_remote_code: bool


@dataclass(frozen=True)
class LoadedModel:
    """A model in evaluation mode with its tokenizer.

    Attributes
    ----------
    identity
        Its row of the ``models`` table.
    network, tokenizer
        The ``transformers`` objects.
    tokenizer_sha256
        Digest of the tokenizer: vocabulary, merges, normalisation, special tokens and chat template.
    """

    identity: ModelIdentity
    network: Any
    tokenizer: Any
    tokenizer_sha256: str

    @property
    def device(self) -> torch.device:
        """Device of the embedding, where token ids go."""
        device: torch.device = self.network.get_input_embeddings().weight.device
        return device


def locate_model(
    source: str,
    *,
    name: str | None = None,
    revision: str | None = None,
    trust_remote_code: bool = False,
    untrained_seed: int | None = None,
) -> ModelFiles:
    """Find a model and decide whether it can be run, without reading its weights.

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

    Raises
    ------
    BrainlakeError
        If there is no such model, it has no safetensors, wants to run code of its own, or is no decoder-only
        language model.
    """
    folder, hub_id, commit = Path(source).expanduser(), None, None
    if folder.is_dir():
        if revision is not None:
            raise BrainlakeError(f"{source} is a local folder and has no revision; leave the revision out")
        title = name or folder.resolve().name
    else:
        hub_id, _, at = source.partition("@")
        revision = revision or at or None
        if name is not None:
            raise BrainlakeError(f"{source} is not a local folder: a Hub model keeps its own name; leave the name out")
        title = model_name(hub_id, revision)
        folder = _download(hub_id, revision)
        commit = folder.name
    if untrained_seed is not None:
        title += f"+untrained-s{untrained_seed}"
    config = _config(folder, source, trust_remote_code)
    weights = () if untrained_seed is not None else _weight_files(folder, source)
    return ModelFiles(
        check_name("model", title), folder, config, weights, hub_id, revision, commit, untrained_seed, trust_remote_code
    )


def _download(hub_id: str, revision: str | None) -> Path:
    try:
        path = snapshot_download(hub_id, revision=revision, allow_patterns=HUB_FILES, ignore_patterns=["*/*"])
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise BrainlakeError(
            f"there is no folder {hub_id!r} and no such model on the Hub ({type(error).__name__}); check the spelling"
        ) from None
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise BrainlakeError(
            f"there is no folder {hub_id!r}, and the Hub gave nothing for it: {_first_line(error)}"
        ) from None
    return Path(path)


def _config(folder: Path, source: str, trust_remote_code: bool) -> Any:
    for file in ("config.json", "tokenizer_config.json"):
        content = _read_json(folder / file, source) if (folder / file).exists() or file == "config.json" else {}
        if "auto_map" in content and not trust_remote_code:
            raise BrainlakeError(
                f"{source} asks to run Python code of its own ({file} has auto_map); "
                f"if you trust its authors, say --trust-remote-code"
            )
    try:
        config: Any = AutoConfig.from_pretrained(folder, trust_remote_code=trust_remote_code)
    except (ValueError, KeyError, OSError) as error:
        raise BrainlakeError(f"{source}: config.json cannot be used: {_first_line(error)}") from None
    kind = config.model_type
    if getattr(config, "is_encoder_decoder", False):
        raise BrainlakeError(f"{source} is an encoder-decoder ({kind}); only decoder-only models can be extracted yet")
    if kind in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not getattr(config, "is_decoder", False):
        raise BrainlakeError(f"{source} is an encoder ({kind}); only decoder-only models can be extracted yet")
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and not trust_remote_code:
        raise BrainlakeError(f"{source} is no language model that transformers knows: model_type is {kind!r}")
    return config


def _weight_files(folder: Path, source: str) -> tuple[Path, ...]:
    """The files that ``transformers`` would read."""
    index = folder / "model.safetensors.index.json"
    sharded = index.exists()
    names = sorted(set(_read_json(index, source)["weight_map"].values())) if sharded else ["model.safetensors"]
    missing = [name for name in names if not (folder / name).is_file()]
    if not missing:
        return tuple(folder / name for name in names)
    if not sharded and any(folder.glob("*.bin")):
        raise BrainlakeError(
            f"{source} has its weights in pickles (.bin), which can run any code when opened; "
            f"convert it to safetensors first, or take a revision that has them"
        )
    raise BrainlakeError(f"{source} is not complete: {', '.join(missing)} is missing")


def load_model(
    source: str | ModelFiles,
    *,
    name: str | None = None,
    revision: str | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    trust_remote_code: bool = False,
    untrained_seed: int | None = None,
) -> LoadedModel:
    """Load a decoder-only language model in evaluation mode.

    Parameters
    ----------
    source
        A local folder, a Hub id, or what :func:`locate_model` returned for one.
    name, revision, trust_remote_code, untrained_seed
        See :func:`locate_model`.
    device
        ``cpu``, ``cuda``, ``cuda:1``, or ``auto`` to spread the model over what there is.
    dtype
        ``float32``, ``bfloat16`` or ``float16``.

    Raises
    ------
    BrainlakeError
        As :func:`locate_model`; also if the weights do not fit the configuration, or the tokenizer is missing.
    """
    files = source
    if not isinstance(files, ModelFiles):
        files = locate_model(
            files, name=name, revision=revision, trust_remote_code=trust_remote_code, untrained_seed=untrained_seed
        )
    with _quiet():
        network = _network(files, device, DTYPES[dtype])
        tokenizer = _tokenizer(files)
    network.eval().requires_grad_(False)
    identity = ModelIdentity(
        model=files.model,
        hub_id=files.hub_id,
        revision=files.revision,
        commit=files.commit if files.untrained_seed is None else None,
        weights_sha256=_weights_sha256(files, network),
        family=files.config.model_type,
        architecture=type(network).__name__,
        n_params=sum(p.numel() for p in network.parameters()),
        n_layers=files.config.get_text_config().num_hidden_layers,
        width=files.config.get_text_config().hidden_size,
        tuning="untrained" if files.untrained_seed is not None else None,
    )
    return LoadedModel(identity, network, tokenizer, _tokenizer_sha256(tokenizer))


def _network(files: ModelFiles, device: str, dtype: torch.dtype) -> Any:
    if files.untrained_seed is not None:
        with torch.random.fork_rng():
            torch.manual_seed(files.untrained_seed)
            config = copy.deepcopy(files.config)  # from_config writes the dtype into it
            network: Any = AutoModelForCausalLM.from_config(config, trust_remote_code=files.trust_remote_code)
        return network.to(device=device, dtype=dtype)
    placed = {"device_map": "auto"} if device == "auto" else {}
    try:
        network, report = AutoModelForCausalLM.from_pretrained(
            files.folder,
            config=copy.deepcopy(files.config),
            dtype=dtype,
            use_safetensors=True,
            trust_remote_code=files.trust_remote_code,
            output_loading_info=True,
            **placed,
        )
    except Exception as error:  # safetensors, torch and transformers each raise their own
        raise BrainlakeError(f"{files.folder} cannot be loaded: {_first_line(error)}") from None
    wrong = sorted(report["missing_keys"]) + sorted(str(entry[0]) for entry in report["mismatched_keys"])
    if wrong:
        raise BrainlakeError(
            f"{files.folder}: the weights do not fit the configuration: {', '.join(wrong[:5])} missing or misshapen"
        )
    return network if placed else network.to(device)


def _tokenizer(files: ModelFiles) -> Any:
    try:
        return AutoTokenizer.from_pretrained(files.folder, trust_remote_code=files.trust_remote_code)
    except Exception as error:  # tokenizers raises bare Exception
        raise BrainlakeError(f"{files.folder} has no tokenizer that can be loaded: {_first_line(error)}") from None


def _weights_sha256(files: ModelFiles, network: Any) -> str:
    """Digest of the weight files' bytes, in name order; of the tensors where there is no file."""
    digest = hashlib.sha256()
    for path in files.weights:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1 << 22), b""):
                digest.update(block)
    if not files.weights:
        for name, tensor in sorted(network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _tokenizer_sha256(tokenizer: Any) -> str:
    template = json.dumps(getattr(tokenizer, "chat_template", None), sort_keys=True)
    special = json.dumps([tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.model_max_length])
    parts = (tokenizer.backend_tokenizer.to_str(), template, special)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read_json(path: Path, source: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BrainlakeError(f"{source} is no model: it has no {path.name}") from None
    except ValueError as error:
        raise BrainlakeError(f"{source}: {path.name} is damaged: {error}") from None
    return content


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' own bars and advice away from stderr while a model is loaded."""
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
