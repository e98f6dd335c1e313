"""Every human dataset that is known, by benchmark."""

from typing import Final

from brainlake_builder.humans import (
    alice2016,
    blank2014,
    composites,
    fedorenko2016,
    naturalstories,
    pereira2018,
    tuckute2024,
    wehbe2014,
)
from brainlake_builder.humans.dataset import HumanDataset

_MODULES = (
    naturalstories,
    pereira2018,
    blank2014,
    wehbe2014,
    composites,
    fedorenko2016,
    tuckute2024,
    alice2016,
)

DATASETS: Final[dict[str, HumanDataset]] = {
    dataset.benchmark: dataset for module in _MODULES for dataset in module.DATASETS
}
"""Every human dataset that is known, by benchmark."""
