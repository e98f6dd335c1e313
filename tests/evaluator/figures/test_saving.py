"""Figures as files: each form is what its name says, and fetches nothing."""

import io
import os
import re
import struct
import subprocess
import sys

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures import ranking, save
from brainlake.figures.catalogue import figures_of
from brainlake.figures.folder import write_figures
from brainlake.figures.results import results_of
from drawn import profile

BEGINS = {"svg": b"<svg", "pdf": b"%PDF", "png": b"\x89PNG", "html": b"<!DOCTYPE html>"}


@pytest.mark.parametrize("form", BEGINS)
def test_every_form_is_what_its_name_says(form, tmp_path):
    save(ranking(profile(n=1)), tmp_path / f"x.{form}")
    content = (tmp_path / f"x.{form}").read_bytes()
    assert content.lstrip().startswith(BEGINS[form])
    assert b'src="http' not in content


def test_another_form_is_refused(tmp_path):
    with pytest.raises(BrainlakeError, match=r"saved as \.svg, \.pdf, \.png, \.html"):
        save(ranking(profile(n=1)), tmp_path / "x.gif")


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


def test_a_figure_is_as_wide_as_a_printed_column(tmp_path):
    chart = ranking(profile(n=1), width="column")
    for form in ("png", "pdf"):
        save(chart, tmp_path / f"x.{form}")
    dots = struct.unpack(">I", (tmp_path / "x.png").read_bytes()[16:20])[0]
    assert dots == pytest.approx(88 / 25.4 * 300, rel=0.01)
    points = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+)", (tmp_path / "x.pdf").read_bytes())[1]
    assert float(points) == pytest.approx(88 / 25.4 * 72, rel=0.01)


def test_no_command_but_those_that_draw_loads_what_draws():
    code = "import sys, brainlake, brainlake.figures, brainlake.cli.figures, brainlake.cli.report, brainlake.cli.study;"
    code += "sys.exit(str([m for m in ('altair', 'vl_convert', 'jinja2') if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.stderr.strip() == "[]"


def test_without_the_extra_one_sentence_says_what_to_install(tmp_path):
    profile(n=1).write_parquet(tmp_path / "x.parquet")
    code = "import sys; sys.modules['altair'] = None; from brainlake.cli import main; "
    code += f"sys.exit(main(['figures', {str(tmp_path / 'x.parquet')!r}, '--out', {str(tmp_path / 'out')!r}]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 1
    said = "figures and reports are drawn with altair, vl-convert-python and jinja2: pip install 'brainlake[plot]'"
    assert done.stderr.strip() == f"brainlake: {said}"
