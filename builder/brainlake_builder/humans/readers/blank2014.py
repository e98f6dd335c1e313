"""Blank et al. (2014): fMRI of five people who listened to eight of the Natural Stories."""

import pyarrow as pa

import brainlake_builder.humans.readers.naturalstories as naturalstories
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.assembly import Assembly, assembly_file, read_assembly
from brainlake_builder.humans.ceilings import extrapolated_response
from brainlake_builder.humans.dataset import HumanDataset, HumanTables, Paths, responses_and_targets, table_of

BENCHMARK = "blank2014"
N_TRS, N_REGIONS, N_SUBJECTS = 1_317, 60, 5
STORIES = {
    "Aqua": 2,
    "Boar": 1,
    "Elvis": 5,
    "HighSchool": 7,
    "KingOfBirds": 4,
    "MatchstickSeller": 3,
    "MrSticky": 6,
    "Tulips": 9,
}
"""Item of the Natural Stories corpus behind every story, in the order of the assembly."""

ASSEMBLY = assembly_file("assy_Blank2014_fROI.nc", "af1e868821b897cb1684e4c8dcd33977121ef552")

CITATION = """@article{blank2014functional,
  title = {A functional dissociation between language and multiple-demand systems revealed in patterns of {BOLD}
           signal fluctuations},
  author = {Blank, Idan and Kanwisher, Nancy and Fedorenko, Evelina},
  journal = {Journal of Neurophysiology},
  volume = {112},
  number = {5},
  pages = {1105--1118},
  year = {2014}
}"""


def read_stories(assembly: Assembly, words: dict[int, list[str]]) -> pa.Table:
    """Stimuli of the assembly, after its text was found to be that of the stories, chunk after chunk.

    Parameters
    ----------
    assembly
        With the presentation coordinates ``stimulus_id``, ``stimulus``, ``story`` and ``sentence_number_in_story``.
    words
        Words of every story of the corpus, by item. A chunk's trailing space is part of it: the chunks of a story
        run together are its words joined by spaces.

    Raises
    ------
    BrainlakeError
        If stories are missing or mixed, or rows are permuted or stripped.
    """
    n = len(assembly.values)
    stories = [str(name) for name in assembly.presentation["story"]]
    chunks = [str(text) for text in assembly.presentation["stimulus"]]
    order = [story for story, last in zip(stories, ["", *stories], strict=False) if story != last]
    if order != list(STORIES):
        raise BrainlakeError(f"{assembly.path}: its stories come as {', '.join(order)}, not as {', '.join(STORIES)}")
    for story, item in STORIES.items():
        text, read = " ".join(words[item]), ""
        for row in (i for i in range(n) if stories[i] == story):
            if not text.startswith(chunks[row], len(read)):
                raise BrainlakeError(
                    f"{assembly.path}: presentation {row + 1}, {chunks[row]!r}, is not how {story} goes on after "
                    f"{read[-20:]!r}; rows are permuted, or spaces were stripped"
                )
            read += chunks[row]
        if read != text:
            raise BrainlakeError(f"{assembly.path}: {story} ends with {read[-20:]!r}; rows are missing")
    sentences = assembly.presentation["sentence_number_in_story"]
    return table_of(
        "stimuli",
        n,
        stimulus_set=BENCHMARK,
        stimulus_id=[str(name) for name in assembly.presentation["stimulus_id"]],
        position=range(n),
        document_id=stories,
        separator="",  # a chunk brings its space along
        context_id=stories,
        group_id=stories,
        sentence_id=[f"{story}.{number}" for story, number in zip(stories, sentences, strict=True)],
        text=chunks,
    )


def _build(paths: Paths) -> HumanTables:
    assembly = read_assembly(
        paths[ASSEMBLY.name],
        ("stimulus_id", "stimulus", "story", "sentence_number_in_story"),
        ("subject_id", "fROI_area", "neuroid_id"),
    )
    assembly.expect("presentations", len(assembly.values), N_TRS)
    assembly.expect("regions", assembly.values.shape[1], N_REGIONS)
    stimuli = read_stories(assembly, naturalstories.read_stories(paths[naturalstories.WORDS.name]))
    subjects = assembly.subjects("subject_id", "neuroid_id", "fROI_area")
    assembly.expect("subjects", len(subjects), N_SUBJECTS)
    ids = stimuli.column("stimulus_id").to_pylist()
    recordings = responses_and_targets(BENCHMARK, BENCHMARK, ids, subjects)
    published = table_of(
        "ceilings",
        2,
        benchmark=BENCHMARK,
        protocol=["aw2024", "grouped"],
        folds=["shuffled", "grouped"],
        method=[
            "extrapolation over subjects, least squares on shuffled splits (published constant)",
            "extrapolation over subjects, ridge on folds of stories (published constant)",
        ],
        scale="max_r",
        value=[0.21026591, 0.1446],
        source=["Brain-Score Language, Blank2014-linear", "Brain-Score Language, commit 6650678"],
    )
    recordings["ceilings"] = pa.concat_tables([published, extrapolated_response(BENCHMARK, subjects)])
    return HumanTables({BENCHMARK: stimuli}, recordings)


DATASETS = (
    HumanDataset(
        benchmark=BENCHMARK,
        stimulus_sets=(BENCHMARK,),
        files=(ASSEMBLY, naturalstories.WORDS),
        citation=CITATION,
        licence="none stated for the responses; text CC BY-NC-SA 4.0",
        redistributable=False,
        origin="https://github.com/brain-score/language (Blank2014.fROI)",
        build=_build,
        modality="fmri",
        what="BOLD of 60 regions while people listened to eight of the Natural Stories",
        size="1,317 scans, 5 people",
        use="one third of aw2024.brain",
        unit="stimulus",
        tr_s=2.0,
        response_shift_s=4.0,
        default_folds="grouped",
    ),
)
