"""What surprisal adds to the covariates, in held-out log-likelihood: the delta log-likelihood of psycholinguistics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from brainlake.alignment.reading.covariates import Frequency, covariates, predictors
from brainlake.alignment.reading.predictors import WordModel
from brainlake.alignment.reading.protocols import ReadingProtocol
from brainlake.alignment.reading.reading import Reading
from brainlake.encoding.arrays import BoolArray, FloatArray, IntArray
from brainlake.encoding.independent import independent
from brainlake.encoding.left_out import left_out_log_likelihood
from brainlake.encoding.mixed_model import left_out_marginal
from brainlake.errors import BrainlakeError


@dataclass(frozen=True, eq=False)
class Regressors:
    """Covariates and models of the complete words of a reading, the same words for every model.

    Attributes
    ----------
    complete
        Which words of ``Reading.stimuli`` are complete, shape (n,): every covariate and every model has a value for the
        word and for all words of its window.
    shared
        Covariates that all models have, shape (n, p).
    own
        Of every model its own covariates (sub-words), and what is added, shapes (n, .).
    """

    complete: BoolArray
    shared: FloatArray
    own: list[tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, eq=False)
class Gains:
    """What one model adds, word by word.

    Attributes
    ----------
    gain
        Held-out log-likelihood with what is added less that without, nats, shape (m,).
    text
        Text (story) of every word, as a number: it was left out of the fit.
    word
        Place of every word in ``Reading.stimuli``.
    """

    gain: FloatArray
    text: IntArray
    word: IntArray

    @property
    def mean(self) -> float:
        """Delta log-likelihood: nats a word."""
        return float(self.gain.mean())


def regressors(
    reading: Reading, models: Sequence[WordModel], frequency: Frequency, protocol: ReadingProtocol
) -> Regressors:
    """Line up covariates and models.

    Raises
    ------
    BrainlakeError
        If sub-words are asked for and a model has none, if a model lacks the predictor, or if no word is complete.
    """
    shared = covariates(reading, frequency, protocol)
    own = []
    complete = np.isfinite(shared.sum(axis=1))
    for model in models:
        if protocol.subwords and not model.counted:
            raise BrainlakeError(
                f"{model.identity.model} has no sub-word counts, and a table needs those of all models; "
                f"name the models that have them"
            )
        held, added = predictors(reading, model, protocol)
        if not np.isfinite(added.sum(axis=1)).any():
            lacking = "surprisal and entropy" if protocol.predictor == "both" else protocol.predictor
            raise BrainlakeError(
                f"{model.identity.model} lacks {lacking} of a word and its neighbours everywhere, and all models of a "
                f"table are scored on the same words; name the models that have it"
            )
        own.append((held, added))
        complete &= np.isfinite(np.column_stack([held, added]).sum(axis=1))
    if not complete[reading.word].any():
        raise BrainlakeError("no word has all covariates and all models' values, for itself and its neighbours")
    return Regressors(complete, shared, own)


def gains(reading: Reading, lined_up: Regressors) -> Iterator[Gains]:
    """What every model adds at the words of a reading, whose values are one a word.

    Raises
    ------
    BrainlakeError
        If the regression cannot be fitted: fewer than two texts, too few words, no variance.
    """
    here = lined_up.complete[reading.word]
    word, value = reading.word[here], reading.value[here]
    text = reading.texts[word]
    without = None
    for held, added in lined_up.own:
        base = np.column_stack([lined_up.shared[word], held[word]])
        if without is None or held.shape[1]:
            without = left_out_log_likelihood(base, value, text)
        full = left_out_log_likelihood(np.column_stack([base, added[word]]), value, text)
        yield Gains(full - without, text, word)


def gains_of_people(reading: Reading, lined_up: Regressors) -> tuple[dict[str, list[Gains]], int]:
    """What every model adds for each person alone, and how many people cannot be fitted alone.

    Raises
    ------
    BrainlakeError
        If nobody can.
    """
    found: dict[str, list[Gains]] = {}
    refused = []
    for person in reading.people:
        try:
            found[person] = list(gains(reading.of(person), lined_up))
        except BrainlakeError as error:
            refused.append(str(error))
    if not found:
        raise BrainlakeError(f"nobody can be fitted alone: {refused[0]}")
    return found, len(refused)


def mixed_gains(reading: Reading, lined_up: Regressors, protocol: ReadingProtocol) -> Iterator[Gains]:
    """What every model adds in a mixed model of people and words: of a value its text's mean, since they are one draw.

    Raises
    ------
    BrainlakeError
        If rows are means over people, or the model cannot be fitted.
    """
    if reading.subject is None:
        raise BrainlakeError("a mixed model needs rows of people, and these are means over them")
    here = lined_up.complete[reading.word]
    word, value, person = reading.word[here], reading.value[here], reading.subject[here]
    text = reading.texts[word]
    _, place = np.unique(text, return_inverse=True)
    without = None
    for held, added in lined_up.own:
        base = independent(np.column_stack([lined_up.shared, held])[word])
        if without is None or held.shape[1]:
            without = left_out_marginal(base, value, person, word, text)
        slope = added[word, 1 if protocol.ahead else 0]
        full = left_out_marginal(independent(np.column_stack([base, added[word]])), value, person, word, text, slope)
        yield Gains((full - without)[place.ravel()], text, word)
