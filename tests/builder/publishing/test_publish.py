"""What is published, and what is not: refusals, visibility, dry runs, indexes and scores."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from brainlake import BrainlakeError, UnknownNameError, brain_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.schema import TABLES
from brainlake_builder.cli import main
from brainlake_builder.publishing.publish import publish
from brainlake_builder.tables.imported_scores import add_scores
from brainlake_builder.tables.writer import write_table
from hub.banks import add_model, take_away, values


def state_licence(bank, **facts):
    """Say of both benchmarks of the toy bank what their licence is."""
    for name, unit in (("toy.brain", "stimulus"), ("toy.reading", None)):
        row = {"benchmark": name, "stimulus_sets": ["toy"], "unit": unit} | facts
        write_table(bank, "benchmarks", name, pa.Table.from_pylist([row], schema=TABLES["benchmarks"]))
    rebuild_manifest(bank)


def features_only(bank, models, stimuli=True):
    """Leave the models, their features and perhaps the stimuli."""
    for path in bank.rglob("*/*.parquet"):
        table, name = path.relative_to(bank).parts[0], path.relative_to(bank).as_posix()
        if not ((stimuli and table == "stimuli") or any(f"/{m}/" in name or f"/{m}." in name for m in models)):
            take_away(bank, path)
    rebuild_manifest(bank)


@pytest.mark.parametrize(
    "checks", [[], [{"name": "prefix", "value": 1.0, "tolerance": 1e-4, "passed": False}]], ids=["none", "failed"]
)
def test_activations_without_checks_passed_are_refused(hub, bank, repo, checks):
    add_model(bank, "unchecked", values(seed=1), checks=checks)
    with pytest.raises(BrainlakeError, match=r"activations/unchecked/.* records no checks, or one that failed"):
        publish(bank, repo, may_pass_on=True)
    assert repo not in hub.repos


def test_human_data_that_may_not_be_passed_on_are_refused(hub, bank, repo):
    with pytest.raises(BrainlakeError, match=r"may not be passed on \(licence: not known\).*--may-pass-on"):
        publish(bank, repo)
    state_licence(bank, licence="all mine", redistributable=False)
    with pytest.raises(BrainlakeError, match=r"licence: all mine"):
        publish(bank, repo)
    assert repo not in hub.repos
    state_licence(bank, licence="CC0", redistributable=True)
    publish(bank, repo)
    assert "responses/toy.brain.parquet" in hub.files(repo)


def test_a_damaged_bank_is_refused(hub, bank, repo):
    path = bank / "models/m.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BrainlakeError, match=r"is not sound: models/m\.parquet.*brainlake verify"):
        publish(bank, repo, may_pass_on=True)
    assert repo not in hub.repos


@pytest.mark.parametrize("name", ["bank", "a/b/c", "a/b@v1", "../x", "a/<b>", ""])
def test_what_is_no_repository_is_refused(bank, name):
    with pytest.raises(BrainlakeError, match="name the repository OWNER/NAME"):
        publish(bank, name, may_pass_on=True)


def test_a_model_or_folder_that_is_not_there(bank, repo, tmp_path):
    with pytest.raises(UnknownNameError, match="unknown model 'nope'; there is: gpt"):
        publish(bank, repo, models=["nope"])
    with pytest.raises(BrainlakeError, match="no such folder"):
        publish(tmp_path / "nowhere", repo)


def test_a_repository_with_something_else_is_left_alone(hub, bank, repo):
    hub.repos[repo] = type(next(iter(hub.repos.values())))(private=True)
    hub.repos[repo].commit("main", {"train.csv": hub.store("train.csv", b"1")})
    with pytest.raises(BrainlakeError, match=r"holds something else \(train.csv"):
        publish(bank, repo, may_pass_on=True)
    assert list(hub.files(repo)) == ["train.csv"]


def test_human_data_are_private_unless_asked_and_features_are_public(hub, bank, repo):
    publish(bank, repo, may_pass_on=True)
    assert hub.repos[repo].private
    with pytest.raises(BrainlakeError, match="is private, and stays so"):
        publish(bank, repo, may_pass_on=True, private=False)
    publish(bank, f"{repo}-public", may_pass_on=True, private=False)
    assert not hub.repos[f"{repo}-public"].private
    with pytest.raises(BrainlakeError, match=r"is public, and there is human data.*--public"):
        publish(bank, f"{repo}-public", may_pass_on=True)
    features_only(bank, ["gpt+untrained-s0"])
    publish(bank, f"{repo}-features", features=True)
    assert not hub.repos[f"{repo}-features"].private


def test_a_dry_run_says_what_travels_and_changes_nothing(hub, bank, repo, capsys):
    asked = ("publish", str(bank), "--repo", repo, "--may-pass-on", "--dry-run")
    assert main([*asked]) == 0
    out, err = capsys.readouterr()
    assert f"would travel to {repo}, a new one (private)" in err
    moves, _, _ = out.partition("\n\n")
    rows = [line.split() for line in moves.splitlines()[1:]]
    assert {row[0].split("/")[0] for row in rows} >= {"activations", "README.md", "manifest.parquet"}
    assert repo not in hub.repos
    promised = publish(bank, repo, may_pass_on=True, dry_run=True)
    done = publish(bank, repo, may_pass_on=True)
    assert sum(int(row[2]) for row in rows) == promised.n_bytes == done.n_bytes
    head = hub.repos[repo].heads["main"]
    assert main([*asked]) == 0
    assert f"0 files, 0 bytes would travel to {repo}@{head} (private)" in capsys.readouterr().err
    add_model(bank, "late", values(seed=1))
    late = publish(bank, repo, may_pass_on=True, dry_run=True)
    assert {path.split("/")[0] for path in late.uploads} == {
        *("activations", "surprisal", "models", "sidecars", "README.md", "CITATION.cff", "croissant.json"),
        *("manifest.parquet", "manifest.json"),
    }
    assert hub.repos[repo].heads["main"] == head
    assert all(request.method != "PUT" or head for request in hub.requests)


def test_a_dry_run_needs_no_network_and_no_token(bank):
    environment = {k: v for k, v in os.environ.items() if k != "HF_TOKEN"}
    environment |= {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "1"}
    arguments = ("publish", bank, "--repo", "lab/bank", "--may-pass-on", "--dry-run")
    command = [sys.executable, "-m", "brainlake_builder", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "would travel to lab/bank if it is new (private): the Hub cannot be reached" in done.stderr


def test_chosen_models_travel_alone(hub, bank, repo):
    add_model(bank, "other", values(seed=1))
    publish(bank, repo, models=["other"], may_pass_on=True)
    assert open_bank(repo).names("models") == ["other"]
    assert {s.model for _, s in open_bank(repo).files if s.kind == "surprisal"} == {"other"}


@pytest.fixture
def index(hub, bank, repo, tmp_path):
    """A repository a model, and one that lists them."""
    add_model(bank, "other", values(seed=1))
    families = [f"{repo}-gpt", f"{repo}-other"]
    for name, model in zip(families, ("gpt+untrained-s0", "other"), strict=True):
        publish(bank, name, models=[model], may_pass_on=True)
    publish(bank, f"{repo}-index", metadata_only=True, index=families, may_pass_on=True)
    return f"{repo}-index", families


def test_an_index_holds_the_tables_and_brings_its_pinned_roots(hub, bank, index):
    name, families = index
    assert not any(path.startswith(("activations", "surprisal")) for path in hub.files(name))
    found = open_bank(name)
    assert [str(root).split("@")[0] for root in found.roots] == [name, *families]
    for model in ("gpt+untrained-s0", "other"):
        assert found.activations(model, "toy", 1).values.shape == (60, 5)
    pinned = {family: hub.repos[family].heads["main"] for family in families}
    add_model(bank, "late", values(seed=2))
    publish(bank, families[1], models=["late"], may_pass_on=True)
    assert "late" not in {s.model for _, s in open_bank(name).files if s.kind == "activations"}
    assert found.roots[2].snapshot.commit == pinned[families[1]]
    assert open_bank(name).verify() == []
    publish(bank, name, metadata_only=True, index=families, may_pass_on=True)
    assert "late" in {s.model for _, s in open_bank(name).files if s.kind == "activations"}


def test_a_root_that_disappeared_is_named(hub, index):
    name, families = index
    del hub.repos[families[1]]
    shutil.rmtree(Path(os.environ["HF_HOME"]) / "hub" / f"datasets--{families[1].replace('/', '--')}")
    with pytest.raises(BrainlakeError, match=rf"{name}@.* lists {families[1]}@.*there is no dataset repository"):
        open_bank(name)


def test_an_index_that_nobody_could_open_is_refused(hub, bank, index, repo):
    name, families = index
    with pytest.raises(BrainlakeError, match="there is no dataset repository tester/nowhere"):
        publish(bank, f"{repo}-2", metadata_only=True, index=["tester/nowhere"], may_pass_on=True)
    with pytest.raises(BrainlakeError, match=r"cannot list .*, which is an index: list the banks"):
        publish(bank, f"{repo}-2", metadata_only=True, index=[name], may_pass_on=True)
    with pytest.raises(BrainlakeError, match=r"cannot list .*, which is itself"):
        publish(bank, families[0], metadata_only=True, index=[families[0]], may_pass_on=True)
    with pytest.raises(BrainlakeError, match=r"is public and would list .*, which is private"):
        publish(bank, f"{repo}-2", metadata_only=True, index=families, may_pass_on=True, private=False)
    state_licence(bank, licence="another")
    with pytest.raises(BrainlakeError, match=r"could not be opened: .* hold different files benchmarks/toy\.brain"):
        publish(bank, f"{repo}-2", metadata_only=True, index=families, may_pass_on=True)
    assert f"{repo}-2" not in hub.repos


def test_scores_of_several_repositories_are_one_table(hub, bank, repo, tmp_path, capsys):
    add_model(bank, "other", values(seed=1))
    for model, lab in (("gpt+untrained-s0", "mine"), ("other", "theirs")):
        file, folder = tmp_path / f"{lab}.parquet", tmp_path / lab
        brain_alignment(open_bank(bank), "toy.brain", models=[model], n_boot=0).write_parquet(file)
        folder.mkdir()
        assert main(["scores", str(file), "--bank", str(folder), "--name", f"{lab}.brain"]) == 0
        assert capsys.readouterr().out.startswith(f"scores/{lab}.brain.parquet: ")
        publish(folder, f"{repo}-{lab}")
    both = open_bank(f"{repo}-mine", f"{repo}-theirs")
    query = (
        "select model, max(score) as best from scores where model not like 'baseline:%' group by model order by model"
    )
    assert both.sql(query)["model"].to_list() == ["gpt+untrained-s0", "other"]
    assert both.verify() == []
    add_scores(tmp_path / "theirs", "mine.brain", tmp_path / "theirs.parquet")
    with pytest.raises(BrainlakeError, match=r"both hold scores/mine\.brain, with different content"):
        open_bank(f"{repo}-mine", tmp_path / "theirs")


def test_what_are_no_scores_is_refused(bank, tmp_path):
    pl.DataFrame({"benchmark": ["b"], "score": [1.0]}).write_parquet(tmp_path / "x.parquet")
    for file in (tmp_path / "x.parquet", tmp_path / "nowhere.parquet"):
        with pytest.raises(BrainlakeError, match=r"holds no scores.*--out"):
            add_scores(bank, "x", file)
    with pytest.raises(BrainlakeError, match="no such folder"):
        add_scores(tmp_path / "typo", "x", tmp_path / "x.parquet")
    assert not (bank / "scores").exists()
    assert not (tmp_path / "typo").exists()
