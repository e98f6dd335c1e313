"""The command ``verify``: its exit status says whether a bank is sound."""

from brainlake import open_bank


def test_verify_fails_loudly(own_bank, run):
    path = own_bank / "models/m.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    status, out, _ = run("verify", own_bank)
    assert status == 1
    assert "models/m.parquet: has" in out


def test_a_sound_bank(run, toy_bank):
    n_files = len(open_bank(toy_bank).files)
    assert run("verify", toy_bank) == (0, f"{n_files} files checked: all well\n", "")


def test_problems_are_a_line_each_and_counted(run, own_bank):
    for path in (own_bank / "models/m.parquet", own_bank / "stimuli/toy.parquet"):
        path.write_bytes(path.read_bytes()[:-1])
    status, out, _ = run("verify", own_bank)
    *problems, total = out.splitlines()
    assert status == 1
    assert total.endswith(f"files checked: {len(problems)} problems")
    assert any(line.startswith("stimuli/toy.parquet: ") for line in problems)


def test_what_is_no_bank(run, tmp_path):
    assert run("verify", tmp_path)[0] == 1
    assert run("verify")[0] == 2
