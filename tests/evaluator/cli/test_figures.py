"""The command ``figures``: all that scores allow, and what they do not."""

import pytest

from drawn import profile


def test_what_can_be_drawn_is_and_the_rest_is_told_of(tmp_path, run):
    profile(n=1, layers=0).write_parquet(tmp_path / "x.parquet")
    status, out, err = run("figures", tmp_path / "x.parquet", "--out", tmp_path / "out", "--forms", "svg")
    assert status == 0
    names = out.split()
    assert "models-b-grouped" in names
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"{name}.{end}" for name in names for end in ("column.svg", "page.svg", "csv", "txt")
    }
    assert "not drawn: Layers: b, grouped: no scores of kind layer" in err


@pytest.mark.parametrize(
    ("arguments", "status", "match"),
    [
        (("nowhere", "--out", "OUT"), 1, "nowhere"),
        (("X", "--out", "X"), 1, "is a file: name a folder"),
        (("X",), 2, "--out"),
        (("X", "--out", "OUT", "--forms", "gif"), 2, "gif"),
    ],
)
def test_what_makes_no_sense_is_one_line(arguments, status, match, tmp_path, run):
    file = tmp_path / "x.parquet"
    profile(n=1).write_parquet(file)
    here = {"X": file, "OUT": tmp_path / "out"}
    found, out, err = run("figures", *(here.get(one, one) for one in arguments))
    assert (found, out) == (status, "")
    assert match in err
    assert not (tmp_path / "out").exists()
