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


def test_published_scores_stand_beside_ours(run, own_bank, tmp_path):
    (tmp_path / "table5.csv").write_text("model,benchmark,score\nhuggyllama/llama-7b,pereira2018,.405\n")
    where = (tmp_path / "table5.csv", "--bank", own_bank, "--name", "aw2024.table5")
    status, out, _ = run("scores", *where, "--source", "Aw et al. 2024, Table 5")
    assert (status, out) == (0, "scores/aw2024.table5.parquet: 1 rows\n")
    assert open_bank(own_bank).table("scores")["protocol"].to_list() == ["published:Aw et al. 2024, Table 5"]
    status, out, err = run("scores", *where)
    assert (status, out) == (1, "")
    assert "say who published it" in err


def test_wrong_use(run, own_bank, tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"no")
    assert run("scores", tmp_path / "x.parquet", "--bank", own_bank)[0] == 2
    status, out, err = run("scores", tmp_path / "x.parquet", "--bank", own_bank, "--name", "x")
    assert (status, out) == (1, "")
    assert "holds no scores" in err


def test_a_bank_that_is_misspelt_is_not_made(run, own_bank, tmp_path):
    (tmp_path / "table5.csv").write_text("model,benchmark,score\nhuggyllama/llama-7b,pereira2018,.405\n")
    where = ("--bank", tmp_path / "bnak", "--name", "x", "--source", "Aw et al. 2024")
    status, out, err = run("scores", tmp_path / "table5.csv", *where)
    assert (status, out) == (1, "")
    assert "bnak" in err
    assert not (tmp_path / "bnak").exists()


def test_scores_under_two_names_are_told_apart_by_their_file(run, own_bank, tmp_path):
    """Who pools them counts them twice: each row says which file it stands in."""
    scores = behavioral_alignment(open_bank(own_bank), "toy.reading", protocol="pearson", n_boot=0)
    scores.write_parquet(tmp_path / "scores.parquet")
    for name in ("first", "second"):
        assert run("scores", tmp_path / "scores.parquet", "--bank", own_bank, "--name", name)[0] == 0
    query = "select file, count(*) as n from scores group by file order by file"
    found = open_bank(own_bank).sql(query)
    assert found.rows() == [(f"scores/{name}.parquet", len(scores)) for name in ("first", "second")]
