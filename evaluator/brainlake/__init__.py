"""Brain and behavioral alignment of language models, from a bank of precomputed features."""

from brainlake.alignment.behavior import behavioral_alignment
from brainlake.alignment.brain import brain_alignment
from brainlake.alignment.design.protocols import PROTOCOLS, Protocol
from brainlake.bank.catalogue import Bank, open_bank
from brainlake.contract.recipe import RECIPES, Recipe, parse_recipe
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.report.summary import Summary, summary
from brainlake.storage.layers import Activations
from brainlake.version import __version__

__all__ = [
    "PROTOCOLS",
    "RECIPES",
    "Activations",
    "Bank",
    "BrainlakeError",
    "Protocol",
    "Recipe",
    "Summary",
    "UnknownNameError",
    "__version__",
    "behavioral_alignment",
    "brain_alignment",
    "open_bank",
    "parse_recipe",
    "summary",
]
