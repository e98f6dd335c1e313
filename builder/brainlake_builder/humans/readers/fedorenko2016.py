"""Fedorenko et al. (2016): ECoG of five people who read 52 sentences of eight words."""

import pyarrow as pa

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.assembly import Assembly, assembly_file, read_assembly
from brainlake_builder.humans.ceilings import extrapolated_response
from brainlake_builder.humans.dataset import HumanDataset, HumanTables, Paths, responses_and_targets, spaced, table_of

BENCHMARK = "fedorenko2016"
N_SENTENCES, N_WORDS, N_ELECTRODES, N_SUBJECTS = 52, 8, 97, 5

ASSEMBLY = assembly_file("assy_Fedorenko2016_language.nc", "2966b6d78e972a72068aa6907377483f427e8d9a")

CITATION = """@article{fedorenko2016neural,
  title = {Neural correlate of the construction of sentence meaning},
  author = {Fedorenko, Evelina and Scott, Terri L. and Brunner, Peter and Coon, William G. and Pritchett, Brianna and
            Schalk, Gerwin and Kanwisher, Nancy},
  journal = {Proceedings of the National Academy of Sciences},
  volume = {113},
  number = {41},
  pages = {E6256--E6262},
  year = {2016}
}"""


def _build(paths: Paths) -> HumanTables:
    assembly = read_assembly(
        paths[ASSEMBLY.name],
        ("stimulus_id", "stimulus", "sentence_id", "word_num"),
        ("subject_UID", "neuroid_id"),
    )
    assembly.expect("presentations", len(assembly.values), N_SENTENCES * N_WORDS)
    assembly.expect("electrodes", assembly.values.shape[1], N_ELECTRODES)
    stimuli = _stimuli(assembly)
    subjects = assembly.subjects("subject_UID", "neuroid_id")
    assembly.expect("subjects", len(subjects), N_SUBJECTS)
    ids = stimuli.column("stimulus_id").to_pylist()
    recordings = responses_and_targets(BENCHMARK, BENCHMARK, ids, subjects)
    # Brain-Score computes this ceiling when it loads the benchmark, and publishes no constant.
    recordings["ceilings"] = extrapolated_response(BENCHMARK, subjects)
    return HumanTables({BENCHMARK: stimuli}, recordings)


def _stimuli(assembly: Assembly) -> pa.Table:
    n = len(assembly.values)
    sentences = [int(number) for number in assembly.presentation["sentence_id"]]
    words = [int(number) for number in assembly.presentation["word_num"]]
    for row in range(n):
        if (sentences[row], words[row]) != divmod(row, N_WORDS):
            raise BrainlakeError(
                f"{assembly.path}: presentation {row + 1} is word {words[row]} of sentence {sentences[row]}, not "
                f"word {row % N_WORDS} of sentence {row // N_WORDS}; rows are permuted"
            )
    labels = [str(number) for number in sentences]
    return table_of(
        "stimuli",
        n,
        stimulus_set=BENCHMARK,
        stimulus_id=[str(name) for name in assembly.presentation["stimulus_id"]],
        position=range(n),
        document_id=labels,
        separator=spaced(labels),
        context_id=labels,
        group_id=labels,
        sentence_id=labels,
        text=[str(word) for word in assembly.presentation["stimulus"]],
    )


DATASETS = (
    HumanDataset(
        benchmark=BENCHMARK,
        stimulus_sets=(BENCHMARK,),
        files=(ASSEMBLY,),
        citation=CITATION,
        licence="none stated",
        redistributable=False,
        origin="https://github.com/brain-score/language (Fedorenko2016.language)",
        build=_build,
        modality="ecog",
        what="High-gamma power of electrodes in the brain while people read sentences word by word",
        size="52 sentences of 8 words, 97 electrodes, 5 people",
        use="words in short sentences, without haemodynamics",
        unit="stimulus",
        default_folds="grouped",
    ),
)
