"""What pages say in numbers and names that the code, or another page, knows."""

import inspect
import re
from pathlib import Path

import pytest

from brainlake.contract.recipe import READOUTS
from brainlake_builder.humans.catalogue import DATASETS

ROOT = Path(__file__).parents[2]


def page(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_shortest_example_of_a_reader_is_the_shortest():
    (named,) = re.findall(r"`(\w+\.py)` is the shortest example", page("docs/readers.md"))
    builds = [getattr(d.build, "func", d.build) for d in DATASETS.values() if d.files]
    files = {Path(inspect.getfile(build)) for build in builds}
    lines = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert named == min(lines, key=lines.__getitem__)


@pytest.mark.parametrize("name", ["docs/results.md", "docs/reading-times.md"])
def test_an_untrained_model_states_its_seed(name):
    rows = [line for line in page(name).splitlines() if line.startswith("|") and "untrained" in line]
    assert rows
    assert all(re.search(r"seeds? \d", row) for row in rows)


def test_what_has_no_public_address_is_named_where_data_are_brought_in():
    without = {d.benchmark for d in DATASETS.values() if any(file.url is None for file in d.files)}
    assert "pereira2018.langnet" in without
    assert "`pereira2018.langnet`, have to be" in " ".join(page("docs/start.md").split())


def test_layer_0_is_said_to_be_the_embedding_of_one_readout_alone():
    assert [name for name, readout in READOUTS.items() if readout.embedding] == ["residual"]
    for name in ("docs/contract.md", "dataset_cards/bank.md"):
        text = " ".join(page(name).split())
        (sentence,) = re.findall(r"[^.]*[Ll]ayer 0 is the embedding[^.]*\.", text)
        assert "`residual`" in sentence
        assert "there is no layer 0" in text


def test_the_results_of_the_readme_are_those_of_the_page():
    (row,) = re.findall(
        r"\*\*neighbours in time alone \(OASM\)\*\* \| (\.\d+) .*\*\*(\.\d+)\*\*", page("docs/results.md")
    )
    honest, shuffled = (f"{float(one):.2f}".lstrip("0") for one in row)
    for name in ("README.md", "docs/worth.md"):
        assert f"reaches {shuffled} under shuffled folds and {honest} under honest ones" in " ".join(page(name).split())
