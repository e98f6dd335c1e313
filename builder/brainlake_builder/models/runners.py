"""Which runner a kind of model needs."""

from brainlake.contract.recipe import Recipe
from brainlake_builder.models.decoder import DecoderOnly
from brainlake_builder.models.encoder import EncoderOnly
from brainlake_builder.models.encoder_decoder import EncoderDecoder
from brainlake_builder.models.files import Kind
from brainlake_builder.models.loading import LoadedModel
from brainlake_builder.models.runner import Runner

RUNNERS: dict[Kind, type[Runner]] = {"decoder": DecoderOnly, "encoder": EncoderOnly, "encoder-decoder": EncoderDecoder}


def make_runner(model: LoadedModel, recipe: Recipe, surprisal: bool = True) -> Runner:
    """The way to run a model of its kind; see :class:`Runner`."""
    return RUNNERS[model.kind](model, recipe, surprisal)
