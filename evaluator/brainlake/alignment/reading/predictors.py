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
    bank: Bank,
    reading: Reading,
    models: Sequence[str] | None,
    recipes: Sequence[str] | None,
    beside: Sequence[Reading] = (),
) -> list[WordModel]:
    """Models with surprisal of the words that were read, by name and recipe.

    Parameters
    ----------
    models, recipes
        Which; by default all.
    beside
        Readings that are scored together with this one: a model or recipe may be of the words of another.

    Raises
    ------
    UnknownNameError
        If the bank has no surprisal by such a model or recipe, of any of the readings.
    BrainlakeError
        If surprisal was computed from other stimuli than the bank's, or, where sets are pooled, misses one of them.
    """
    every = dict.fromkeys(name for one in (reading, *beside) for name in one.sets)
    files = {name: bank.feature_files("surprisal", name) for name in every}
    there = [file for found in files.values() for file in found]
    known("model", models, [file.model for file in there])
    names = [str(file.recipe) for file in there]
    recipes = None if recipes is None else [recipe_among(recipe, names) for recipe in recipes]
    known("recipe", recipes, names)
    sets = reading.sets
    wanted = {
        (file.model, file.recipe): None
        for name in sets
        for file in files[name]
        if (models is None or file.model in models) and (recipes is None or file.recipe in recipes)
    }
    return [_model(bank, reading, [_one(files[name], name, *who) for name in sets]) for who in wanted]


def no_model(benchmark: str, of: Sequence[Reading]) -> BrainlakeError:
    """What to say where no model has surprisal of the words that were read."""
    sets = ", ".join(dict.fromkeys(name for reading in of for name in reading.sets))
    return BrainlakeError(
        f"{benchmark}: the bank has no model's surprisal of {sets}; `brainlake-build extract` or "
        f"`brainlake-build import-surprisal` writes it"
    )


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
