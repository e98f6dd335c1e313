"""Figures as files: each form is what its name says, and fetches nothing."""

import re
import struct

import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures import ranking, save
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


def test_a_figure_is_as_wide_as_a_printed_column(tmp_path):
    chart = ranking(profile(n=1), width="column")
    for form in ("png", "pdf"):
        save(chart, tmp_path / f"x.{form}")
    dots = struct.unpack(">I", (tmp_path / "x.png").read_bytes()[16:20])[0]
    assert dots == pytest.approx(88 / 25.4 * 300, rel=0.01)
    points = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+)", (tmp_path / "x.pdf").read_bytes())[1]
    assert float(points) == pytest.approx(88 / 25.4 * 72, rel=0.01)
