"""What travels of banks in many states, and what stays at home; features there beside people here."""

import shutil

import polars as pl
import pyarrow as pa
import pytest

from brainlake import BrainlakeError, behavioral_alignment, brain_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.pull import plan_pull, pull
from brainlake.contract.schema import TABLES
from brainlake_builder.cli import main
from brainlake_builder.publishing.publish import publish
from brainlake_builder.tables.writer import write_table
from hub.banks import add_model, take_away, values

GPT = "gpt+untrained-s0"
HUMAN = {"responses", "targets", "reading_times", "ceilings"}
OURS = {"models", "activations", "surprisal"}
EVERYTHING = HUMAN | OURS | {"benchmarks", "stimuli"}


def say(bank, table, name, redistributable, **facts):
    """Write a table again, with what it says of itself."""
    content = open_bank(bank).table(table).to_arrow().cast(TABLES[table])
    write_table(bank, table, name, content, redistributable=redistributable, **facts)
    rebuild_manifest(bank)


def say_all(bank, redistributable, licence="a licence"):
    """The same of the stimuli and of everything about people."""
    for table, name in (
        *(("stimuli", "toy"), ("responses", "toy.brain"), ("targets", "toy.brain"), ("ceilings", "toy.brain")),
        ("reading_times", "toy.reading"),
    ):
        say(bank, table, name, redistributable, licence=licence)


def without(bank, *tables):
    """Take tables away."""
    for table in tables:
        for path in list((bank / table).rglob("*.parquet")):
            take_away(bank, path)
    rebuild_manifest(bank)


def add_rows(bank, name, models, author=None):
    """Scores of models, in one file."""
    row = {"benchmark": "toy.brain", "protocol": "grouped", "selection": "none", "metric": "pearson", "score": 0.1}
    row |= {"n_stimuli": 60, "n_targets": 3, "engine_version": "0"}
    rows = [row | {"model": model} for model in (*models, "baseline:position")]
    write_table(bank, "scores", name, pa.Table.from_pylist(rows, schema=TABLES["scores"]), author=author)
    rebuild_manifest(bank)


STATES = {
    # What happens to the bank; how it is published; the tables that travel, or why none does.
    "nothing is said": (lambda b: None, {}, r"ceilings/toy\.brain.*licence: not known.*--features.*--may-pass-on"),
    "nothing is said, features": (lambda b: None, {"features": True}, OURS),
    "nothing is said, passed on": (lambda b: None, {"may_pass_on": True}, EVERYTHING),
    "features, passed on": (lambda b: None, {"features": True, "may_pass_on": True}, OURS | {"stimuli"}),
    "all may go": (lambda b: say_all(b, True), {}, EVERYTHING),
    "all may go, features": (lambda b: say_all(b, True), {"features": True}, OURS | {"stimuli"}),
    "none may go": (lambda b: say_all(b, False), {}, r"may not be passed on \(licence: a licence\)"),
    "none may go, features": (lambda b: say_all(b, False), {"features": True}, OURS),
    "people taken out, texts restricted": (
        lambda b: (say_all(b, False), without(b, *HUMAN, "benchmarks")),
        {},
        r"stimuli/toy\.parquet may not be passed on \(licence: a licence\)",
    ),
    "people taken out, texts unknown": (
        lambda b: without(b, *HUMAN, "benchmarks"),
        {},
        r"stimuli/toy\.parquet may not be passed on \(licence: not known\)",
    ),
    "people taken out, features": (
        lambda b: (say_all(b, False), without(b, *HUMAN, "benchmarks")),
        {"features": True},
        OURS,
    ),
    "people taken out, texts free": (
        lambda b: (say_all(b, True), without(b, *HUMAN, "benchmarks")),
        {},
        OURS | {"stimuli"},
    ),
    "one table restricted": (
        lambda b: (say_all(b, True), say(b, "ceilings", "toy.brain", False, licence="theirs")),
        {},
        r"ceilings/toy\.brain.*licence: theirs",
    ),
    "texts free, people not": (
        lambda b: (say_all(b, False), say(b, "stimuli", "toy", True)),
        {"features": True},
        OURS | {"stimuli"},
    ),
    "metadata alone": (lambda b: say_all(b, True), {"metadata_only": True}, EVERYTHING - {"activations", "surprisal"}),
    "scores of both, one model chosen": (
        lambda b: (say_all(b, True), add_model(b, "b", values()), add_rows(b, "x", [GPT, "b"])),
        {"models": [GPT]},
        EVERYTHING,
    ),
    "scores of one, that model chosen": (
        lambda b: (say_all(b, True), add_model(b, "b", values()), add_rows(b, "x", [GPT])),
        {"models": [GPT]},
        EVERYTHING | {"scores"},
    ),
    "scores, features": (lambda b: add_rows(b, "x", [GPT]), {"features": True}, OURS),
    "people alone, features": (lambda b: without(b, *OURS), {"features": True}, "holds nothing to publish"),
    "unchecked activations": (
        lambda b: add_model(b, "c", values(), checks=[]),
        {"features": True},
        "records no checks",
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_what_travels(hub, bank, repo, state):
    change, how, expected = STATES[state]
    take_away(bank, bank / "surprisal" / "m" / "toy" / next((bank / "surprisal/m/toy").iterdir()).name)
    take_away(bank, bank / "models/m.parquet")
    rebuild_manifest(bank)
    change(bank)
    if isinstance(expected, str):
        with pytest.raises(BrainlakeError, match=expected):
            publish(bank, repo, **how)
        assert repo not in hub.repos
        return
    done = publish(bank, repo, **how)
    there = {path for path in hub.files(repo) if path.endswith(".parquet") and "/" in path}
    assert {path.split("/")[0] for path in there} == expected
    stays = {held.path for held in done.stays}
    assert not stays & there
    assert stays | there == {s.path for _, s in open_bank(bank).files}
    assert {s.model for _, s in open_bank(repo).files if s.model} <= set(how.get("models", [GPT]))


def test_features_there_and_people_here_give_the_same_scores(hub, bank, repo, tmp_path, capsys):
    say_all(bank, False)
    assert main(["publish", str(bank), "--repo", repo, "--features"]) == 0
    err = capsys.readouterr().err
    assert "stays at home, may not be passed on (licence: a licence): stimuli/toy.parquet" in err
    assert "stays at home, is human data: ceilings/toy.brain.parquet, " in err
    whole = open_bank(bank)
    expected = brain_alignment(whole, "toy.brain", n_boot=50), behavioral_alignment(whole, "toy.reading", n_boot=50)
    shutil.copytree(bank, tmp_path / "home")
    without(tmp_path / "home", *OURS)
    both = open_bank(repo, tmp_path / "home")
    found = brain_alignment(both, "toy.brain", n_boot=50), behavioral_alignment(both, "toy.reading", n_boot=50)
    assert all(a.equals(b) for a, b in zip(found, expected, strict=True))
    assert both.verify() == []


def test_a_dry_run_shows_files_and_card(hub, bank, repo, capsys):
    say_all(bank, False)
    assert main(["publish", str(bank), "--repo", repo, "--features", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "activations/gpt+untrained-s0/toy/document-26c1721e.parquet" in out
    assert "stays at home: may not be passed on (licence: a licence)" in out
    assert "\n# " + repo.split("/")[1] in out
    assert publish(bank, repo, features=True).card.rstrip() in out
    assert main(["publish", str(bank), "--repo", repo, "--features", "--dry-run", "--format", "json"]) == 0
    moves = pl.read_json(capsys.readouterr().out.encode())
    assert set(moves["what"]) == {
        "stays at home: may not be passed on (licence: a licence)",
        "stays at home: is human data",
        "stays at home: is no table of features",
    }


def test_what_is_fuller_is_not_replaced_unasked(hub, bank, repo, tmp_path):
    publish(bank, repo, may_pass_on=True)
    part = tmp_path / "part"
    list(pull(plan_pull(repo, part, layers=[1]), part))
    with pytest.raises(BrainlakeError, match=r"has another activations/.* with 2 layers more \(0, 2\).*--replace"):
        publish(part, repo, may_pass_on=True)
    assert len(open_bank(repo).feature_file("activations", GPT, "toy", "document").layers) == 3
    publish(part, repo, may_pass_on=True, replace=True)
    assert len(open_bank(repo).feature_file("activations", GPT, "toy", "document").layers) == 1


@pytest.mark.parametrize(
    ("mine", "theirs", "refused"),
    [
        (None, None, "perhaps someone else's"),
        ("me", "them", "that of them"),
        (None, "them", "that of them"),
        ("me", "me", ""),
    ],
)
def test_scores_of_two_people_under_one_name(hub, bank, repo, mine, theirs, refused):
    add_rows(bank, "x", [GPT], author=theirs)
    publish(bank, repo, may_pass_on=True)
    add_rows(bank, "x", [GPT, GPT], author=mine)
    if refused:
        with pytest.raises(BrainlakeError, match=rf"another scores/x\.parquet, {refused}.*--replace.*another name"):
            publish(bank, repo, may_pass_on=True)
        publish(bank, repo, may_pass_on=True, replace=True)
    else:
        publish(bank, repo, may_pass_on=True)
    assert len(open_bank(repo).table("scores")) == 3


def test_what_only_the_repository_has_is_named_and_pruned(hub, bank, repo, capsys):
    add_model(bank, "late", values(seed=1))
    publish(bank, repo, may_pass_on=True)
    for path in [*bank.rglob("late/*/*.parquet"), bank / "models/late.parquet"]:
        take_away(bank, path)
    rebuild_manifest(bank)
    asked = ["publish", str(bank), "--repo", repo, "--may-pass-on"]
    assert main(asked) == 0
    assert "stays there (--prune removes it)" in capsys.readouterr().err
    assert "models/late.parquet" in hub.files(repo)
    assert main([*asked, "--prune", "--model", GPT]) == 0
    assert "models/late.parquet" in capsys.readouterr().err
    assert not any("late" in path for path in hub.files(repo))
    assert any("/m/" in path for path in hub.files(repo))  # the bank has it, though it was not chosen
    assert open_bank(repo).verify() == []


@pytest.mark.parametrize("tag", ["a b", "main", "..", "v1..2", "HEAD", "", "v1.lock", "-v", "a/b", "0" * 40])
def test_a_tag_that_is_none(hub, bank, repo, tag):
    with pytest.raises(BrainlakeError, match="cannot tag a version"):
        publish(bank, repo, may_pass_on=True, tag=tag)
    assert repo not in hub.repos


def test_the_address_of_a_page_is_its_name(hub, bank, repo):
    page = f"https://huggingface.co/datasets/{repo}"
    assert publish(bank, page, may_pass_on=True, tag="v1").repo == repo
    for address in (page, f"{page}/", f"{page}/tree/main", f"{page}/tree/v1"):
        assert open_bank(address).models == open_bank(repo).models
