"""Word frequency of the stimuli, from wordfreq or from a table of the user's, as a stimulus feature."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from brainlake.bank.catalogue import Bank, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.layout import check_name
from brainlake.contract.schema import STIMULUS_FEATURES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.files import sha256_file
from brainlake_builder.tables.writer import write_table

NAME: Final = "log_frequency"
VALUES: Final = ("log_frequency", "frequency", "count")
"""Columns of a table of frequencies: the first is taken as it stands, of the others the natural logarithm."""
_AROUND: Final = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True)
class Frequencies:
    """Where log frequencies come from.

    Attributes
    ----------
    source
        Name of the source, in the bank and in every score that rests on it.
    of
        Log frequency of a word, or None if the source does not have it.
    licence
        Licence of the list, where it is known.
    file
        Table that it was read from.
    """

    source: str
    of: Callable[[str], float | None]
    licence: str | None = None
    file: Path | None = None


def word_of(text: str) -> str:
    """A word as frequency lists have it: lower case, no punctuation around it, accents composed.

    Examples
    --------
    >>> word_of('"Mill-owners,"')
    'mill-owners'
    """
    return _AROUND.sub("", unicodedata.normalize("NFC", text).lower())


def from_wordfreq(language: str = "en") -> Frequencies:
    """Zipf frequencies (log10 of occurrences in a billion words) of the package wordfreq (Speer, 2022).

    A word that it does not know has Zipf 0, less than once in a billion, as wordfreq itself counts it.

    Raises
    ------
    BrainlakeError
        If the package is not there, or does not have the language.
    """
    try:
        from importlib.metadata import version

        import wordfreq
    except ModuleNotFoundError:
        raise BrainlakeError(
            'frequencies need the package wordfreq (`pip install "brainlake[frequency]"`) or a table of yours (--table)'
        ) from None
    if language not in wordfreq.available_languages():
        raise BrainlakeError(
            f"wordfreq has no language {language!r}; it has {', '.join(wordfreq.available_languages())}"
        )
    source = f"wordfreq-{version('wordfreq')}-{language}"
    return Frequencies(source, lambda text: float(wordfreq.zipf_frequency(text, language)), "CC BY-SA 4.0")


def from_table(path: Path, source: str | None = None) -> Frequencies:
    """Frequencies of a table with the columns ``word`` and ``log_frequency``, ``frequency`` or ``count``.

    Words are compared in lower case and without punctuation around them; counts and frequencies of words that become
    the same are added up.

    Raises
    ------
    BrainlakeError
        If the table cannot be read, lacks a column, or has a number that is none; or gives a log frequency twice.
    """
    rows = _read(path)
    column = next((name for name in VALUES if name in rows.columns), None)
    if "word" not in rows.columns or column is None:
        raise BrainlakeError(
            f"{path} has columns {', '.join(rows.columns)}: it needs a header with word and one of {', '.join(VALUES)}"
        )
    numbers = rows[column].cast(pl.Float64, strict=False)
    wrong = ~numbers.is_finite().fill_null(False) | (pl.Series(numbers) < 0 if column != NAME else False)
    if wrong.any():
        row = int(wrong.arg_true()[0])
        raise BrainlakeError(f"{path}: {rows[column][row]!r} in column {column}, row {row + 1}, is no {column}")
    words = pl.DataFrame({"word": [word_of(word or "") for word in rows["word"]], "value": numbers})
    if column == NAME:
        twice = words.filter(pl.col("word").is_duplicated())
        if len(twice):
            raise BrainlakeError(f"{path} gives {twice['word'][0]!r} two log frequencies; give counts or frequencies")
        known = dict(words.iter_rows())
    else:
        sums = words.group_by("word").agg(pl.col("value").sum()).filter(pl.col("value") > 0)
        known = {word: math.log(value) for word, value in sums.iter_rows()}
    known.pop("", None)
    return Frequencies(check_name("source", source or path.stem), lambda text: known.get(word_of(text)), file=path)


def from_texts(source: str, texts: Iterable[str]) -> Frequencies:
    """Log counts (natural logarithm) of the words of texts."""
    counts = Counter(word_of(word) for text in texts for word in text.split())
    known = {word: math.log(count) for word, count in counts.items()}
    return Frequencies(source, lambda text: known.get(word_of(text)))


def build_frequency(
    bank: Path, frequencies: Frequencies, stimulus_sets: Sequence[str] | None = None
) -> list[tuple[Sidecar, list[str]]]:
    """Write the log frequency of every item of stimulus sets.

    Parameters
    ----------
    bank
        Folder of the bank.
    frequencies
        :func:`from_wordfreq` or :func:`from_table`.
    stimulus_sets
        Which; by default those with reading times.

    Returns
    -------
    Of every set the sidecar, and the words that the source does not have: their value is null.

    Raises
    ------
    UnknownNameError
        If the bank has no such stimulus set.
    BrainlakeError
        If no set has reading times, or the source has none of the words of a set.
    """
    opened = open_bank(bank)
    written = []
    for name in _sets(opened, bank) if stimulus_sets is None else dict.fromkeys(stimulus_sets):
        stimuli = opened.stimuli(name)
        values = [frequencies.of(text) for text in stimuli["text"]]
        missing = [text for text, value in zip(stimuli["text"], values, strict=True) if value is None]
        if len(missing) == len(values):
            raise BrainlakeError(f"{frequencies.source} has none of the words of {name}: nothing was written for it")
        rows = {
            "stimulus_set": [name] * len(values),
            "stimulus_id": stimuli["stimulus_id"].to_list(),
            "name": [NAME] * len(values),
            "value": values,
            "source": [frequencies.source] * len(values),
        }
        file = frequencies.file
        sources = [{"file": file.name, "url": None, "sha256": sha256_file(file)}] if file else []
        facts = {"stimulus_set": name, "sources": sources, "licence": frequencies.licence}
        table = pa.Table.from_pydict(rows, schema=STIMULUS_FEATURES)
        written.append(
            (write_table(bank, "stimulus_features", f"{name}/{frequencies.source}", table, **facts), missing)
        )
    rebuild_manifest(bank)
    return written


def _sets(opened: Bank, bank: Path) -> list[str]:
    found = opened.sql("select distinct stimulus_set from reading_times order by 1")["stimulus_set"].to_list()
    if not found:
        raise BrainlakeError(f"{bank} has no reading times: name the stimulus sets (--stimuli)")
    return found


def _read(path: Path) -> pl.DataFrame:
    """All columns as text; words such as "null" stay words."""
    if not path.is_file():
        raise BrainlakeError(f"there is no table at {path}")
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path).with_columns(pl.all().cast(pl.String))
        separator = "," if path.suffix == ".csv" else "\t"
        return pl.read_csv(path, separator=separator, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BrainlakeError(f"{path} cannot be read as a table: {error}") from None
