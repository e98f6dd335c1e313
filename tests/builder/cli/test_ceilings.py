"""The command ``ceilings``."""

import numpy as np
import polars as pl
import pytest

from brainlake import open_bank
from brainlake_builder.humans.ingest import ingest_folder
from brainlake_builder.humans.readers import tuckute2024
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


def test_those_of_participants_are_those_of_their_table(run, tmp_path, monkeypatch):
    """The table of the participants is the authors' own; here is one of its form."""
    monkeypatch.setattr(tuckute2024, "N_SENTENCES", 60)
    rng, benchmark, bank = np.random.default_rng(0), tuckute2024.PARTICIPANTS, tmp_path / "bank"
    people, regions = ("848", "853", "865", "866"), list(tuckute2024.NCSNR)
    Y = rng.standard_normal((60, len(regions))) + rng.standard_normal((len(people), 60, len(regions)))
    rows = [
        {"item_id": f"B.{i + 1}", "sentence": f"It is {i}.", "cond": "B", "roi": roi, "target_UID": name}
        | {"response_target": Y[p, i, v]}
        for p, name in enumerate(people)
        for i in range(60)
        for v, roi in enumerate(regions)
    ]
    path = tmp_path / tuckute2024.LONG.name
    path.parent.mkdir()
    pl.DataFrame(rows).sample(fraction=1, shuffle=True, seed=0).write_csv(path)
    status, _, err = run("humans", benchmark, "--source", tmp_path, "--bank", bank)
    assert status == 0, err
    known = open_bank(bank).table("ceilings", benchmark=benchmark)
    assert run("ceilings", bank, "--benchmark", benchmark)[0] == 0
    assert open_bank(bank).table("ceilings", benchmark=benchmark).equals(known, null_equal=True)
    Y = (Y - Y.mean(1, keepdims=True)) / Y.std(1, keepdims=True)
    for v, roi in enumerate(regions):
        r = [np.corrcoef(Y[p, :, v], np.delete(Y, p, 0)[:, :, v].mean(0))[0, 1] for p in range(len(people))]
        found = known.filter(roi=roi, scale="max_r")["value"]
        assert found.to_list() == pytest.approx([np.median(r)], abs=1e-6)


def test_what_cannot_be_had_is_said_and_is_no_failure(run, toy_bank, own_bank):
    status, _, err = run("ceilings", own_bank, "--benchmark", "toy.brain")
    assert status == 0
    assert "toy.brain: no ceiling between subjects: there is one subject" in err


def test_wrong_use(run, own_bank):
    assert run("ceilings", own_bank)[0] == 2
    status, _, err = run("ceilings", own_bank, "--benchmark", "nope")
    assert status == 1
    assert "nope" in err
