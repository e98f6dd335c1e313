"""Words and scans on one clock: times that cannot be right are refused, with the two numbers that disagree."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from brainlake.encoding.resample import JITTER, tr_of_words
from brainlake.errors import BrainlakeError
from brainlake.recordings.volumes import DELAYS
from brainlake_builder.humans.folder_table import FolderTable

MAX_SILENCE = 0.5
"""Share of the scans of a run that may have no word, in them or in the scans before that predict them."""

MAX_DEVIATION = 0.01
"""Share of ``tr_s`` by which scans may lie further apart, since times are rounded."""
MIN_PAIRS = 2
MAX_OVERLAP_S = 1.0
"""How long most items of a document may go on beside the next (s)."""

Float64 = npt.NDArray[np.float64]


def check_times(
    benchmarks: FolderTable,
    own: FolderTable | None,
    stimuli: dict[str, pa.Table],
    responses: FolderTable,
    facts: dict[str, Any],
) -> None:
    """Refuse word onsets and scan times that are not on one clock.

    Parameters
    ----------
    benchmarks, own, responses
        Tables that errors name; ``own`` is null where the stimuli are those of the bank.
    stimuli
        By set, with ``onset_s`` (s).
    facts
        ``tr_s`` (s) and ``response_shift_s`` (s).

    Raises
    ------
    BrainlakeError
        If onsets are missing or go backwards, if a scan has two times or runs, if scans overlap, if words lie in no
        scan, or if most of a run has no words.
    """
    tr = facts["tr_s"]
    if tr is None:
        raise BrainlakeError(f"{benchmarks.label} has to say tr_s, since rows are scans")
    if facts["response_shift_s"]:
        raise BrainlakeError(
            f"{benchmarks.label}: responses were shifted by {facts['response_shift_s']} s, and delays would shift "
            f"them again: store them as they were recorded, or name the stimulus of each row (unit stimulus)"
        )
    responses.need("time_s")
    words = pl.concat([pl.DataFrame(content).select("onset_s", "document_id") for content in stimuli.values()])
    label = FolderTable("stimuli", own.label if own else f"stimuli {', '.join(stimuli)}", words, responses.accept)
    label.refuse(words["onset_s"].is_null(), "onset_s", "is empty, but rows are scans")
    _forward(label, words["onset_s"].shift(1))
    times, runs = _scans(responses, tr)
    onsets = words["onset_s"].to_numpy()
    trs = tr_of_words(onsets, times, tr, closed="right")
    # A word on the very border of the scans is in one of them, whichever it is counted to.
    _inside(label, onsets, np.maximum(trs, tr_of_words(onsets, times, tr, closed="left")), times, tr)
    _with_words(responses, trs, times, runs, onsets)


def check_onsets(stimuli: FolderTable) -> None:
    """Refuse onsets that go backwards within a document, and ends that mostly lie beyond the next onset.

    Raises
    ------
    BrainlakeError
        With the first row, and the two times that disagree.
    """
    frame = stimuli.frame
    if "onset_s" not in frame.columns:
        return
    document = [name for name in ("stimulus_set", "document_id") if name in frame.columns]
    _forward(stimuli, frame.select(pl.col("onset_s").shift(1).over(document)).to_series())
    if "offset_s" not in frame.columns:
        return
    following = frame.select(pl.col("onset_s").shift(-1).over(document)).to_series()
    beyond = frame["offset_s"] > following + MAX_OVERLAP_S
    known = int(beyond.is_not_null().sum())
    if known and beyond.sum() > known / 2:
        row = int(beyond.fill_null(False).arg_true()[0])
        what = (
            f"{{cell}} s lies beyond the onset of the next item, {following[row]:g} s, and so do {int(beyond.sum())} "
            f"of {known}: offset_s is the end of an item in seconds, on the clock of onset_s"
        )
        stimuli.refuse(beyond.fill_null(False), "offset_s", what)


def _forward(words: FolderTable, before: pl.Series) -> None:
    """Refuse an onset that is earlier than the one ``before`` it."""
    onset = words.frame["onset_s"]
    back = (onset < before).fill_null(False)
    if back.any():
        row = int(back.arg_true()[0])
        what = (
            f"{onset[row]:g} s comes after {before[row]:g} s: onsets are on one clock, that of responses.time_s, "
            f"and do not start again with a run"
        )
        words.refuse(back, "onset_s", what)


def _scans(responses: FolderTable, tr: float) -> tuple[Float64, list[str]]:
    """Start and run of every scan, in order of time."""
    responses.one(["row_id"], "time_s", "run")
    frame = responses.fill(run="").frame.select("row_id", "time_s", "run").unique(maintain_order=True).sort("time_s")
    times = frame["time_s"].to_numpy()
    _refuse_other_tr(responses, frame, tr)
    close = np.flatnonzero(np.diff(times) < tr * (1 - JITTER))
    if len(close):
        a, b = (frame.row(int(close[0]) + k, named=True) for k in (0, 1))
        raise BrainlakeError(
            f"{responses.label}, column time_s: scan {b['row_id']} starts at {b['time_s']} s and {a['row_id']} at "
            f"{a['time_s']} s, less than tr_s = {tr} s apart (they may be {JITTER:.0%} early): times go on over "
            f"runs, and are the same for all subjects"
        )
    again = frame.filter(pl.col("run").ne_missing(pl.col("run").shift(1))).filter(~pl.col("run").is_first_distinct())
    if len(again):
        a = again.row(0, named=True)
        raise BrainlakeError(
            f"{responses.label}, column run: scan {a['row_id']} at {a['time_s']} s is of run {a['run']!r} again, after "
            f"scans of another run: the scans of a run follow each other"
        )
    return times, frame["run"].to_list()


def _refuse_other_tr(responses: FolderTable, scans: pl.DataFrame, tr: float) -> None:
    """Refuse runs whose scans are on the whole further apart than ``tr_s``: their words would be of the wrong scans."""
    after = scans.with_columns(pl.col("time_s").diff()).filter(pl.col("run").eq_missing(pl.col("run").shift(1)))
    apart = after.group_by("run", maintain_order=True).agg(pl.col("time_s").median(), pl.len().alias("n"))
    other = apart.filter((pl.col("n") >= MIN_PAIRS) & (pl.col("time_s") > tr * (1 + MAX_DEVIATION)))
    if len(other):
        run, between, _ = other.row(0)
        raise BrainlakeError(
            f"{responses.label}, column time_s: scans of run {run!r} start {between:g} s apart, but tr_s is {tr:g} s: "
            f"both are in seconds, and the repetition time is the time between two scans"
        )


def _inside(words: FolderTable, onsets: Float64, trs: npt.NDArray[np.intp], times: Float64, tr: float) -> None:
    out = trs < 0
    if out.any():
        word = int(np.flatnonzero(out)[0])
        after = int(np.searchsorted(times, onsets[word], side="right"))
        within = 0 < after < len(times)
        gap = f", but for {times[after - 1] + tr:g} to {times[after]:g} s" if within else ""
        what = (
            f"{onsets[word]:g} s lies in no scan: they cover {times[0]:g} to {times[-1] + tr:g} s{gap}, "
            f"and {int(out.sum())} of {len(out)} words are outside"
        )
        words.refuse(pl.Series(out), "onset_s", what, "outside")


def _with_words(
    responses: FolderTable, trs: npt.NDArray[np.intp], times: Float64, runs: list[str], onsets: Float64
) -> None:
    """Refuse a run most of whose scans have no word, counting the scans before that predict them."""
    if "silence" in responses.accept:
        return
    spoken = np.zeros(len(times), np.bool_)
    spoken[trs[trs >= 0]] = True
    names = np.array(runs)
    for run in dict.fromkeys(runs):
        mine = np.flatnonzero(names == run)
        own = spoken[mine]
        heard = own.copy()
        for delay in DELAYS:
            heard[delay:] |= own[:-delay]
        if (~heard).mean() > MAX_SILENCE:
            raise BrainlakeError(
                f"{responses.label}: {int((~heard).sum())} of the {len(mine)} scans of run {run!r}, "
                f"{times[mine[0]]:g} to {times[mine[-1]]:g} s, have no words (onsets are {onsets.min():g} to "
                f"{onsets.max():g} s); if it is meant, say so with --accept silence"
            )
