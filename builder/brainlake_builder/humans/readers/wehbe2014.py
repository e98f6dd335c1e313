"""Wehbe et al. (2014): fMRI of eight people who read chapter 9 of a novel, one word every half second."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from brainlake.encoding.resample import tr_of_words
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.dataset import (
    HumanDataset,
    HumanTables,
    Paths,
    Subject,
    responses_and_targets,
    spaced,
    table_of,
)
from brainlake_builder.humans.source import RawFile

BENCHMARK = "wehbe2014"
SUBJECTS = ("F", "H", "I", "J", "K", "L", "M", "N")
ROIS = ("PostTemp", "AntTemp", "AngularG", "IFG", "MFG", "IFGorb", "pCingulate", "dmpfc")
N_WORDS, N_TRS, N_RUNS, TR_S, WORD_S = 5_176, 1_351, 4, 2.0, 0.5
N_FIRST, N_LAST = 20, 15
"""TRs that the release has cut from the beginning and the end of every run."""
PUBLISHED_CEILING = 0.104

_REPOSITORY = "https://raw.githubusercontent.com/awwkl/brain_language_summarization"
_COMMIT = "f341823d2c3383a48e5b703ceb95607d99b41424"

WORDS = RawFile(
    "stimuli_words.npy",
    "sha256:b15a4a36be9c3cdc2261da602f0630c7dbadf163d445b0dfd307baf32503ea70",
    f"{_REPOSITORY}/{_COMMIT}/data/stimuli_words.npy",
)
MASKS = RawFile(
    "HP_subj_roi_inds.npy",
    "sha256:6eb53cf484ed06f3f252af260bd12ab08df0b1a669cbd59a34271b49d4faeeff",
    f"{_REPOSITORY}/{_COMMIT}/data/HP_subj_roi_inds.npy",
)
TIMES, RUNS, WORD_TIMES = (RawFile(f"fMRI/{name}_fmri.npy") for name in ("time", "runs", "time_words"))
RESPONSES = {subject: RawFile(f"fMRI/data_subject_{subject}.npy") for subject in SUBJECTS}

CITATION = """@article{wehbe2014simultaneously,
  title = {Simultaneously uncovering the patterns of brain regions involved in different story reading subprocesses},
  author = {Wehbe, Leila and Murphy, Brian and Talukdar, Partha and Fyshe, Alona and Ramdas, Aaditya and
            Mitchell, Tom},
  journal = {PLoS ONE},
  volume = {9},
  number = {11},
  pages = {e112575},
  year = {2014}
}"""


def _build(paths: Paths) -> HumanTables:
    times = _vector(paths[TIMES.name], N_TRS)
    runs = _vector(paths[RUNS.name], N_TRS).astype(int)
    if sorted(set(runs.tolist())) != list(range(1, N_RUNS + 1)) or (np.diff(runs) < 0).any():
        raise BrainlakeError(f"{paths[RUNS.name]} does not number the runs 1 to {N_RUNS} in order")
    onsets = _vector(paths[WORD_TIMES.name], N_WORDS)
    # The masks are a pickled dictionary; their hash is pinned, so that nothing else is ever unpickled.
    masks = _load(paths[MASKS.name], allow_pickle=True).item()
    kept = _kept_rows(runs)
    subjects = [_subject(name, paths[RESPONSES[name].name], masks[name], kept) for name in SUBJECTS]
    rows = [f"tr{k:04d}" for k in range(N_TRS)]
    labels = [str(run) for run in runs]
    recordings = responses_and_targets(BENCHMARK, BENCHMARK, rows, subjects, run=labels, time_s=times.tolist())
    recordings["ceilings"] = table_of(
        "ceilings",
        1,
        benchmark=BENCHMARK,
        protocol="aw2024",
        folds="contiguous",
        method="extrapolation over subjects (published constant; its code is not public)",
        scale="max_r",
        value=PUBLISHED_CEILING,
        source="Aw et al. (2024), table 6",
    )
    words = [str(word) for word in _load(paths[WORDS.name])]
    return HumanTables({BENCHMARK: _stimuli(words, onsets, runs[_tr_of(onsets, times)])}, recordings)


def _tr_of(onsets: npt.NDArray[Any], times: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    trs = tr_of_words(onsets, times, TR_S, closed="right")
    if (trs < 0).any():
        word = int(np.flatnonzero(trs < 0)[0])
        raise BrainlakeError(f"{WORD_TIMES.name}: word {word + 1}, at {onsets[word]} s, lies outside the scans")
    return trs


def _stimuli(words: list[str], onsets: npt.NDArray[Any], runs: npt.NDArray[Any]) -> pa.Table:
    if len(words) != N_WORDS:
        raise BrainlakeError(f"{WORDS.name} holds {len(words)} words, not {N_WORDS}")
    return table_of(
        "stimuli",
        N_WORDS,
        stimulus_set=BENCHMARK,
        stimulus_id=[f"{k:04d}" for k in range(N_WORDS)],
        position=range(N_WORDS),
        document_id="chapter9",
        separator=spaced(["chapter9"] * N_WORDS),
        context_id="chapter9",
        group_id=[str(run) for run in runs],
        text=[word.replace("@", "") for word in words],  # @ marks italics and was not shown
        onset_s=onsets.tolist(),
        offset_s=(onsets + WORD_S).tolist(),
    )


def _kept_rows(runs: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """TRs that the released responses cover."""
    return np.concatenate([np.flatnonzero(runs == run)[N_FIRST:-N_LAST] for run in range(1, N_RUNS + 1)])


def _subject(name: str, path: Path, masks: dict[str, Any], kept: npt.NDArray[np.intp]) -> Subject:
    """Language voxels of one subject over all TRs; NaN in those that the release has cut."""
    data = _load(path, mmap_mode="r")
    language = np.flatnonzero(masks["all"])
    if data.shape != (len(kept), len(masks["all"])):
        raise BrainlakeError(f"{path} holds {data.shape}, not {len(kept)} TRs x {len(masks['all'])} voxels")
    values = np.full((N_TRS, len(language)), np.nan, np.float32)
    values[kept] = data[:, language]
    rois = [next((roi for roi in ROIS if masks[roi][voxel]), None) for voxel in language]
    unnamed = [voxel for voxel, roi in zip(language, rois, strict=True) if roi is None]
    if unnamed:
        raise BrainlakeError(f"{MASKS.name}: voxel {unnamed[0]} of subject {name} is in no region")
    return Subject(name, values, [str(voxel) for voxel in language], [str(roi) for roi in rois])


def _vector(path: Path, n: int) -> npt.NDArray[Any]:
    values = _load(path)
    if values.shape != (n,):
        raise BrainlakeError(f"{path} holds an array of shape {values.shape}, not {n} values")
    return values


def _load(path: Path, **options: Any) -> npt.NDArray[Any]:
    try:
        loaded: npt.NDArray[Any] = np.load(path, **options)
    except (OSError, ValueError) as error:
        raise BrainlakeError(f"{path} cannot be read as a numpy array: {error}") from None
    return loaded


DATASETS = (
    HumanDataset(
        benchmark=BENCHMARK,
        stimulus_sets=(BENCHMARK,),
        files=(WORDS, MASKS, TIMES, RUNS, WORD_TIMES, *RESPONSES.values()),
        citation=CITATION,
        licence="none stated for the responses; the text is under copyright",
        redistributable=False,
        origin="https://github.com/awwkl/brain_language_summarization (its README links the fMRI arrays)",
        build=_build,
        modality="fmri",
        what="BOLD of language voxels while people read a chapter of Harry Potter word by word",
        size="5,176 words, 1,351 scans of 2 s, 8 people",
        use="one third of aw2024.brain; a read story in scans",
        unit="tr",
        tr_s=TR_S,
        response_shift_s=0.0,
        default_folds="grouped",
    ),
)
