"""Every reader is found by itself."""

from pathlib import Path

import brainlake_builder.humans.readers as readers
from brainlake_builder.humans.catalogue import DATASETS


def test_every_module_that_reads_a_data_set_is_in_it():
    texts = {path.stem: path.read_text() for path in Path(readers.__path__[0]).glob("*.py")}
    with_datasets = [name for name, text in texts.items() if "\nDATASETS" in text]
    assert len(with_datasets) > 5
    assert len(DATASETS) >= len(with_datasets)
    assert {"tuckute2024", "futrell2018", "aw2024.brain"} <= set(DATASETS)


def test_a_name_is_that_of_its_data_set_and_parts_of_composites_are_there():
    for name, dataset in DATASETS.items():
        assert dataset.benchmark == name
        assert set(dataset.composite_of) <= set(DATASETS)
