"""Language models: how they are found, loaded, and run."""

from brainlake.recipe import Recipe
from brainlake_builder.models.decoder import DecoderOnly
from brainlake_builder.models.encoder import EncoderOnly
from brainlake_builder.models.encoder_decoder import EncoderDecoder
from brainlake_builder.models.loading import LoadedModel
from brainlake_builder.models.runner import Runner


def make_runner(model: LoadedModel, recipe: Recipe) -> Runner:
    """The way to run a model of its kind."""
    if model.kind == "decoder":
        return DecoderOnly(model, recipe)
    if model.kind == "encoder":
        return EncoderOnly(model, recipe)
    return EncoderDecoder(model, recipe)
