"""What models say of every word: surprisal, entropy and sub-words, lined up with the words of a reading."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from brainlake.alignment.design.features import check_stimuli, identity_of, known
from brainlake.alignment.design.score_row import Identity
from brainlake.alignment.reading.reading import KEY, Reading
from brainlake.bank.catalogue import Bank
from brainlake.contract.recipe import recipe_among
from brainlake.contract.sidecar import Sidecar
from brainlake.encoding.arrays import FloatArray
from brainlake.errors import BrainlakeError


@dataclass(frozen=True, eq=False)
class WordModel:
    """A model under a recipe, one value a word of ``Reading.stimuli``, NaN where there is none.

    Attributes
    ----------
    identity
        Who it is.
    surprisal, entropy
        Bits, shape (n,).
    n_tokens
        Sub-words of its tokenizer, shape (n,).
    """

    identity: Identity
    surprisal: FloatArray
    entropy: FloatArray
    n_tokens: FloatArray

    @property
    def counted(self) -> bool:
        """Whether its sub-words are known."""
        return not np.isnan(self.n_tokens).all()


def word_models(
    bank: Bank, reading: Reading, models: Sequence[str] | None, recipes: Sequence[str] | None
) -> list[WordModel]:
    """Models with surprisal of the words that were read, by name and recipe.

    Raises
    ------
    UnknownNameError
        If the bank has no surprisal by such a model or recipe.
    BrainlakeError
        If surprisal was computed from other stimuli than the bank's, or, where sets are pooled, misses one of them.
    """
    sets = reading.stimuli["stimulus_set"].unique(maintain_order=True).to_list()
    files = {name: bank.feature_files("surprisal", name) for name in sets}
    every = [file for found in files.values() for file in found]
    known("model", models, [file.model for file in every])
    names = [str(file.recipe) for file in every]
    recipes = None if recipes is None else [recipe_among(recipe, names) for recipe in recipes]
    known("recipe", recipes, names)
    wanted = {
        (file.model, file.recipe): None
        for file in every
        if (models is None or file.model in models) and (recipes is None or file.recipe in recipes)
    }
    return [_model(bank, reading, [_one(files[name], name, *who) for name in sets]) for who in wanted]


def _one(files: list[Sidecar], stimulus_set: str, model: str | None, recipe: str | None) -> Sidecar:
    for file in files:
        if (file.model, file.recipe) == (model, recipe):
            return file
    raise BrainlakeError(
        f"{model} by {recipe} has no surprisal of {stimulus_set}: sets are pooled over models that have all of them; "
        f"name other models, or score the sets apart"
    )


def _model(bank: Bank, reading: Reading, files: list[Sidecar]) -> WordModel:
    for file in files:
        check_stimuli(bank, file)
    parts = [
        bank.table("surprisal", model=str(f.model), stimulus_set=str(f.stimulus_set), recipe=str(f.recipe))
        for f in files
    ]
    found = reading.stimuli.select(KEY).join(pl.concat(parts), on=KEY, how="left", maintain_order="left")
    columns = (
        found[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in ("surprisal", "entropy", "n_tokens")
    )
    identity = identity_of(files[0])
    return WordModel(identity if len(files) == 1 else replace(identity, stimuli_sha256=None), *columns)
