"""Every human dataset that is known, by benchmark: those of the modules of ``readers``, with nothing to register."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

import brainlake_builder.humans.readers as readers
from brainlake_builder.humans.dataset import HumanDataset


def _found() -> dict[str, HumanDataset]:
    modules = [import_module(f"{readers.__name__}.{module.name}") for module in iter_modules(readers.__path__)]
    return {dataset.benchmark: dataset for module in modules for dataset in getattr(module, "DATASETS", ())}


DATASETS: Final = _found()
"""Every human dataset that is known, by benchmark."""
