"""Natural Stories (Futrell et al., 2021): self-paced reading of ten stories, in three readings of its word table.

``futrell2018`` is what Brain-Score holds (commit d5cbe5a), ``futrell2018.2021`` the later word table, in which
story 3 was repaired, and ``futrell2018.realigned`` that table with each time moved to the next word.
"""

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.ceilings import computed_ceilings
from brainlake_builder.humans.dataset import HumanDataset, HumanTables, Paths, spaced, table_of
from brainlake_builder.humans.raw_table import expect, read_columns
from brainlake_builder.humans.source import RawFile

Float64 = npt.NDArray[np.float64]

STIMULUS_SET = "futrell2018"
N_WORDS, N_SENTENCES, N_STORIES = 10_256, 481, 10
PUBLISHED_CEILING = 0.85804302

_REPOSITORY = "https://raw.githubusercontent.com/languageMIT/naturalstories"
_D5CBE5A, _4700DAA = "d5cbe5aa3758d551d0c51ca8fc44bde973f0836f", "4700daad696e942f5aba23c957a7423d0de66612"
_FOLDER = "naturalstories_RTS"

WORDS = RawFile(
    f"naturalstories/{_FOLDER}/all_stories.tok",
    "sha256:0e4e9bd4708aaa01d8bea342696bb83cedff679c09184545483f6f3f4ba8aca3",
    f"{_REPOSITORY}/{_4700DAA}/{_FOLDER}/all_stories.tok",
)
TIMES_2016 = RawFile(
    f"naturalstories/{_FOLDER}/d5cbe5a/processed_wordinfo.tsv",
    "sha256:2feb6bf378d6e77d16626f5cb8bdc6f7deda9672ef2c927f2c79fe00c1106195",
    f"{_REPOSITORY}/{_D5CBE5A}/{_FOLDER}/processed_wordinfo.tsv",
)
TIMES_2021 = RawFile(
    f"naturalstories/{_FOLDER}/processed_wordinfo.tsv",
    "sha256:047d2a0b84eff99d90535d1517f7fa7d466b81fbd60e990f2f08caac04d8aa56",
    f"{_REPOSITORY}/{_4700DAA}/{_FOLDER}/processed_wordinfo.tsv",
)

CITATION = """@article{futrell2021natural,
  title = {The Natural Stories corpus: a reading-time corpus of English texts containing rare syntactic constructions},
  author = {Futrell, Richard and Gibson, Edward and Tily, Harry J. and Blank, Idan and Vishnevetsky, Anastasia and
            Piantadosi, Steven T. and Fedorenko, Evelina},
  journal = {Language Resources and Evaluation},
  volume = {55},
  number = {1},
  pages = {63--77},
  year = {2021}
}"""

_SENTENCE_ENDS = (".", "?", "!", ".'", "?'", "!'", ";'")


def sentence_numbers(words: list[str]) -> list[int]:
    """Sentence of every word, from 1, by the rule of Brain-Score's Futrell2018.

    A sentence ends after a word that ends in ``. ? !``, one of these or ``;`` followed by a single quote, unless
    the next word is in lower case or the word is "Mr.". The count runs on from one story to the next.
    """
    numbers, number = [], 1
    for word, following in zip(words, [*words[1:], ""], strict=True):
        numbers.append(number)
        if word.endswith(_SENTENCE_ENDS) and word != "Mr." and not following.islower():
            number += 1
    return numbers


def read_stories(path: Path) -> dict[int, list[str]]:
    """Words of every story, by item."""
    words = _read_words(path)
    return {int(item): part["word"].to_list() for (item,), part in words.group_by("item", maintain_order=True)}


def _build(benchmark: str, times: RawFile, shift: int, paths: Paths) -> HumanTables:
    words = _read_words(paths[WORDS.name])
    measured_words = _read_times(paths[times.name])
    expect(paths[times.name], "words", measured_words.height, N_WORDS)
    reading = words.join(measured_words, on=("item", "zone"), how="left", maintain_order="left")
    if reading["value"].null_count() or not reading["word"].equals(reading["timed_word"]):
        raise BrainlakeError(f"{paths[times.name]}: its words are not those of {WORDS.name}; restore both files")
    measured = ("value", "sd", "n_subjects")
    reading = reading.with_columns(pl.col(measured).shift(shift).over("item"))
    # The first word of a story, for which realignment leaves no time, is the first of its sentence too.
    scored = ~reading["sentence_id"].is_first_distinct()
    reading_times = table_of(
        "reading_times",
        N_WORDS,
        benchmark=benchmark,
        stimulus_set=STIMULUS_SET,
        stimulus_id=reading["stimulus_id"].to_list(),
        measure="self_paced_rt",
        unit="ms",
        value=reading["value"].to_list(),
        sd=reading["sd"].to_list(),
        n_subjects=reading["n_subjects"].to_list(),
        skipped=False,
        scored=scored.to_list(),
        why_not_scored=[None if word else "first word of its sentence" for word in scored],
    )
    stimuli = {STIMULUS_SET: _stimuli(words)}
    ceilings = computed_ceilings(benchmark, {"reading_times": reading_times}, stimuli, None).rows
    if benchmark == "futrell2018":
        ceilings = pa.concat_tables([_published(benchmark), ceilings])
    return HumanTables(stimuli, {"reading_times": reading_times, "ceilings": ceilings})


def _published(benchmark: str) -> pa.Table:
    return table_of(
        "ceilings",
        1,
        benchmark=benchmark,
        method="split halves of readers, Spearman-Brown, median of 10 splits (published constant)",
        scale="reliability",
        value=PUBLISHED_CEILING,
        source="Brain-Score Language, benchmark Futrell2018-pearsonr",
    )


def _read_words(path: Path) -> pl.DataFrame:
    columns = {"word": pl.String, "zone": pl.Int64, "item": pl.Int64}
    words = read_columns(path, columns, "\t", quote=None).sort("item", "zone")
    expect(path, "words", words.height, N_WORDS)
    expect(path, "stories", words["item"].n_unique(), N_STORIES)
    numbers = sentence_numbers(words["word"].to_list())
    expect(path, "sentences", numbers[-1], N_SENTENCES)
    return words.with_columns(
        pl.Series("sentence_id", numbers),
        stimulus_id=pl.format("{}.{}", "item", pl.col("zone").cast(pl.String).str.zfill(4)),
    )


def _read_times(path: Path) -> pl.DataFrame:
    columns = {"word": pl.String, "zone": pl.Int64, "item": pl.Int64, "nItem": pl.Int64} | dict.fromkeys(
        ("meanItemRT", "sdItemRT"), pl.Float64
    )
    names = {"word": "timed_word", "meanItemRT": "value", "sdItemRT": "sd", "nItem": "n_subjects"}
    return read_columns(path, columns, "\t", quote=None).rename(names)


def _stimuli(words: pl.DataFrame) -> pa.Table:
    stories = words["item"].cast(pl.String).to_list()
    return table_of(
        "stimuli",
        N_WORDS,
        stimulus_set=STIMULUS_SET,
        stimulus_id=words["stimulus_id"].to_list(),
        position=range(N_WORDS),
        document_id=stories,
        separator=spaced(stories),
        context_id=STIMULUS_SET,  # Brain-Score feeds the ten stories as one text and never resets
        group_id=stories,
        sentence_id=words["sentence_id"].cast(pl.String).to_list(),
        text=words["word"].to_list(),
    )


def _dataset(benchmark: str, times: RawFile, commit: str, use: str, shift: int = 0) -> HumanDataset:
    return HumanDataset(
        benchmark=benchmark,
        stimulus_sets=(STIMULUS_SET,),
        files=(WORDS, times),
        citation=CITATION,
        licence="CC BY-NC-SA 4.0",
        redistributable=True,
        origin=f"https://github.com/languageMIT/naturalstories/tree/{commit}/{_FOLDER}",
        build=partial(_build, benchmark, times, shift),
        modality="self-paced reading",
        what="Times of every word of ten stories that people read at their own pace, means over people",
        size=f"{N_WORDS:,} words, {N_SENTENCES} sentences, {N_STORIES} stories",
        use=use,
        default_folds="grouped",
    )


DATASETS = (
    _dataset("futrell2018", TIMES_2016, _D5CBE5A, "what Brain-Score scores"),
    _dataset("futrell2018.2021", TIMES_2021, _4700DAA, "the later word table, in which story 3 was repaired"),
    _dataset("futrell2018.realigned", TIMES_2021, _4700DAA, "that table, each time moved to the next word", shift=1),
)
