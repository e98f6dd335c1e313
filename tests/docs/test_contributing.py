"""What CONTRIBUTING.md shows is so: the template of a baseline runs, and the files of the map are there."""

import re
from pathlib import Path

import polars as pl

from brainlake import brain_alignment
from brainlake.alignment import baselines

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_template_of_a_baseline_is_scored(toy_bank, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    monkeypatch.setattr(baselines, "BASELINES", dict(baselines.BASELINES))
    exec(
        compile(code.replace("BASELINES |=", "BASELINES = BASELINES |"), "CONTRIBUTING.md", "exec"),
        names := vars(baselines) | {"pl": pl},
    )
    monkeypatch.setattr(baselines, "BASELINES", names["BASELINES"])
    scores = brain_alignment(toy_bank, "toy.brain", baselines="commas", models=[], n_boot=0)
    assert scores["model"].unique().to_list() == ["baseline:commas"]


def test_the_files_of_the_map_are_there():
    rows = re.findall(r"^\| [^|]+ \| (.*) \|$", TEXT, re.MULTILINE)[2:]
    named = {path for row in rows for path in re.findall(r"`([a-z_/.]+(?:\.py|/))`", row)}
    assert len(named) > 15
    folders = ("evaluator/brainlake", "builder/brainlake_builder", "docs/site_pages")
    places = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    known = {f"{path.as_posix()}{'/' if path.is_dir() else ''}" for path in places}
    lost = [n for n in named if not any(k.endswith("/" + n.removeprefix("builder/.../")) for k in known)]
    assert not lost
