"""Builds banks: layerwise activations and word surprisal of language models, and human data, in Parquet.

``humans(data, bank)`` brings human data in, ``extract(bank, models, stimuli)`` runs models on their texts, and
``import_surprisal(table, bank, model, stimulus_set)`` takes surprisal that others computed.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brainlake_builder import humans as humans
    from brainlake_builder.extraction.python import extract as extract
    from brainlake_builder.tables.imported_surprisal import import_surprisal as import_surprisal

_HOME = {"extract": "extraction.python", "import_surprisal": "tables.imported_surprisal"}
"""Where public functions are defined; torch is not loaded before it is needed. ``humans`` is the room of that name."""

__all__ = ["humans", *_HOME]


def __getattr__(name: str) -> object:
    if name == "humans":
        return import_module(f"{__name__}.humans")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__])
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
