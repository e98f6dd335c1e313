"""Builds banks: layerwise activations and word surprisal of language models, and human data, in Parquet.

``humans(data, bank)`` brings human data in, ``extract(bank, models, stimuli)`` runs models on their texts,
``import_surprisal(table, bank, model, stimulus_set)`` takes surprisal that others computed, and
``word_surprisal(model, text)`` gives that of the words of a text, without a bank.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brainlake_builder import humans as humans
    from brainlake_builder.extraction.own_text import word_surprisal as word_surprisal
    from brainlake_builder.extraction.python import extract as extract
    from brainlake_builder.tables.imported_surprisal import import_surprisal as import_surprisal

_HOME = {
    "extract": "extraction.python",
    "import_surprisal": "tables.imported_surprisal",
    "word_surprisal": "extraction.own_text",
}
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
