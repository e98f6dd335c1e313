"""The command ``properties``."""

import json
import os
import shutil
import subprocess
import sys

from brainlake import open_bank
from brainlake_builder.demo.build import MODEL
from brainlake_builder.demo.tables import model_folder
from brainlake_builder.extraction import losses
from brainlake_builder.extraction.loss import next_word_loss
from brainlake_builder.models.loading import load_model


def test_a_table_and_results_of_the_harness_in_one_file(run, own_bank, tmp_path):
    known = open_bank(own_bank).models[0]
    (tmp_path / "results_1.json").write_text(
        json.dumps({"results": {"mmlu": {"acc,none": 0.5}}, "versions": {"mmlu": 2}, "n-shot": {"mmlu": 5}})
    )
    (tmp_path / "own.csv").write_text("model,property,value,source\nowner/other,mmlu,.25,lab\n")
    status, out, err = run(
        *("properties", tmp_path / "results_1.json", "--model-name", known, "--bank", own_bank, "--name", "harness")
    )
    assert (status, out, err) == (0, "model_properties/harness.parquet: 1 rows\n", "")
    status, out, err = run("properties", tmp_path / "own.csv", "--bank", own_bank, "--name", "lab")
    assert (status, out) == (0, "model_properties/lab.parquet: 1 rows\n")
    assert "the bank does not have models that these are about: owner--other" in err
    found = open_bank(own_bank).sql("select model, value, source from model_properties order by value").rows()
    assert found == [
        ("owner--other", 0.25, "lab"),
        (known, 0.5, "lm-evaluation-harness, task version 2, 5-shot, acc"),
    ]


def test_the_loss_on_a_text_and_where_it_comes_from(run, demo_bank, tmp_path):
    bank, text = shutil.copytree(demo_bank, tmp_path / "bank"), tmp_path / "story.txt"
    text.write_text("The boy cried wolf, and nobody came.", encoding="utf-8")
    where = ("--model", model_folder(), "--model-name", MODEL, "--bank", bank)
    status, out, err = run("properties", "--loss", text, *where, "--name", "loss.story", "-q")
    assert (status, out, err) == (0, "model_properties/loss.story.parquet: 2 rows\n", "")
    rows = open_bank(bank).table("model_properties").filter(model=MODEL).to_dicts()
    found = next_word_loss(load_model(str(model_folder())), text.read_text(encoding="utf-8"))
    assert {row["property"]: row["value"] for row in rows} == {
        "nwp_loss": found.nats_per_token,
        "nwp_bits_per_byte": found.bits_per_byte,
    }
    assert "story.txt (" in rows[0]["source"]
    assert f"windows of {found.window} tokens" in rows[0]["source"]
    run("properties", "--loss", text, *where, "--name", "loss.short", "--window", "8", "-q")
    assert len(open_bank(bank).table("model_properties")["source"].unique()) == 2
    assert open_bank(bank).verify() == []


def test_a_model_that_cannot_be_run_keeps_no_other_from_it(run, demo_bank, tmp_path):
    bank, text = shutil.copytree(demo_bank, tmp_path / "bank"), tmp_path / "story.txt"
    text.write_text("The boy cried wolf.", encoding="utf-8")
    models = (tmp_path / "nowhere", model_folder())
    status, out, err = run("properties", "--loss", text, "--model", *models, "--bank", bank, "--name", "loss", "-q")
    assert (status, out) == (1, "model_properties/loss.parquet: 2 rows\n")
    assert "there is no folder" in err


def test_losses_are_kept_when_the_command_is_interrupted(run, demo_bank, tmp_path, monkeypatch):
    bank, text = shutil.copytree(demo_bank, tmp_path / "bank"), tmp_path / "story.txt"
    text.write_text("The boy cried wolf.", encoding="utf-8")
    real = losses.loss_rows

    def interrupted(bank, model, *arguments, **more):
        if model == "second":
            raise KeyboardInterrupt
        return real(bank, model, *arguments, **more)

    monkeypatch.setattr(losses, "loss_rows", interrupted)
    models = (model_folder(), "second")
    status, _, _ = run("properties", "--loss", text, "--model", *models, "--bank", bank, "--name", "loss", "-q")
    assert status == 130
    assert len(open_bank(bank).table("model_properties")) == 2
    assert open_bank(bank).verify() == []


def test_an_empty_text_is_refused_before_a_model_is_loaded(run, own_bank, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    asked = ("--loss", tmp_path / "empty.txt", "--model", tmp_path / "nowhere")
    status, _, err = run("properties", *asked, "--bank", own_bank, "--name", "x")
    assert (status, "empty.txt is empty: a loss needs a text" in err) == (1, True)


def test_wrong_use(run, own_bank, tmp_path):
    here = ("--bank", own_bank, "--name", "x")
    for wrong in ((), ("--loss", "t.txt"), ("x.csv", "--model", "m"), ("--loss", "t", "--model", "m", "--source", "s")):
        assert run("properties", *wrong, *here)[0] == 2
    status, out, err = run("properties", tmp_path / "no.csv", "--bank", own_bank, "--name", "x")
    assert (status, out) == (1, "")
    assert "there is no file at" in err


def test_tables_of_properties_and_scores_load_no_torch(own_bank, tmp_path):
    (tmp_path / "results_1.json").write_text('{"results": {"mmlu": {"acc,none": 0.5}}, "model_name": "a/b"}')
    (tmp_path / "own.csv").write_text("model,property,value,source\na/b,bbh,.25,lab\n")
    (tmp_path / "scores.csv").write_text("model,benchmark,score,source\na/b,x,.25,lab\n")
    commands = [
        ["properties", tmp_path / "results_1.json", tmp_path / "own.csv", "--name", "p"],
        ["scores", tmp_path / "scores.csv", "--name", "s"],
        ["zoo"],
    ]
    asked = [[*map(str, one), *(["--bank", str(own_bank)] if "--name" in one else [])] for one in commands]
    code = f"import sys; from brainlake_builder.cli import main; done = [main(one) for one in {asked!r}]; "
    code += "sys.exit(str((done, [m for m in ('torch', 'transformers', 'datasets') if m in sys.modules])))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert found.stderr.splitlines()[-1] == "([0, 0, 0], [])"
