"""Figures of scores, one function each: tables in, a chart out that shows itself in a notebook and saves itself."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brainlake.figures.deciles import surprisal_deciles as surprisal_deciles
    from brainlake.figures.folds import folds_beside as folds_beside
    from brainlake.figures.gains import reading_gains as reading_gains
    from brainlake.figures.layers import layer_profile as layer_profile
    from brainlake.figures.matrix import models_by_benchmarks as models_by_benchmarks
    from brainlake.figures.places import scores_in_place as scores_in_place
    from brainlake.figures.properties import against_property as against_property
    from brainlake.figures.ranks import ranking as ranking
    from brainlake.figures.saving import save as save
    from brainlake.figures.targets import by_targets as by_targets
    from brainlake.figures.training import training_curve as training_curve
    from brainlake.figures.tuning import tuned_against_base as tuned_against_base

_HOME = {
    "against_property": "properties",
    "surprisal_deciles": "deciles",
    "folds_beside": "folds",
    "reading_gains": "gains",
    "layer_profile": "layers",
    "models_by_benchmarks": "matrix",
    "scores_in_place": "places",
    "ranking": "ranks",
    "save": "saving",
    "by_targets": "targets",
    "training_curve": "training",
    "tuned_against_base": "tuning",
}
"""Where each is defined; the library that draws is loaded when one is first used."""

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
