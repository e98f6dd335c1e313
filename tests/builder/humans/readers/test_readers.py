"""What every reader refuses, on the real files of every data set that the mirror holds."""

import shutil

import numpy as np
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.source import fetch

TABLES = {
    (name, file.name): file
    for name, dataset in DATASETS.items()
    for file in dataset.files
    if file.name.endswith((".csv", ".tsv", ".tok")) and "participant" not in file.name
}
BRAIN_SCORE = ("pereira2018.243", "pereira2018.384", "blank2014")
"""Their responses are nowhere but in a bucket; their own tests write such files."""

pytestmark = [pytest.mark.mirror, pytest.mark.slow]


@pytest.fixture(params=[k for k in TABLES if k[0] not in BRAIN_SCORE], ids="-".join)
def one_changed(request, mirror, tmp_path):
    """Build a data set after one of its tables was changed."""
    name, changed = request.param
    dataset = DATASETS[name]
    paths = {file.name: path for file in dataset.files if (path := fetch(file, mirror)) is not None}

    def build(change):
        copy = tmp_path / "changed.csv"
        shutil.copy(paths[changed], copy)
        lines = copy.read_bytes().decode().splitlines(keepends=True)
        lines[-1] = lines[-1].rstrip("\r\n") + "\n"
        copy.write_bytes("".join(change(lines)).encode())
        return dataset.build(paths | {changed: copy})

    return build


def rename(lines):
    separator = "\t" if "\t" in lines[0] else ","
    return [separator.join(f"{name.strip()}_" for name in lines[0].split(separator)) + "\n", *lines[1:]]


def permute(lines):
    order = np.random.default_rng(0).permutation(len(lines) - 1) + 1
    return [lines[0], *(lines[k] for k in order)]


def test_renamed_columns_are_refused(one_changed):
    with pytest.raises(BrainlakeError, match=r"changed.csv has no column \w+"):
        one_changed(rename)


def test_a_row_too_few_is_refused(one_changed):
    with pytest.raises(BrainlakeError, match=r"changed.csv"):
        one_changed(lambda lines: lines[:-1])


def test_a_row_too_many_is_refused(one_changed):
    with pytest.raises(BrainlakeError, match=r"changed.csv"):
        one_changed(lambda lines: [*lines, lines[-1]])


def by_key(table):
    keys = ("subject", "row_id", "stimulus_id", "target_id", "method", "name")
    return table.sort_by([(key, "ascending") for key in keys if key in table.column_names])


def test_permuted_rows_are_put_in_order_or_refused(one_changed):
    expected = one_changed(lambda lines: lines)
    try:
        found = one_changed(permute)
    except BrainlakeError:
        return
    for name, table in expected.recordings.items():
        assert by_key(found.recordings[name]).equals(by_key(table))
    for name, table in expected.stimuli.items():
        texts = [by_key(stimuli).select(["stimulus_id", "text"]) for stimuli in (found.stimuli[name], table)]
        assert texts[0].equals(texts[1])
