"""The page on a study of one's own is run: three pairs, a table of properties, results of a harness."""

import re
import shlex
import shutil
from pathlib import Path

import polars as pl
import pytest
from safetensors.numpy import load_file, save_file

from brainlake import open_bank
from brainlake.cli import main as evaluate
from brainlake_builder.cli import main as build
from brainlake_builder.demo.stimuli import sentences
from brainlake_builder.demo.tables import model_folder

PAGE = (Path(__file__).parent.parent / "docs/study-own.md").read_text(encoding="utf-8")
PROGRAMS = {"brainlake": evaluate, "brainlake-build": build}
FILES = r"`([\w.-]+)`:\n\n```(?:csv|json)\n(.*?)```"


def models(folder):
    """Six folders, told apart by how loud their first block is."""
    for k, name in enumerate(("small", "middle", "large", "small-tuned", "middle-tuned", "large-tuned")):
        shutil.copytree(model_folder(), folder / name)
        weights = load_file(folder / name / "model.safetensors")
        loud = {
            key: value * (1 + k / 8) if key.startswith("model.layers.0.") else value for key, value in weights.items()
        }
        save_file(
            {key: value.astype(weights[key].dtype) for key, value in loud.items()}, folder / name / "model.safetensors"
        )


@pytest.mark.slow
def test_from_three_pairs_to_what_is_asked_of_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    models(tmp_path / "models")
    (tmp_path / "held-out.txt").write_text(" ".join(sentences()["text"][:60]), encoding="utf-8")
    for name, content in re.findall(FILES, PAGE, re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL):
        for command in block.splitlines():
            program, *arguments = shlex.split(command)
            assert PROGRAMS[program](arguments) == 0, capsys.readouterr().err
    printed = capsys.readouterr().out
    assert "1. Does tuning on instructions raise brain alignment?" in printed
    gains = pl.read_parquet("study.parquet").filter(statistic="difference", family="all")
    assert gains.select("benchmark", "n_models", "n_bases", "p_floor").rows() == [
        ("my_fmri", 3, 3, 0.25),
        ("my_reading", 3, 3, 0.25),
    ]
    assert gains["value"].is_finite().all()
    assert (gains["value"] != 0).all()
    bank = open_bank("bank")
    assert bank.verify() == []
    known = bank.table("models").select("model", "tuning", "base_model").rows()
    assert ("large-tuned", "instruction", "large") in known
    assert ("large", "vanilla", None) in known
    kinds = bank.sql("select property, count(*), count(distinct source) from model_properties group by 1 order by 1")
    assert kinds.rows() == [("arc_easy", 2, 2), ("mmlu", 6, 1), ("nwp_bits_per_byte", 6, 1), ("nwp_loss", 6, 1)]
    headlines = bank.sql("select distinct protocol, benchmark from scores where kind = 'headline'").rows()
    assert ("published:Aw et al. 2024, Table 5", "pereira2018") in headlines
    assert {benchmark for _, benchmark in headlines} == {"my_fmri", "my_reading", "pereira2018"}
