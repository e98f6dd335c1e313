"""The command ``extract``."""

import shutil
import unicodedata

import pyarrow.parquet as pq
import pytest
import torch
import transformers

from brainlake.bank.catalogue import open_bank
from brainlake_builder.demo.build import MODEL
from brainlake_builder.demo.tables import model_folder
from brainlake_builder.humans.ingest import ingest_frames


def test_extract_again_computes_nothing(demo_bank, run, tasks):
    before = {p: p.stat().st_mtime_ns for p in demo_bank.rglob("*.parquet") if p.parent != demo_bank}
    status, out, _ = run("extract", *tasks(demo_bank))
    assert status == 0
    assert "demo.sentences" in out
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_extract_says_what_it_wrote(demo_bank, tmp_path, run, tasks):
    bank = tmp_path / "bank"
    shutil.copytree(demo_bank, bank)
    arguments = ("extract", *tasks(bank, "--recipe", "document+pool=mean"), "--untrained", "3")
    status, out, _ = run(*arguments)
    assert status == 0
    written = dict(line.rsplit(": ", 1) for line in out.splitlines())
    assert [path.split("/")[0] for path in written] == ["activations", "surprisal"]
    for path, rows in written.items():
        assert path.split("/")[1] == f"{MODEL}+untrained-s3"
        assert rows == f"{pq.read_metadata(bank / path).num_rows} rows"
    status, out, err = run(*arguments)
    assert [line.rsplit(": ", 1)[0] for line in out.splitlines()] == list(written)
    assert "already there" in err


def test_what_became_of_a_model_is_said_at_once_or_later(demo_bank, tmp_path, run, tasks):
    bank = tmp_path / "bank"
    shutil.copytree(demo_bank, bank)
    said = ("--tuning", "control", "--base-model", "owner/base", "--training-step", "2400")

    def known(model):
        columns = ("tuning", "base_model", "training_step")
        return open_bank(bank).table("models").filter(model=model).select(columns).rows()

    features = sorted(bank.glob("activations/**/*.parquet"))
    assert run("extract", *tasks(bank, *said))[0] == 0
    assert known(MODEL) == [("control", "owner--base", 2400)]
    assert sorted(bank.glob("activations/**/*.parquet")) == features
    where = ("--stimuli", "demo.sentences", "--bank", bank, "--name", "other")
    assert run("extract", "--model", model_folder(), *where, *said)[0] == 0
    assert known("other") == known(MODEL)
    assert open_bank(bank).verify() == []


@pytest.mark.parametrize(
    ("said", "status", "message"),
    [
        (("--tuning", "tuned"), 2, "invalid choice: 'tuned'"),
        (("--training-step", "-1"), 2, "a whole number of at least 0"),
        (("--base-model", "a b"), 1, "'a b' cannot name a model"),
        (("--untrained", "0", "--tuning", "vanilla"), 1, "untrained weights were tuned from nothing"),
    ],
)
def test_what_cannot_be_said_of_a_model(demo_bank, run, tasks, said, status, message):
    found, out, err = run("extract", *tasks(demo_bank, *said))
    assert (found, out) == (status, "")
    assert message in err


def test_a_task_and_a_model_that_fail_keep_no_other_from_it(demo_bank, tmp_path, run):
    bank = shutil.copytree(demo_bank, tmp_path / "bank")
    (tmp_path / "none").mkdir()
    models = ("--model", tmp_path / "none", model_folder(), "--untrained", "5")
    recipes = ("--recipe", "document+readout=nowhere", "document+pool=mean")
    asked = ("extract", *models, *recipes, "--stimuli", "demo.sentences", "--bank", bank)
    assert run(*asked, "--fail-fast")[:2] == (1, "")
    status, out, err = run(*asked)
    assert status == 1
    assert [line.partition("/")[0] for line in out.splitlines()] == ["activations", "surprisal"]
    first, *lines = err.splitlines()[-3:]
    assert first == "brainlake-build: 2 failed:"
    assert lines[0].startswith(f"  {tmp_path / 'none'}, untrained, seed 5: ")
    assert " on demo.sentences by document+readout=nowhere: " in lines[1]
    assert open_bank(bank).verify() == []


@pytest.mark.mirror
def test_decomposed_accents_are_read_as_composed_ones_by_a_tokenizer_that_composes(mirror, tmp_path, run):
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(mirror / "tokenizers/gpt_neox_pythia/20B_tokenizer.json"), eos_token="<|endoftext|>"
    )
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = transformers.GPTNeoXConfig(vocab_size=len(tokenizer), max_position_embeddings=64, **sizes)
    model = transformers.GPTNeoXForCausalLM(config)
    for part in (model, tokenizer):
        part.save_pretrained(tmp_path / "pythia")
    facts = {"modality": "reading", "citation": "me", "licence": "CC0", "redistributable": True}
    for form in ("NFC", "NFD"):
        words = [unicodedata.normalize(form, word) for word in ("na\u00efve", "caf\u00e9", "r\u00e9sum\u00e9")]
        stimuli = {"stimulus_id": ["w0", "w1", "w2"], "document_id": ["d1"] * 3, "text": words}
        ingest_frames({"benchmarks": facts | {"benchmark": form}, "stimuli": stimuli}, tmp_path / "bank")
    where = ("--stimuli", "NFC", "NFD", "--recipe", "document", "aw2024", "--bank", tmp_path / "bank")
    status, _, err = run("extract", "--model", tmp_path / "pythia", *where)
    assert status == 0, err
    bank = open_bank(tmp_path / "bank")
    assert bank.stimuli("NFD")["text"][1] == "cafe\u0301"
    for table, order in (("activations", ["recipe", "layer", "stimulus_id"]), ("surprisal", ["recipe", "stimulus_id"])):
        composed, decomposed = (
            bank.sql(f"select * exclude stimulus_set from {table} where stimulus_set = '{form}'").sort(order)
            for form in ("NFC", "NFD")
        )
        assert composed["recipe"].n_unique() == 2
        assert composed["stimulus_id"].n_unique() == 3
        assert composed.equals(decomposed)
