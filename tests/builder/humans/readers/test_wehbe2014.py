import numpy as np
import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.readers import wehbe2014
from brainlake_builder.humans.validation import check_tables

N_TRS, N_VOXELS = 160, 12
RUNS = np.repeat([1, 2, 3, 4], [44, 36, 40, 40])


@pytest.fixture
def release(tmp_path, monkeypatch):
    """A small release: 4 runs of 160 TRs, 200 words from 20 s on, 12 voxels of which 6 are language voxels."""
    monkeypatch.setattr(wehbe2014, "N_TRS", N_TRS)
    monkeypatch.setattr(wehbe2014, "N_WORDS", 200)
    rng = np.random.default_rng(0)
    words = np.array(["Harry", "had", "+", "@Quidditch", "null"] * 40)
    masks = {}
    for subject in (*wehbe2014.SUBJECTS, "G"):
        masks[subject] = {roi: np.zeros(N_VOXELS, bool) for roi in (*wehbe2014.ROIS, "all")}
        for voxel, roi in zip((1, 3, 4, 7, 8, 11), ("IFG", "PostTemp", "IFG", "MFG", "dmpfc", "PostTemp"), strict=True):
            masks[subject][roi][voxel] = masks[subject]["all"][voxel] = True
    arrays = {
        "stimuli_words.npy": words,
        "HP_subj_roi_inds.npy": np.array(masks, dtype=object),
        "fMRI/time_fmri.npy": np.arange(N_TRS) * 2.0,
        "fMRI/runs_fmri.npy": RUNS.astype(float),
        "fMRI/time_words_fmri.npy": 20 + 0.5 * np.arange(200),
    }
    cut = N_TRS - 4 * 35
    data = {f"fMRI/data_subject_{s}.npy": rng.normal(size=(cut, N_VOXELS)) for s in wehbe2014.SUBJECTS}
    paths = {}
    (tmp_path / "fMRI").mkdir()
    for name, array in (arrays | data).items():
        np.save(tmp_path / name, array, allow_pickle=True)
        paths[name] = tmp_path / name
    return paths, data


def test_tables_keep_the_contract_and_name_what_was_cut(release):
    paths, data = release
    tables = wehbe2014._build(paths)
    check_tables(wehbe2014.DATASETS[0], tables)
    rows = pl.DataFrame(tables.recordings["responses"]).filter(subject="K")
    assert rows.height == N_TRS
    values = np.array(rows["response"].to_list())
    recorded = np.isfinite(values).all(1)
    expected = [i for run in (1, 2, 3, 4) for i in np.flatnonzero(run == RUNS)[20:-15]]
    assert np.flatnonzero(recorded).tolist() == expected
    assert np.isnan(values[~recorded]).all()
    assert np.allclose(values[recorded], data["fMRI/data_subject_K.npy"][:, [1, 3, 4, 7, 8, 11]], atol=1e-6)
    assert rows["time_s"].to_list()[:3] == [0.0, 2.0, 4.0]
    assert rows["run"].unique(maintain_order=True).to_list() == ["1", "2", "3", "4"]
    targets = pl.DataFrame(tables.recordings["targets"]).filter(subject="K")
    assert targets["target_id"].to_list() == ["1", "3", "4", "7", "8", "11"]
    assert targets["roi"].to_list() == ["IFG", "PostTemp", "IFG", "MFG", "dmpfc", "PostTemp"]


def test_words_keep_their_times_and_lose_their_markup(release):
    stimuli = pl.DataFrame(wehbe2014._build(release[0]).stimuli["wehbe2014"])
    assert stimuli["text"].to_list()[:5] == ["Harry", "had", "+", "Quidditch", "null"]
    assert stimuli["onset_s"].to_list()[:2] == [20.0, 20.5]
    # the 44 TRs of run 1 cover the words up to and including 88 s
    assert stimuli.filter(pl.col("onset_s") <= 88)["group_id"].unique().to_list() == ["1"]
    assert stimuli.filter(pl.col("onset_s") > 88)["group_id"].unique().to_list() == ["2"]


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("fMRI/time_fmri.npy", np.arange(159) * 2.0, r"time_fmri.npy holds an array of shape \(159,\), not 160 values"),
        ("fMRI/runs_fmri.npy", RUNS[::-1].astype(float), r"does not number the runs 1 to 4 in order"),
        ("fMRI/data_subject_F.npy", np.zeros((20, 11)), r"data_subject_F.npy holds \(20, 11\), not 20 TRs x 12 voxels"),
        (
            "fMRI/time_words_fmri.npy",
            300 + 0.5 * np.arange(200),
            r"word 4[0-9], at 32[0-9.]+ s, lies outside the scans",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused(release, name, array, message):
    np.save(release[0][name], array)
    with pytest.raises(BrainlakeError, match=message):
        wehbe2014._build(release[0])


def test_what_is_no_array_is_refused(release):
    release[0]["fMRI/time_fmri.npy"].write_text("no array")
    with pytest.raises(BrainlakeError, match=r"time_fmri.npy cannot be read as a numpy array"):
        wehbe2014._build(release[0])
