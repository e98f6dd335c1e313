"""The command ``verify``: its exit status says whether a bank is sound, and the one that is meant."""

from brainlake import open_bank
from brainlake.bank.identity import bank_digest
from brainlake_builder.publishing.publish import publish
from hub.banks import add_model, take_away, values


def digest(bank):
    return bank_digest(s for _, s in open_bank(bank).files)


def test_verify_fails_loudly(own_bank, run):
    path = own_bank / "models/m.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    status, out, _ = run("verify", own_bank)
    assert status == 1
    assert "models/m.parquet: has" in out
    assert "sha256:" not in out


def test_a_sound_bank(run, toy_bank):
    n_files = len(open_bank(toy_bank).files)
    assert run("verify", toy_bank) == (0, f"{n_files} files checked: all well\ndigest {digest(toy_bank)}\n", "")


def test_problems_are_a_line_each_and_counted(run, own_bank):
    for path in (own_bank / "models/m.parquet", own_bank / "stimuli/toy.parquet"):
        path.write_bytes(path.read_bytes()[:-1])
    status, out, _ = run("verify", own_bank)
    *problems, total, _ = out.splitlines()
    assert status == 1
    assert total.endswith(f"files checked: {len(problems)} problems")
    assert any(line.startswith("stimuli/toy.parquet: ") for line in problems)


def test_the_digest_that_a_paper_prints(run, own_bank):
    printed = digest(own_bank)
    assert run("verify", own_bank, "--digest", printed)[0] == 0
    assert run("verify", own_bank, "--digest", printed.removeprefix("sha256:").upper())[0] == 0
    add_model(own_bank, "later", values())
    status, out, _ = run("verify", own_bank, "--digest", printed)
    assert status == 1
    assert out.splitlines()[-2:] == [f"digest {digest(own_bank)}", f"which is not {printed}"]
    assert run("verify", own_bank, "--digest", "sha256:abc")[0] == 2


def test_a_bank_against_the_one_that_was_published(run, hub, bank, repo):
    publish(bank, repo, may_pass_on=True, tag="v1")
    against = ("verify", bank, "--against", f"{repo}@v1")
    assert run(*against)[0] == 0
    add_model(bank, "later", values(), surprisal=False)
    status, out, _ = run(*against)
    assert status == 0
    n = len(open_bank(f"{repo}@v1").files)
    assert f"models/later.parquet: is only here, not in {repo}@v1\n" in out
    assert f"{n} of {n} files of {repo}@v1 are here, 2 others besides\n" in out
    take_away(bank, bank / "ceilings/toy.brain.parquet")
    add_model(bank, "gpt+untrained-s0", values(seed=9), surprisal=False)
    status, out, _ = run(*against)
    assert status == 1
    assert f"ceilings/toy.brain.parquet: is missing; it is in {repo}@v1\n" in out
    assert f": is another file than in {repo}@v1\n" in out
    assert f"{n - 2} of {n} files of {repo}@v1 are here, 2 others besides\n" in out
    assert run("verify", bank, "--against", "tester/nowhere")[0] == 1


def test_what_is_no_bank(run, tmp_path):
    assert run("verify", tmp_path)[0] == 1
    assert run("verify")[0] == 2
