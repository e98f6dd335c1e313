"""One measure of people reading: a value a word, of each person or as means over them, and the words around."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from brainlake.encoding.arrays import FloatArray, IntArray

KEY: Final = ["stimulus_set", "stimulus_id"]
SKIP_RATE: Final = "skip_rate("
"""How the name of a measure begins that was made from the skips of another."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One measure of one benchmark.

    Attributes
    ----------
    benchmark, measure, unit
        What was measured, and in what.
    stimulus_set
        Where; None if several sets are pooled.
    stimuli
        All n words of the sets in reading order, those without a value too: they are neighbours of others.
    word
        Place in ``stimuli`` of every value, shape (m,).
    value
        Shape (m,), in the unit.
    subject
        Who read, shape (m,); None for means over people.
    whole
        Whether these are all sets on which it was measured.
    """

    benchmark: str
    measure: str
    unit: str
    stimulus_set: str | None
    stimuli: pl.DataFrame
    word: IntArray
    value: FloatArray
    subject: np.ndarray[tuple[int], np.dtype[np.str_]] | None
    whole: bool = True

    @property
    def is_skip_rate(self) -> bool:
        """Whether it was made from the skips of another measure."""
        return self.measure.startswith(SKIP_RATE)

    @property
    def sets(self) -> list[str]:
        """Stimulus sets of the words."""
        return self.stimuli["stimulus_set"].unique(maintain_order=True).to_list()

    @property
    def people(self) -> list[str]:
        """Names of who read; none for means."""
        return [] if self.subject is None else np.unique(self.subject).tolist()

    @property
    def texts(self) -> IntArray:
        """Text of every word of ``stimuli`` as a number: its group (story), or its document where there are none."""
        return _codes(self.stimuli, "stimulus_set", self._text_column)

    def text_of(self, word: int) -> tuple[str, str]:
        """Stimulus set and name of the text that a word of ``stimuli`` stands in."""
        row = self.stimuli.row(int(word), named=True)
        return row["stimulus_set"], row[self._text_column]

    @property
    def _text_column(self) -> str:
        return "document_id" if self.stimuli["group_id"].null_count() else "group_id"

    @property
    def documents(self) -> IntArray:
        """Document of every word as a number: neighbours are sought inside it."""
        return _codes(self.stimuli, "stimulus_set", "document_id")

    @property
    def units(self) -> tuple[IntArray, str]:
        """What is drawn whole for an interval, of every word of ``stimuli``, and what to call it."""
        if self.stimuli["group_id"].null_count():
            return np.arange(len(self.stimuli)), "words"
        return self.texts, "groups"

    def of(self, person: str) -> "Reading":
        """What one person did."""
        assert self.subject is not None
        return self.keep(self.subject == person)

    def keep(self, values: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> "Reading":
        """The same with some of the values."""
        subject = None if self.subject is None else self.subject[values]
        return replace(self, word=self.word[values], value=self.value[values], subject=subject)

    def means(self, centred: bool = True) -> "Reading":
        """Means over people of every word that anybody read; of means themselves the same again.

        Parameters
        ----------
        centred
            Take out first how far each person's mean lies from the mean of all values: where readers of different
            speed read different words, plain means would compare the readers.
        """
        if self.subject is None:
            return self
        value = self.value
        if centred:
            person = np.unique(self.subject, return_inverse=True)[1].ravel()
            value = value - (np.bincount(person, value) / np.bincount(person))[person] + value.mean()
        word, place = np.unique(self.word, return_inverse=True)
        mean = np.bincount(place.ravel(), value) / np.bincount(place.ravel())
        return replace(self, word=word.astype(np.intp), value=mean, subject=None)


def _codes(stimuli: pl.DataFrame, *columns: str) -> IntArray:
    return stimuli.select(pl.struct(columns).rank("dense")).to_series().to_numpy().astype(np.intp) - 1
