"""The command ``report``: one file."""

from drawn import profile


def test_one_file_is_written(tmp_path, run):
    profile(n=1, layers=0).write_parquet(tmp_path / "x.parquet")
    target = tmp_path / "r.html"
    status, out, _ = run("report", tmp_path / "x.parquet", "--out", target, "--title", "Mine")
    assert (status, out) == (0, f"{target}: {target.stat().st_size / 1e6:.1f} MB\n")
    text = target.read_text(encoding="utf-8")
    assert "<h1>Mine</h1>" in text
    assert "1 model on 1 benchmark." in text


def test_another_form_and_scores_that_are_not_there_are_refused(tmp_path, run):
    assert run("report", "x.parquet", "--out", tmp_path / "r.pdf")[0] == 2
    status, _, err = run("report", tmp_path / "x.parquet", "--out", tmp_path / "r.html")
    assert status == 1
    assert "cannot be read" in err
