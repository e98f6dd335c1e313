"""What pages say in numbers and names that the code, or another page, knows."""

import inspect
import re
from pathlib import Path

import pytest

from brainlake.contract.recipe import READOUTS
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.readers import wehbe2014

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


VOXELS_COUNTED_IN = "sha256:6eb53cf484ed06f3f252af260bd12ab08df0b1a669cbd59a34271b49d4faeeff"
VOXELS = {
    **{"F": 5_018, "G": 5_692, "H": 4_169, "I": 5_224, "J": 5_359, "K": 4_677, "L": 4_581, "M": 5_080, "N": 4_592},
}
"""True values of ``all`` of each person in the file of regions, which is not here, with that hash."""


def test_the_card_of_wehbe2014_says_who_is_read_and_how_many_voxels_they_have():
    assert wehbe2014.MASKS.hash == VOXELS_COUNTED_IN, "another file of regions: count its voxels again"
    text = " ".join(page("dataset_cards/wehbe2014.md").split())
    read = {name: VOXELS[name] for name in wehbe2014.SUBJECTS}
    few, many = min(read, key=read.__getitem__), max(read, key=read.__getitem__)
    (left_out,) = set(VOXELS) - set(read)
    for said in (
        f"eight people ({', '.join(read)})",
        f"{wehbe2014.N_WORDS:,} words, {wehbe2014.N_TRS:,} scans of {wehbe2014.TR_S:.0f} s in four runs",
        f"{read[few]:,} ({few}) to {read[many]:,} ({many}) voxels of eight language regions",
        f"a ninth person, {left_out}, with {VOXELS[left_out]:,} voxels",
    ):
        assert said in text
    assert (len(read), len(wehbe2014.ROIS), wehbe2014.N_RUNS) == (8, 8, 4)
