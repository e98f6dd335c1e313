"""Composite benchmarks: nothing but a row, over the stimuli of their parts."""

import pytest

from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.readers import composites


@pytest.mark.parametrize("dataset", composites.DATASETS, ids=lambda d: d.benchmark)
def test_it_has_the_stimuli_of_its_parts_and_no_tables(dataset):
    parts = [DATASETS[name] for name in dataset.composite_of]
    assert set(dataset.stimulus_sets) == {name for part in parts for name in part.stimulus_sets}
    tables = dataset.build({})
    assert not any((dataset.files, tables.stimuli, tables.recordings, tables.features))
    (row,) = dataset.benchmarks_row().to_pylist()
    assert row["composite_of"] == list(dataset.composite_of)
    assert row["unit"] is None


def test_the_paper_s_is_the_mean_of_three():
    found = {dataset.benchmark: dataset.composite_of for dataset in composites.DATASETS}
    assert found["aw2024.brain"] == ("pereira2018", "blank2014", "wehbe2014")
    assert found["pereira2018"] == ("pereira2018.243", "pereira2018.384")
