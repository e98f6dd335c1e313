import numpy as np
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.assembly import read_assembly

VALUES = np.array([[1.0, 2.0, np.nan, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]])
PRESENTATION = {"stimulus_id": ["s.0", "s.1", "s.2"], "stimulus": ["Eins", "zwei ", "drei…"], "number": [0, 1, 2]}
NEUROID = {"subject": ["b", "a", "b", "a"], "neuroid_id": ["b.0", "a.0", "b.1", "a.1"], "roi": ["x", "x", "y", "y"]}


@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize("transposed", [False, True])
def test_text_is_text_and_rows_are_presentations(write_assembly, as_bytes, transposed):
    path = write_assembly(VALUES, PRESENTATION, NEUROID, as_bytes=as_bytes, transposed=transposed)
    assembly = read_assembly(path, list(PRESENTATION), list(NEUROID))
    assert assembly.presentation == PRESENTATION
    assert assembly.neuroid == NEUROID
    assert np.array_equal(assembly.values, VALUES, equal_nan=True)
    assert assembly.values.dtype == np.float32


def test_interleaved_neuroids_are_gathered_by_subject(write_assembly):
    assembly = read_assembly(write_assembly(VALUES, PRESENTATION, NEUROID), ["stimulus_id"], list(NEUROID))
    first, second = assembly.subjects("subject", "neuroid_id", "roi")
    assert (first.name, list(first.target_ids), list(first.rois)) == ("a", ["a.0", "a.1"], ["x", "y"])
    assert first.values.tolist() == [[2, 4], [6, 8], [10, 12]]
    assert (second.name, list(second.target_ids)) == ("b", ["b.0", "b.1"])


def test_neuroids_with_a_missing_value_are_dropped_among_the_chosen_rows(write_assembly):
    assembly = read_assembly(write_assembly(VALUES, PRESENTATION, NEUROID), ["stimulus_id"], list(NEUROID))
    assert assembly.complete_neuroids().neuroid["neuroid_id"] == ["b.0", "a.0", "a.1"]
    assert assembly.rows([False, True, True]).complete_neuroids().values.shape == (2, 4)


def test_a_missing_coordinate_is_named_with_those_there(write_assembly):
    path = write_assembly(VALUES, PRESENTATION, NEUROID)
    with pytest.raises(BrainlakeError, match=r"has no presentation coordinate story; it has number, stimulus, stim"):
        read_assembly(path, ["stimulus_id", "story"], ["subject"])
    with pytest.raises(BrainlakeError, match=r"has no neuroid coordinate subject_id; it has neuroid_id, roi, subject"):
        read_assembly(path, ["stimulus_id"], ["subject_id"])


def test_a_stimulus_presented_twice_is_refused(write_assembly):
    twice = PRESENTATION | {"stimulus_id": ["s.0", "s.1", "s.0"]}
    with pytest.raises(BrainlakeError, match=r"the stimulus s\.0 stands in more than one presentation"):
        read_assembly(write_assembly(VALUES, twice, NEUROID), ["stimulus_id"], ["subject"])


def test_what_is_no_netcdf_is_refused(tmp_path):
    (tmp_path / "a.nc").write_text("no netCDF")
    with pytest.raises(BrainlakeError, match=r"a\.nc cannot be read as netCDF"):
        read_assembly(tmp_path / "a.nc", [], [])
