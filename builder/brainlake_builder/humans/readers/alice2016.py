"""Brennan et al. (2016): fMRI of 28 people who listened to the first chapter of Alice in Wonderland."""

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.ceilings import computed_ceilings
from brainlake_builder.humans.dataset import (
    HumanDataset,
    HumanTables,
    Paths,
    Subject,
    responses_and_targets,
    table_of,
)
from brainlake_builder.humans.readers.alice2016_files import SHA256
from brainlake_builder.humans.readers.alice2016_words import STIMULUS_SET, features_of, read_words, stimuli_of
from brainlake_builder.humans.source import RawFile

Float64 = npt.NDArray[np.float64]

N_SUBJECTS = 27
N_TRS, TR_S, N_DROPPED = 362, 2.0, 10
ROIS = ("LATL", "RATL", "LPTL", "LIPL", "LPreM", "LIFG")
MOTION = ("motion_x", "motion_y", "motion_z", "motion_pitch", "motion_roll", "motion_yaw")
N_DRIFTS = 3

_FMRI, _WORDS = "ec54039b6ac5ad7bf8c81b91768108e5be5c1ce0", "9b1523d4d4cc9ead4aafe245dda3bee8a4a89193"
_GITHUB = "https://raw.githubusercontent.com"
_FOLDER = "alice_fmri/alice_data_shared"

WORDS = RawFile(
    "alice_fmri/AliceChapterOne-EEG.csv",
    "sha256:84f31c59f46966c9f3be8215494de4e6af42fd3fb2e9be47d9a107725b84b381",
    f"{_GITHUB}/cgonsisk/IDL11785Project/{_WORDS}/PhonemesData/AliceChapterOne-EEG.csv",
)

CITATION = """@article{brennan2016abstract,
  title = {Abstract linguistic structure correlates with temporal activity during naturalistic comprehension},
  author = {Brennan, Jonathan R. and Stabler, Edward P. and Van Wagenen, Sarah E. and Luh, Wen-Ming and Hale, John T.},
  journal = {Brain and Language},
  volume = {157--158},
  pages = {81--94},
  year = {2016}
}
@article{brennan2019hierarchical,
  title = {Hierarchical structure guides rapid linguistic predictions during naturalistic listening},
  author = {Brennan, Jonathan R. and Hale, John T.},
  journal = {PLoS ONE},
  volume = {14},
  number = {1},
  pages = {e0207741},
  year = {2019}
}"""


def drifts(n: int) -> Float64:
    """Legendre polynomials of order 1 to ``N_DRIFTS`` over ``n`` scans, shape (n, N_DRIFTS)."""
    return np.asarray(np.polynomial.legendre.legvander(np.linspace(-1, 1, n), N_DRIFTS)[:, 1:])


def _build(benchmark: str, radius: str, paths: Paths) -> HumanTables:
    words = read_words(paths[WORDS.name])
    names = sorted(name.split("/")[1][:3] for name in SHA256 if name.startswith(radius))
    subjects, nuisance, notes = [], [], []
    rows = [f"tr{k:03d}" for k in range(N_TRS)]
    for name in names:
        series = _read(paths, f"{radius}/{name}-timecourses.txt", (N_TRS, len(ROIS)))
        if (series.std(0) == 0).any():
            notes.append(f"{benchmark}: {name} is left out: its time courses are constant")
            continue
        subjects.append(Subject(name, series.astype(np.float32), ROIS, ROIS))
        nuisance.append(_nuisance(benchmark, name, rows, paths))
    if len(subjects) != N_SUBJECTS:
        raise BrainlakeError(f"{benchmark}: {len(subjects)} participants can be used, not {N_SUBJECTS}")
    times = [TR_S * k for k in range(N_TRS)]
    recordings = responses_and_targets(benchmark, STIMULUS_SET, rows, subjects, run="1", time_s=times)
    recordings["nuisance"] = pa.concat_tables(nuisance)
    stimuli = {STIMULUS_SET: stimuli_of(words)}
    ceilings = computed_ceilings(benchmark, recordings, stimuli, "tr")
    recordings["ceilings"] = ceilings.rows
    features = {(STIMULUS_SET, "brennan2019"): features_of(words)}
    return HumanTables(stimuli, recordings, features, (*notes, *ceilings.why_not))


def _read(paths: Paths, name: str, shape: tuple[int, ...]) -> Float64:
    path = paths[f"{_FOLDER}/{name}"]
    values = np.loadtxt(path)
    if values.shape != shape:
        raise BrainlakeError(f"{path} holds an array of shape {values.shape}, not {shape}")
    return values


def _nuisance(benchmark: str, subject: str, rows: list[str], paths: Paths) -> pa.Table:
    motion = next(name for name in SHA256 if name.startswith(f"{subject}-rp"))
    # The first ten volumes were discarded from the time courses, but not from the motion files.
    columns = dict(zip(MOTION, _read(paths, motion, (N_TRS + N_DROPPED, 6))[N_DROPPED:].T, strict=True))
    columns["sound_power"] = _read(paths, f"{subject}-sndpwr.txt", (N_TRS,))
    columns["word_rate"] = _read(paths, f"{subject}-rate.txt", (N_TRS,))
    columns |= {f"drift_{k + 1}": values for k, values in enumerate(drifts(N_TRS).T)}
    return table_of(
        "nuisance",
        N_TRS * len(columns),
        benchmark=benchmark,
        subject=subject,
        run="1",
        row_id=rows * len(columns),
        name=[name for name in columns for _ in rows],
        value=np.concatenate(list(columns.values())),
    )


def _dataset(benchmark: str, radius: str) -> HumanDataset:
    fmri = f"{_GITHUB}/daandouwe/Thesis/{_FMRI}/brain-data/syntax-in-rnng/alice_data_shared"
    read = [name for name in SHA256 if "/" not in name or name.startswith(radius)]
    return HumanDataset(
        benchmark=benchmark,
        stimulus_sets=(STIMULUS_SET,),
        files=(WORDS, *(RawFile(f"{_FOLDER}/{n}", f"sha256:{SHA256[n]}", f"{fmri}/{n}") for n in read)),
        citation=CITATION,
        licence="CC BY 4.0 (fMRI); the word table CC BY 4.0 as released, not restated where it was found",
        redistributable=True,
        origin=f"https://github.com/daandouwe/Thesis/tree/{_FMRI}/brain-data/syntax-in-rnng/alice_data_shared",
        build=partial(_build, benchmark, radius),
        modality="fmri",
        what="BOLD of six regions while people listened to the first chapter of Alice in Wonderland",
        size="2,106 words, 362 scans of 2 s, 27 people",
        use="a heard story in scans, with nuisance regressors and ceilings",
        unit="tr",
        tr_s=TR_S,
        response_shift_s=0.0,
        default_folds="grouped",
    )


DATASETS = (_dataset("alice2016", "10mm"), _dataset("alice2016.6mm", "6mm"))
