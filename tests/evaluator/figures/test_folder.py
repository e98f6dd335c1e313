"""Figures as files of a folder: both widths, numbers and caption."""

import io

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.catalogue import figures_of
from brainlake.figures.folder import check_folder, write_figures
from brainlake.figures.results import results_of
from drawn import profile


def test_a_folder_has_both_widths_numbers_and_caption(tmp_path):
    figures, _ = figures_of(results_of([profile(n=1, layers=0)]))
    ranked = [one for one in figures if one.title.startswith("Models:")]
    written = write_figures(ranked, tmp_path / "new", ["svg"])
    assert sorted(path.name for path in written) == sorted(path.name for path in (tmp_path / "new").iterdir())
    assert {path.suffixes[-2] + path.suffixes[-1] for path in written if path.suffix == ".svg"} == {
        ".column.svg",
        ".page.svg",
    }
    (numbers,) = (tmp_path / "new").glob("*.csv")
    assert pl.read_csv(io.StringIO(numbers.read_text()))["score"].to_list() == ranked[0].data["score"].to_list()
    with pytest.raises(BrainlakeError, match="is a file"):
        write_figures(ranked, numbers, ["svg"])


def test_a_file_is_no_folder_and_what_is_not_there_may_become_one(tmp_path):
    check_folder(tmp_path / "new")
    (tmp_path / "file").touch()
    with pytest.raises(BrainlakeError, match="file is a file: name a folder"):
        check_folder(tmp_path / "file")
