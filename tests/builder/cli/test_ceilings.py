"""The command ``ceilings``."""

import polars as pl

from brainlake import open_bank
from brainlake_builder.humans.ingest import ingest_folder
from brainlake_builder.humans.templates import write_template


def test_every_ceiling_is_a_line_and_stands_in_the_bank(run, tmp_path):
    write_template("reading", tmp_path / "mine")
    ingest_folder(tmp_path / "mine", tmp_path / "bank", ())
    status, out, err = run("ceilings", tmp_path / "bank", "--benchmark", "my_reading")
    rows = open_bank(tmp_path / "bank").table("ceilings", benchmark="my_reading")
    computed = rows.filter(pl.col("source").str.starts_with("brainlake"))
    assert status == 0
    assert len(out.splitlines()) == len(computed)
    assert len(out.splitlines()) + len(err.splitlines()) > 0
    for row in computed.iter_rows(named=True):
        assert f"{row['scale']} {row['value']:.3f} [{row['ci_low']:.3f}, {row['ci_high']:.3f}], {row['method']}" in out


def test_what_cannot_be_had_is_said_and_is_no_failure(run, toy_bank, own_bank):
    status, _, err = run("ceilings", own_bank, "--benchmark", "toy.brain")
    assert status == 0
    assert "toy.brain: no ceiling between subjects: there is one subject" in err


def test_wrong_use(run, own_bank):
    assert run("ceilings", own_bank)[0] == 2
    status, _, err = run("ceilings", own_bank, "--benchmark", "nope")
    assert status == 1
    assert "nope" in err
