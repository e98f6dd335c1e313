"""The command ``scores``: what was scored stands in a bank."""

from brainlake import behavioral_alignment, open_bank


def test_scores_of_a_file_are_those_of_the_bank(run, own_bank, tmp_path):
    scores = behavioral_alignment(open_bank(own_bank), "toy.reading", protocol="pearson", n_boot=0)
    scores.write_parquet(tmp_path / "scores.parquet")
    status, out, _ = run("scores", tmp_path / "scores.parquet", "--bank", own_bank, "--name", "lab.toy")
    assert (status, out) == (0, f"scores/lab.toy.parquet: {len(scores)} rows\n")
    bank = open_bank(own_bank)
    assert bank.table("scores")["score"].to_list() == scores["score"].to_list()
    assert set(bank.table("scores")["file"]) == {"scores/lab.toy.parquet"}
    assert bank.verify() == []


def test_wrong_use(run, own_bank, tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"no")
    assert run("scores", tmp_path / "x.parquet", "--bank", own_bank)[0] == 2
    status, out, err = run("scores", tmp_path / "x.parquet", "--bank", own_bank, "--name", "x")
    assert (status, out) == (1, "")
    assert "holds no scores" in err
