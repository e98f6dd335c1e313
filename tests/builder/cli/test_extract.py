"""The command ``extract``."""

import shutil

import pyarrow.parquet as pq

from brainlake_builder.demo.build import MODEL


def test_extract_again_computes_nothing(demo_bank, run, tasks):
    before = {p: p.stat().st_mtime_ns for p in demo_bank.rglob("*.parquet") if p.parent != demo_bank}
    status, out, _ = run("extract", *tasks(demo_bank))
    assert status == 0
    assert "demo.sentences" in out
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_extract_says_what_it_wrote(demo_bank, tmp_path, run, tasks):
    bank = tmp_path / "bank"
    shutil.copytree(demo_bank, bank)
    arguments = ("extract", *tasks(bank, "--recipe", "document+pool=mean"), "--untrained", "3")
    status, out, _ = run(*arguments)
    assert status == 0
    written = dict(line.rsplit(": ", 1) for line in out.splitlines())
    assert [path.split("/")[0] for path in written] == ["activations", "surprisal"]
    for path, rows in written.items():
        assert path.split("/")[1] == f"{MODEL}+untrained-s3"
        assert rows == f"{pq.read_metadata(bank / path).num_rows} rows"
    status, out, err = run(*arguments)
    assert [line.rsplit(": ", 1)[0] for line in out.splitlines()] == list(written)
    assert "already there" in err
