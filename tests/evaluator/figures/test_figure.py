"""A figure has a harmless name, or there is a reason why it is not there."""

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake.figures.catalogue import figures_of
from brainlake.figures.figure import Omitted, attempted, file_name
from brainlake.figures.results import results_of
from drawn import profile


def test_names_of_files_are_harmless_and_differ():
    tables = [
        profile(n=1, layers=2, benchmark=name)
        for name in ("../../etc", "..-..-etc", "x" * 300, "<b>", "é", "a-b", "a b", "a_b", "A-b")
    ]
    figures, _ = figures_of(results_of(tables))
    names = [one.name for one in figures]
    assert len(names) >= 5 * len(tables)
    assert len(set(names)) == len(names)
    assert all(len(name) < 100 and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for name in names)
    assert not any(name.startswith(".") for name in names)


def test_titles_that_lose_something_are_told_apart_by_a_hash():
    assert file_name("Layers: demo.brain, grouped") == "layers-demo.brain-grouped"
    assert file_name("Layers: a/b") != file_name("Layers: a?b") != "layers-a-b"


def test_a_figure_draws_its_data_and_a_refusal_is_its_reason():
    data = pl.DataFrame({"x": [1]})
    (drawn,) = attempted("Kind", "of", lambda: data, lambda rows: f"{len(rows)} row", lambda rows, width: (rows, width))
    assert (drawn.name, drawn.title, drawn.caption) == ("kind-of", "Kind: of", "1 row")
    assert drawn.draw("page") == (data, "page")

    def refuse():
        raise BrainlakeError("not\n so")

    assert list(attempted("Kind", "of", refuse, str, str)) == [Omitted("Kind: of", "not so")]
