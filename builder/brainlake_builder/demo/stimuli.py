"""The demo's own texts as stimulus tables: sentences in topics, and stories word by word."""

from importlib.resources import files

import polars as pl

SENTENCES = "demo.sentences"
STORY = "demo.story"

_COLUMNS = ["stimulus_id", "position", "document_id", "separator", "group_id", "sentence_id", "text"]


def sentences() -> pl.DataFrame:
    """240 short sentences, ten on each of 24 topics; those of a topic follow from one another.

    Returns
    -------
    pl.DataFrame
        One row a sentence: stimulus_id (``bakery.03``), position (from 0 over the whole set), document_id and
        group_id (the topic), separator (put before the text inside its document), sentence_id, text.
    """
    table = _numbered(SENTENCES, "topic").with_columns(
        stimulus_id=pl.format("{}.{}", "document_id", pl.col("rank").cast(pl.String).str.zfill(2))
    )
    return table.with_columns(sentence_id=pl.col("stimulus_id"), text=pl.col("sentence")).select(_COLUMNS)


def story_words() -> pl.DataFrame:
    """Six short stories, word by word as a self-paced reader sees them (punctuation stays with its word).

    Returns
    -------
    pl.DataFrame
        One row a word: stimulus_id (``river.0017``), position (from 0 over the whole set), document_id and
        group_id (the story), separator, sentence_id (``river.02``), text.
    """
    lines = _numbered(STORY, "story").with_columns(
        sentence_id=pl.format("{}.{}", "document_id", pl.col("rank").cast(pl.String).str.zfill(2))
    )
    words = lines.select("document_id", "sentence_id", text=pl.col("sentence").str.split(" ")).explode("text")
    table = _place(words).with_columns(
        stimulus_id=pl.format("{}.{}", "document_id", pl.col("rank").cast(pl.String).str.zfill(4))
    )
    return table.select(_COLUMNS)


def _numbered(name: str, document: str) -> pl.DataFrame:
    source = files("brainlake_builder.demo").joinpath("texts", f"{name}.tsv").read_bytes()
    # The texts hold quotation marks, which here are only text.
    return _place(pl.read_csv(source, separator="\t", quote_char=None).rename({document: "document_id"}))


def _place(table: pl.DataFrame) -> pl.DataFrame:
    rank = pl.int_range(1, pl.len() + 1).over("document_id")
    return table.with_columns(
        position=pl.int_range(pl.len()),
        rank=rank,
        separator=pl.when(rank == 1).then(pl.lit("")).otherwise(pl.lit(" ")),
        group_id=pl.col("document_id"),
    )
