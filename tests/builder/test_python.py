"""The builder from Python: what a notebook sees, and that nothing heavy is loaded for it."""

import re
import subprocess
import sys

import polars as pl
import pyarrow as pa
import pytest

import brainlake_builder
from brainlake import BrainlakeError, brain_alignment, open_bank
from brainlake_builder.demo.tables import model_folder
from brainlake_builder.humans.templates import template


def test_the_package_shows_what_a_user_may_use_and_loads_nothing_heavy():
    code = (
        "import sys, brainlake_builder as b; assert dir(b) == sorted(b.__all__), dir(b); "
        "b.humans; assert not {'torch', 'transformers', 'polars', 'duckdb'} & set(sys.modules); "
        "assert all(callable(getattr(b, name)) for name in b.__all__)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'human'"):
        brainlake_builder.human  # noqa: B018


def test_frames_to_scores(tmp_path):
    brainlake_builder.humans(template("fmri"), tmp_path / "bank")
    brainlake_builder.extract(str(tmp_path / "bank"), str(model_folder()), "my_fmri", name="demo")
    scores = brain_alignment(open_bank(tmp_path / "bank"), "my_fmri", n_boot=0)
    assert "demo" in scores["model"].to_list()
    assert scores["score"].is_finite().any()


@pytest.mark.parametrize("make", [pl.DataFrame.to_dict, pl.DataFrame.to_arrow, pl.DataFrame.to_pandas])
def test_any_kind_of_frame(make, tmp_path):
    frames = template("reading")
    facts = frames.pop("benchmarks").row(0, named=True)
    brainlake_builder.humans({"benchmarks": facts} | {k: make(v) for k, v in frames.items()}, str(tmp_path / "mine"))
    brainlake_builder.humans(template("reading"), tmp_path / "other")
    query = "select * from reading_times order by stimulus_id"
    assert open_bank(tmp_path / "mine").sql(query).equals(open_bank(tmp_path / "other").sql(query))


def test_an_index_of_pandas_is_left_out(tmp_path):
    frames = template("reading")
    frames["stimuli"] = frames["stimuli"].to_pandas().reset_index()
    brainlake_builder.humans(frames, tmp_path)
    assert open_bank(tmp_path).stimuli("my_reading").height == 162


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ({"words": {"a": [1]}}, "'words' is no table of a dataset; there are: benchmarks"),
        ({"benchmarks": 3}, "benchmarks is no data frame"),
        ({"stimuli": pa.table({"a": [1]})}, "the data has no benchmarks"),
    ],
)
def test_what_is_no_dataset(frames, message, tmp_path):
    with pytest.raises(BrainlakeError, match=message):
        brainlake_builder.humans(frames, tmp_path / "bank")
    assert not (tmp_path / "bank").exists()


def test_a_known_name_is_text_and_a_folder_a_path(tmp_path):
    with pytest.raises(BrainlakeError, match="unknown benchmark 'mine'"):
        brainlake_builder.humans("mine", tmp_path / "bank")
    with pytest.raises(BrainlakeError, match=r"is a folder, and text names a known data set: give pathlib.Path"):
        brainlake_builder.humans(str(tmp_path), tmp_path / "bank")
    for wrong in (None, 3, []):
        with pytest.raises(BrainlakeError, match=r"data=.* is not possible"):
            brainlake_builder.humans(wrong, tmp_path / "bank")
    with pytest.raises(BrainlakeError, match="mine is not a folder"):
        brainlake_builder.humans(tmp_path / "mine", tmp_path / "bank")
    with pytest.raises(BrainlakeError, match="'space' is nothing to accept; there is: spaces"):
        brainlake_builder.humans(template("reading"), tmp_path / "bank", accept="space")


def wrong(bank):
    """Wrong calls by what is said of them, after the argument as it was given."""
    extract, surprisal = brainlake_builder.extract, brainlake_builder.word_surprisal
    return {
        "bank=5 is not possible: it is a path": lambda: brainlake_builder.humans("tuckute2024", 5),
        "source=5 is not possible: it is a path": lambda: brainlake_builder.humans("tuckute2024", bank, source=5),
        "accept=5 is not possible": lambda: brainlake_builder.humans(bank, bank, accept=5),
        "bank=None is not possible: it is a path": lambda: extract(None, "m", "s"),
        "models=3 is not possible": lambda: extract(bank, 3, "s"),
        "unknown option 'nme' (did you mean 'name'?); there is": lambda: extract(bank, "m", "s", nme="x"),
        "name=5 is not possible: it is a name": lambda: extract(bank, "m", "s", name=5),
        "revision=5 is not possible": lambda: extract(bank, "m", "s", revision=5),
        "device=None is not possible": lambda: extract(bank, "m", "s", device=None),
        "overwrite='no' is not possible: it is True or False": lambda: extract(bank, "m", "s", overwrite="no"),
        "trust_remote_code=1 is not possible": lambda: extract(bank, "m", "s", trust_remote_code=1),
        "shard='1/2' is not possible: it is a Shard": lambda: extract(bank, "m", "s", shard="1/2"),
        "untrained_seed=-1 is not possible": lambda: extract(bank, "m", "s", untrained_seed=-1),
        "quantization is 8bit or 4bit, not '3bit'": lambda: extract(bank, "m", "s", quantization="3bit"),
        "text=5 is not possible: it is words": lambda: surprisal("m", 5),
        "model=5 is not possible: it is a local folder": lambda: surprisal(5, "a word"),
        "unknown recipe 'documnt' (did you mean 'document'?)": lambda: surprisal("m", "a word", "documnt"),
        "table=5 is not possible: it is a path": lambda: brainlake_builder.import_surprisal(5, bank, "m", "s"),
        "bank=5 is not possible: it is a path ": lambda: brainlake_builder.import_surprisal("t.csv", 5, "m", "s"),
    }


@pytest.mark.parametrize("message", wrong(None))
def test_a_wrong_argument_is_shown_with_what_is_possible(message, tmp_path):
    with pytest.raises(BrainlakeError, match=f"^{re.escape(message.rstrip())}"):
        wrong(tmp_path)[message]()
