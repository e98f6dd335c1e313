"""What is written, what is left alone, what is refused, and what a killed run leaves behind."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from brainlake import open_bank
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import sidecar_path
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.report.progress import Progress
from brainlake_builder.extraction import model as model_tasks
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest, Shard
from brainlake_builder.extraction.staging import Staging
from brainlake_builder.extraction.tasks import Key, list_tasks
from brainlake_builder.text.batching import BUDGETS, Budget

WORDS = "The boy cried wolf, and nobody came; the sheep ran away over the hill. Don't you think so?"
DOCUMENTS = [WORDS.split(), ["He", "walked", "and", "walked", "until", "the", "sun", "was", "down."]]


@pytest.fixture
def bank(make_bank, make_stimuli):
    return make_bank(words=make_stimuli("words", DOCUMENTS), other=make_stimuli("other", [["a", "wolf", "came"]]))


def digests(bank: Path) -> dict[str, str]:
    """Every file of features by its bytes; of sidecars all but the time."""
    found = {}
    for path in sorted([*bank.rglob("*.parquet"), *(bank / "sidecars").rglob("*.json")]):
        content = path.read_bytes()
        if path.suffix == ".json":
            content = json.dumps(json.loads(content) | {"created_at": ""}).encode()
        if path.name != "manifest.parquet":
            found[path.relative_to(bank).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def test_what_is_written(bank, model_folder):
    activations, surprisal = extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))
    assert [entry["module"] for entry in activations.layers] == [
        "input of transformer.h.0",
        "transformer.h.0",
        "transformer.h.1",
        "transformer.h.2",
    ]
    assert activations.dtype == "float32"
    assert activations.significand_bits == 23
    assert activations.device == "cpu"
    assert {check["name"] for check in activations.checks} == {
        "tokens",
        "targets",
        "fed",
        "forward",
        "repeat",
        "batch_of_one",
        "padding",
        "prefix",
        "hidden_states",
        "batch_of_one_log_p",
        "logits",
        "finite",
        "precision",
    }
    assert all(check["passed"] for check in activations.checks)
    details = json.loads(surprisal.details)
    assert details["token_type_ids"] == "none fed"
    assert details["opening_ids"] == [0]
    assert details["head"] == "linear"
    assert details["tensors"] == {"model.safetensors": "all"}
    assert details["space_marker"] == "Ġ"
    found = open_bank(bank)
    assert found.verify() == []
    row = found.table("models").row(0, named=True)
    assert row["model"] == "gpt2"
    assert row["n_layers"] == 3
    assert row["width"] == 32
    assert row["family"] == "gpt2"
    weights = hashlib.sha256((model_folder("gpt2") / "model.safetensors").read_bytes()).hexdigest()
    assert row["weights_sha256"] == activations.model_revision == weights
    assert not list((bank / ".staging").glob("*/*"))


def test_sums_over_a_document_are_its_probability(bank, model_folder):
    import transformers

    extract(ExtractionRequest(bank, [str(model_folder("llama"))], ["words"]))
    table = open_bank(bank).table("surprisal")
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_folder("llama"))
    model = transformers.AutoModelForCausalLM.from_pretrained(model_folder("llama"), dtype=torch.float64).eval()
    ids = tokenizer(" ".join(DOCUMENTS[0]), return_tensors="pt")["input_ids"]
    with torch.no_grad():
        log_p = model(ids).logits[0].log_softmax(-1)
    bits = -log_p[:-1].gather(1, ids[0, 1:, None]).sum().item() / np.log(2)
    first = table[: len(DOCUMENTS[0])]
    assert first["surprisal_tokens"].sum() == pytest.approx(bits, rel=1e-5)
    begins = [k for k, t in enumerate(tokenizer.convert_ids_to_tokens(range(len(tokenizer)))) if t.startswith("▁")]
    begins += [tokenizer.convert_tokens_to_ids("<0x20>"), tokenizer.eos_token_id]
    ends = log_p[:, begins].logsumexp(1) / np.log(2)
    assert first["surprisal"].sum() == pytest.approx(bits + (ends[0] - ends[-1]).item(), rel=1e-5)
    assert first["n_tokens"].sum() == ids.shape[1] - 1


def test_what_is_there_is_not_computed_again(bank, model_folder, monkeypatch, capsys):
    first = extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))
    before = digests(bank)
    monkeypatch.setattr(model_tasks, "load_network", None)
    again = extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]), Progress())
    assert [s.sha256 for s in again] == [s.sha256 for s in first]
    assert digests(bank) == before
    assert "gpt2 on words by document: already there" in capsys.readouterr().err


def test_activations_alone(bank, model_folder):
    (alone,) = extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"], surprisal=False))
    assert not (bank / "surprisal").exists()
    both = extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))
    assert [s.kind for s in both] == ["activations", "surprisal"]
    assert both[0].sha256 == alone.sha256


def test_other_stimuli_under_the_same_name_are_refused(bank, model_folder, make_stimuli):
    from brainlake_builder.tables.writer import write_table

    extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["other"]))
    before = digests(bank)
    write_table(bank, "stimuli", "other", make_stimuli("other", [["a", "sheep", "came"]]))
    with pytest.raises(BrainlakeError, match="is there, made from another stimuli; replace it with --overwrite"):
        extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["other"]))
    extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["other"], overwrite=True))
    path = next(p for p in before if p.startswith("activations") and p.endswith(".parquet"))
    assert digests(bank)[path] != before[path]


def test_other_weights_under_the_same_name_are_refused(bank, model_folder, tmp_path):
    from safetensors.torch import load_file, save_file

    extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["other"]))
    other = shutil.copytree(model_folder("gpt2"), tmp_path / "elsewhere" / "gpt2")
    weights = load_file(other / "model.safetensors")
    save_file({k: v * 1.1 for k, v in weights.items()}, other / "model.safetensors", {"format": "pt"})
    with pytest.raises(BrainlakeError, match="has a model gpt2 from elsewhere"):
        extract(ExtractionRequest(bank, [str(other)], ["words"]))
    assert not list(bank.glob("activations/gpt2/words/*"))
    extract(ExtractionRequest(bank, [str(other)], ["words"], name="gpt2-other"))


def test_untrained_models_are_models_of_their_own(bank, model_folder):
    first, _ = extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["other"], untrained_seed=3))
    again, _ = extract(
        ExtractionRequest(bank, [str(model_folder("gpt2"))], ["other"], untrained_seed=3, overwrite=True)
    )
    twins = extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["other"], untrained_seed=[3, 4]))
    assert [sidecar.model for sidecar in twins[::2]] == ["gpt2+untrained-s3", "gpt2+untrained-s4"]
    other = twins[2]
    assert first.model == "gpt2+untrained-s3"
    assert first.sha256 == again.sha256 != other.sha256
    row = open_bank(bank).sql("select tuning, weights_sha256 from models where model = 'gpt2+untrained-s3'")
    assert row["tuning"].item() == "untrained"
    assert row["weights_sha256"].item() == first.model_revision != other.model_revision


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_keeps_its_own_bits(dtype, bank, model_folder):
    (activations, _) = extract(
        ExtractionRequest(bank, [str(model_folder("llama"))], ["other"], [f"document+dtype={dtype}"])
    )
    assert activations.significand_bits == {"bfloat16": 7, "float16": 10}[dtype]
    values = open_bank(bank).activations("llama", "other", 2, f"document+dtype={dtype}").values
    tensor = torch.from_numpy(values.copy())
    assert torch.equal(tensor, tensor.to(getattr(torch, dtype)).float())


def test_what_rounding_costs_is_recorded(bank, model_folder):
    """Nothing for the last token, whose bits are those of the pass; a mean has more bits than are kept."""
    found = {}
    for pool in ("last", "mean"):
        (activations, _) = extract(
            ExtractionRequest(bank, [str(model_folder("llama"))], ["words"], [f"document+dtype=bfloat16+pool={pool}"])
        )
        (found[pool],) = (check for check in activations.checks if check["name"] == "precision")
    assert found["last"]["value"] == 0
    assert 0 < found["mean"]["value"] <= found["mean"]["tolerance"] == 2.0**-13


def test_shards_share_the_tasks(bank, model_folder):
    models = [str(model_folder("gpt2")), str(model_folder("llama"))]
    parts = [extract(ExtractionRequest(bank, models, ["words", "other"], shard=Shard(k, 3))) for k in (1, 2, 3)]
    names = [(s.model, s.stimulus_set) for part in parts for s in part if s.kind == "activations"]
    assert sorted(names) == [(m, s) for m in ("gpt2", "llama") for s in ("other", "words")]
    assert [len(part) for part in parts] == [4, 2, 2]
    assert open_bank(bank).verify() == []


def test_a_tokenizer_of_another_model(bank, model_folder, tmp_path):
    folder = shutil.copytree(model_folder("gpt2"), tmp_path / "mixed")
    for path in model_folder("llama").glob("*token*"):
        shutil.copy(path, folder)
    with pytest.raises(BrainlakeError, match="its embedding has 400 rows: they do not belong together"):
        extract(ExtractionRequest(bank, [str(folder)], ["words"]))


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_killed_run_goes_on(after, bank, model_folder, monkeypatch, tmp_path):
    monkeypatch.setitem(BUDGETS, "cpu", Budget(30, 30))
    whole = shutil.copytree(bank, tmp_path / "whole")
    extract(ExtractionRequest(whole, [str(model_folder("gpt2"))], ["words"], ["document+max_tokens=20"]))
    write = Staging.write
    written = []

    def dying(self, k, result):
        if len(written) == after:
            raise Killed
        write(self, k, result)
        written.append(k)

    monkeypatch.setattr(Staging, "write", dying)
    with pytest.raises(Killed):
        extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"], ["document+max_tokens=20"]))
    assert [s.kind for s in read_sidecars(bank) if s.kind == "activations"] == []
    done = []
    monkeypatch.setattr(Staging, "write", lambda self, k, result: (done.append(k), write(self, k, result)))
    extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"], ["document+max_tokens=20"]))
    assert done
    assert not set(done) & set(written)
    assert digests(bank) == digests(whole)
    assert open_bank(bank).verify() == []


def test_a_damaged_batch_is_run_again(bank, model_folder, monkeypatch, tmp_path):
    whole = shutil.copytree(bank, tmp_path / "whole")
    extract(ExtractionRequest(whole, [str(model_folder("gpt2"))], ["words"]))
    write = Staging.write

    def cut_off(self, k, result):
        write(self, k, result)
        path = self._path(k)
        path.write_bytes(path.read_bytes()[:-100])
        raise Killed

    monkeypatch.setattr(Staging, "write", cut_off)
    with pytest.raises(Killed):
        extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))
    monkeypatch.setattr(Staging, "write", write)
    extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))
    assert digests(bank) == digests(whole)


def test_a_failed_self_check_writes_nothing(bank, model_folder, monkeypatch):
    from brainlake_builder.models.decoder import DecoderOnly

    forward = DecoderOnly.forward
    monkeypatch.setattr(DecoderOnly, "forward", lambda self, batch: forward(self, batch) * (1 + len(batch.lengths)))
    with pytest.raises(BrainlakeError, match=r"gpt2: self-check \w+ gave .* nothing is written"):
        extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))
    assert not list(bank.glob("activations/**/*.parquet"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stimuli": ["poems"]}, "unknown stimulus set or benchmark 'poems'; there is: other, words"),
        ({"recipes": ["documents"]}, "unknown recipe 'documents'"),
        ({"recipes": ["document+prompt=haiku"]}, "unknown prompt 'haiku'"),
        ({"recipes": ["aw2024+pool=mean"]}, "context=accumulate goes with pool=last"),
        ({"recipes": ["document+readout=mlp.nothing"]}, "readout 'mlp.nothing': no such module"),
        ({"recipes": ["document+max_tokens=1000"]}, r"max_tokens=1000 is more than gpt2 takes \(64\)"),
        ({"device": "tpu"}, "device is cpu, cuda, cuda:N or auto, not 'tpu'"),
        ({"device": "cuda"}, "sees no GPU"),
        ({"quantization": "8bit"}, "8bit weights need a GPU"),
        ({"name": "a/b"}, "'a/b' cannot name a model"),
        ({"revision": "main"}, "is a local folder and has no revision"),
    ],
)
@pytest.mark.skipif(torch.cuda.is_available(), reason="what a machine without a GPU refuses")
def test_bad_arguments(arguments, message, bank, model_folder):
    arguments = {"stimuli": ["words"], "models": [str(model_folder("gpt2"))]} | arguments
    with pytest.raises((BrainlakeError, UnknownNameError), match=message):
        extract(ExtractionRequest(bank, **arguments))
    assert not (bank / "activations").exists()


def test_no_bank(tmp_path, model_folder):
    with pytest.raises(BrainlakeError, match="there is no bank at"):
        extract(ExtractionRequest(tmp_path / "nowhere", [str(model_folder("gpt2"))], ["words"]))


def test_a_configuration_that_changes_the_numbers(bank, model_folder, tmp_path):
    """The weights are the same, and what the network makes of a text is not."""
    folder = shutil.copytree(model_folder("llama"), tmp_path / "llama")
    request = ExtractionRequest(bank, [str(folder)], ["words"])
    before = extract(request)
    config = json.loads((folder / "config.json").read_text())
    for change in ({"transformers_version": "0.1", "_name_or_path": "elsewhere"}, {}):
        (folder / "config.json").write_text(json.dumps(config | change, indent=1))
        assert extract(request) == before
    (folder / "config.json").write_text(json.dumps(config | {"rms_norm_eps": 0.5}))
    with pytest.raises(BrainlakeError, match=r"is there, made from another configuration; replace it with --overwrite"):
        extract(request)
    after = extract(replace(request, overwrite=True))
    assert [new.sha256 != old.sha256 for new, old in zip(after, before, strict=True)] == [True, True]


def test_a_file_that_does_not_say_its_configuration_is_there(bank, model_folder):
    """As those of earlier versions."""
    (task,) = list_tasks(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))
    activations, _ = extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))
    path = bank / sidecar_path(activations.path)
    content = json.loads(path.read_text())
    details = json.loads(content["details"])
    key = Key(**details["key"])
    assert key.configuration
    del details["key"]["configuration"]
    path.write_text(replace(activations, details=json.dumps(details)).sealed().to_json())
    assert task.find(bank, "activations", key)[1] == []
    assert task.find(bank, "activations", replace(key, model="other"))[1] == ["model"]
