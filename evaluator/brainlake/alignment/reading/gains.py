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
        If sub-words are asked for and a model has none, if a model lacks the predictor, or if no word is complete, by
        its frequencies or by all models together.
    """
    shared = covariates(reading, frequency, protocol)
    own = []
    complete = np.isfinite(shared.sum(axis=1))
    if not complete[reading.word].any():
        raise BrainlakeError(
            f"no word that was read has all covariates: its neighbours in its document, and log frequency of them and "
            f"itself ({frequency.source})"
        )
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
        raise BrainlakeError(
            "no word has the values of all models, for itself and its neighbours, and all models of a table are scored "
            "on the same words; name models that have the same words"
        )
    return Regressors(complete, shared, own)


def gains(reading: Reading, lined_up: Regressors, spare: float = 0.0) -> Iterator[Gains | str]:
    """What every model adds at the words of a reading, whose values are one a word; or why that cannot be said.

    Parameters
    ----------
    spare
        As of :func:`brainlake.encoding.left_out.left_out_log_likelihood`.

    Raises
    ------
    BrainlakeError
        If the covariates alone cannot be fitted: fewer than two texts, too few words, no variance.
    """
    here = lined_up.complete[reading.word]
    word, value = reading.word[here], reading.value[here]
    text = reading.texts[word]
    shared = lined_up.shared[word]
    alone = left_out_log_likelihood(shared, value, text, spare)
    for held, added in lined_up.own:
        try:
            base = np.column_stack([shared, held[word]])
            without = left_out_log_likelihood(base, value, text, spare) if held.shape[1] else alone
            full = left_out_log_likelihood(np.column_stack([base, added[word]]), value, text, spare)
        except BrainlakeError as error:
            yield str(error)
        else:
            yield Gains(full - without, text, word)


def gains_of_people(reading: Reading, lined_up: Regressors) -> tuple[list[dict[str, Gains] | str], int]:
    """What every model adds for each person alone, or why that cannot be said; and how many people cannot be fitted.

    All models are scored on the same people: those for whom every model can be fitted, but for one that can be for
    nobody, which has its reason instead. Who read so little that fewer degrees of freedom than coefficients are left
    is not fitted: such a gain is noise of the coefficients, and one can outweigh those of all others.

    Raises
    ------
    BrainlakeError
        If nobody can be.
    """
    found, refused = {}, []
    for person in reading.people:
        try:
            found[person] = list(gains(reading.of(person), lined_up, spare=1.0))
        except BrainlakeError as error:
            refused.append(str(error))
    if not found:
        raise BrainlakeError(f"nobody can be fitted alone: {refused[0]}")
    by_model = [dict(zip(found, own, strict=True)) for own in zip(*found.values(), strict=True)]
    possible = [own for own in by_model if any(isinstance(one, Gains) for one in own.values())]
    people = [person for person in found if all(isinstance(own[person], Gains) for own in possible)]
    if not people:
        raise BrainlakeError("nobody can be fitted under every model, and all models are scored on the same people")
    chosen: list[dict[str, Gains] | str] = []
    for own in by_model:
        fits = {person: one for person in people if isinstance(one := own[person], Gains)}
        chosen.append(fits or f"nobody can be fitted alone: {own[people[0]]}")
    return chosen, len(reading.people) - len(people)


def mixed_gains(reading: Reading, lined_up: Regressors, protocol: ReadingProtocol) -> Iterator[Gains | str]:
    """What every model adds in a mixed model of people and words: of a value its text's mean, since they are one draw.

    A predictor that is the same everywhere has no slopes of people, and adds nothing.

    Raises
    ------
    BrainlakeError
        If rows are means over people, or the model cannot be fitted with covariates alone.
    """
    if reading.subject is None:
        raise BrainlakeError("a mixed model needs rows of people, and these are means over them")
    here = lined_up.complete[reading.word]
    word, value, person = reading.word[here], reading.value[here], reading.subject[here]
    text = reading.texts[word]
    _, place = np.unique(text, return_inverse=True)
    shared = independent(lined_up.shared[word])
    alone = None if protocol.subwords else left_out_marginal(shared, value, person, word, text)
    for held, added in lined_up.own:
        try:
            base = shared if alone is not None else independent(np.column_stack([shared, held[word]]))
            without = left_out_marginal(base, value, person, word, text) if alone is None else alone
            both, itself = independent(np.column_stack([base, added[word]])), added[word, 1 if protocol.ahead else 0]
            full = left_out_marginal(both, value, person, word, text, itself if np.ptp(itself) > 0 else None)
        except BrainlakeError as error:
            yield str(error)
        else:
            yield Gains((full - without)[place.ravel()], text, word)
