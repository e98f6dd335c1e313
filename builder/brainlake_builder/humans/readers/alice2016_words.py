"""The words of the Alice chapter: when they were heard, and what is known of each."""

from pathlib import Path

import polars as pl
import pyarrow as pa

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.dataset import spaced, table_of
from brainlake_builder.humans.raw_table import expect, read_columns

STIMULUS_SET = "alice2016"
N_WORDS, N_SEGMENTS, N_SENTENCES = 2_106, 12, 84
PAUSE_S = 0.5
"""Silence between the audio segments; a story clock built with it reproduces the word rate of the release."""

_FEATURES = {
    "LogFreq": "log_frequency",
    "Length": "duration_s",
    "SndPower": "sound_power",
    "Position": "position_in_sentence",
    "IsLexical": "is_lexical",
    "NGRAM": "surprisal_ngram",
    "RNN": "surprisal_rnn",
    "CFG": "surprisal_cfg",
}


def read_words(path: Path) -> pl.DataFrame:
    """Read the word table, with ids; refuse one of other columns or counts."""
    columns = {"Word": pl.String, "Segment": pl.Int64, "onset": pl.Float64, "offset": pl.Float64, "Sentence": pl.Int64}
    words = read_columns(path, columns | {name: pl.String for name in _FEATURES if name not in columns})
    expect(path, "words", words.height, N_WORDS)
    expect(path, "segments", words["Segment"].n_unique(), N_SEGMENTS)
    expect(path, "sentences", words["Sentence"].n_unique(), N_SENTENCES)
    order = words.select("Segment", "onset")
    if not order.equals(order.sort("Segment", "onset", maintain_order=True)):
        raise BrainlakeError(f"{path}: its words are not in the order of segments and onsets; rows are permuted")
    return words.with_columns(stimulus_id=pl.int_range(1, N_WORDS + 1).cast(pl.String).str.zfill(4))


def story_clock(words: pl.DataFrame) -> tuple[list[float], list[float]]:
    """Onset and offset of every word since the story began (s), from times that restart in every audio segment.

    A segment starts ``PAUSE_S`` after the last word of the one before has ended.
    """
    ends = words.group_by("Segment", maintain_order=True).agg(pl.col("offset").max() + PAUSE_S)
    starts = ends.select("Segment", start=pl.col("offset").cum_sum().shift(1, fill_value=0.0))
    clock = words.join(starts, on="Segment", maintain_order="left")
    return (clock["onset"] + clock["start"]).to_list(), (clock["offset"] + clock["start"]).to_list()


def stimuli_of(words: pl.DataFrame) -> pa.Table:
    """Words as stimuli: one document, the audio segments as groups."""
    onsets, offsets = story_clock(words)
    return table_of(
        "stimuli",
        N_WORDS,
        stimulus_set=STIMULUS_SET,
        stimulus_id=words["stimulus_id"].to_list(),
        position=range(N_WORDS),
        document_id="chapter1",
        separator=spaced(["chapter1"] * N_WORDS),
        context_id="chapter1",
        group_id=words["Segment"].cast(pl.String).to_list(),
        sentence_id=words["Sentence"].cast(pl.String).to_list(),
        text=words["Word"].to_list(),
        onset_s=onsets,
        offset_s=offsets,
    )


def features_of(words: pl.DataFrame) -> pa.Table:
    """What the word table says of every word; a cell without a number is left out."""
    values = words.select("stimulus_id", *(pl.col(c).cast(pl.Float64, strict=False) for c in _FEATURES))
    long = values.rename(_FEATURES).unpivot(index="stimulus_id", variable_name="name").drop_nulls().drop_nans()
    return table_of(
        "stimulus_features",
        long.height,
        stimulus_set=STIMULUS_SET,
        stimulus_id=long["stimulus_id"].to_list(),
        name=long["name"].to_list(),
        value=long["value"].to_list(),
        source="Brennan and Hale (2019), AliceChapterOne-EEG.csv",
    )
