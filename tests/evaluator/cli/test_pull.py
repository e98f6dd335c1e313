"""The command ``pull``: says what will travel before anything does."""

import json

import pytest

from brainlake import open_bank
from brainlake_builder.publishing.publish import publish


@pytest.fixture
def published(hub, bank, repo):
    publish(bank, repo, may_pass_on=True)
    hub.forget()
    return repo


def test_files_and_bytes_are_announced_a_table(run, published, bank, tmp_path):
    status, out, err = run("pull", published, "--bank", tmp_path / "new", "--dry-run", "--format", "json")
    assert status == 0
    rows = json.loads(out)
    files = [s for _, s in open_bank(bank).files]
    assert {row["table"]: row["files"] for row in rows} == {
        k: [s.kind for s in files].count(k) for k in {s.kind for s in files}
    }
    assert f"{len(files)} files, {sum(s.bytes for s in files):,} bytes to fetch" in err
    assert not (tmp_path / "new").exists()


def test_a_file_a_line_until_there_is_nothing_left_to_fetch(run, published, tmp_path):
    target = tmp_path / "new"
    _, _, err = run("pull", published, "--bank", target, "--metadata-only")
    files = open_bank(target).files
    assert all(str(target / s.path) in err for _, s in files)
    assert run("pull", published, "--bank", target, "--metadata-only", "--format", "json")[1] == "[]\n"


def test_a_file_that_is_damaged_there_keeps_no_other_from_travelling(run, published, hub, tmp_path):
    path = next(name for name in hub.files(published) if name.startswith("surprisal/"))
    content = bytearray(hub.read(published, path))
    content[len(content) // 2] ^= 1
    hub.put(published, {path: bytes(content)})
    assert run("pull", published, "--bank", tmp_path / "first", "--fail-fast")[0] == 1
    status, _, err = run("pull", published, "--bank", tmp_path / "new")
    assert status == 1
    assert err.splitlines()[-1].startswith(f"brainlake: {path}: {path} of {published}")
    found = {s.path for _, s in open_bank(tmp_path / "new").files}
    assert found == {s.path for _, s in open_bank(published).files} - {path}
    assert open_bank(tmp_path / "new").verify() == []


def test_wrong_use(run, published, tmp_path):
    assert run("pull", published)[0] == 2
    assert run("pull", published, "--bank", tmp_path, "--kernels-only", "--metadata-only")[0] == 2
    assert run("pull", "tester/nowhere", "--bank", tmp_path)[0] == 1
    status, _, err = run("pull", published, "--bank", tmp_path, "--model", "nope")
    assert status == 1
    assert "unknown model 'nope'" in err
