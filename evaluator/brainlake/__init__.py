"""Brain and behavioral alignment of language models, from a bank of precomputed features."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brainlake.alignment.behavior import behavioral_alignment as behavioral_alignment
    from brainlake.alignment.behavior import surprisal_shapes as surprisal_shapes
    from brainlake.alignment.brain import brain_alignment as brain_alignment
    from brainlake.alignment.comparison import compare as compare
    from brainlake.alignment.comparison import indistinguishable as indistinguishable
    from brainlake.alignment.design.protocols import PROTOCOLS as PROTOCOLS
    from brainlake.alignment.design.protocols import Protocol as Protocol
    from brainlake.alignment.design.score_row import KINDS as KINDS
    from brainlake.bank.catalogue import Bank as Bank
    from brainlake.bank.catalogue import open_bank as open_bank
    from brainlake.contract.recipe import RECIPES as RECIPES
    from brainlake.contract.recipe import Recipe as Recipe
    from brainlake.contract.recipe import parse_recipe as parse_recipe
    from brainlake.errors import BrainlakeError as BrainlakeError
    from brainlake.errors import UnknownNameError as UnknownNameError
    from brainlake.report.summary import Summary as Summary
    from brainlake.report.summary import summary as summary
    from brainlake.storage.layers import Activations as Activations
    from brainlake.study.pairs import tuning_pairs as tuning_pairs
    from brainlake.study.properties import property_correlations as property_correlations
    from brainlake.study.published_tables import published as published
    from brainlake.study.tables import StudyTables as StudyTables
    from brainlake.study.training import training_curves as training_curves
    from brainlake.study.tuning import tuning_effect as tuning_effect
    from brainlake.version import __version__ as __version__

_HOME = {
    "KINDS": "alignment.design.score_row",
    "PROTOCOLS": "alignment.design.protocols",
    "RECIPES": "contract.recipe",
    "Activations": "storage.layers",
    "Bank": "bank.catalogue",
    "BrainlakeError": "errors",
    "Protocol": "alignment.design.protocols",
    "Recipe": "contract.recipe",
    "StudyTables": "study.tables",
    "Summary": "report.summary",
    "UnknownNameError": "errors",
    "__version__": "version",
    "behavioral_alignment": "alignment.behavior",
    "brain_alignment": "alignment.brain",
    "compare": "alignment.comparison",
    "indistinguishable": "alignment.comparison",
    "open_bank": "bank.catalogue",
    "parse_recipe": "contract.recipe",
    "property_correlations": "study.properties",
    "published": "study.published_tables",
    "summary": "report.summary",
    "surprisal_shapes": "alignment.behavior",
    "training_curves": "study.training",
    "tuning_effect": "study.tuning",
    "tuning_pairs": "study.pairs",
}
"""Where each public name is defined; a module is loaded when a name of it is first used."""

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__])
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
