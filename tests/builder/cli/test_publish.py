"""The command ``publish``: what travels is said, and nothing does in a dry run."""

import json

from brainlake import open_bank


def test_a_table_of_what_travelled_and_a_note_of_where(run, hub, bank, repo):
    status, out, err = run("publish", bank, "--repo", repo, "--may-pass-on", "--format", "json")
    assert status == 0
    files = [s.kind for _, s in open_bank(bank).files]
    rows = {row["travels"]: row["files"] for row in json.loads(out)}
    assert {kind: rows[kind] for kind in set(files)} == {kind: files.count(kind) for kind in set(files)}
    assert f"{repo}@" in err
    assert "(private), read back and equal to the manifest" in err


def test_a_dry_run_lists_files_and_shows_the_card(run, hub, bank, repo):
    status, out, err = run("publish", bank, "--repo", repo, "--may-pass-on", "--dry-run")
    assert status == 0
    assert all(s.path in out for _, s in open_bank(bank).files)
    assert "# " in out
    assert "would travel to" in err
    assert repo not in hub.repos


def test_wrong_use(run, bank, repo):
    assert run("publish", bank)[0] == 2
    assert run("publish", bank, "--repo", repo, "--private", "--public")[0] == 2
    for wrong in (("--repo", "no-owner"), ("--repo", f"{repo}@v1"), ("--repo", repo, "--tag", "main")):
        status, _, err = run("publish", bank, *wrong, "--may-pass-on")
        assert status == 2
        assert err.splitlines()[-1].startswith("brainlake-build publish: error: argument --")
