"""Banks opened from the Hub: what travels, what is kept, and what happens when bytes change."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError, UnknownNameError, behavioral_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.cli import main
from brainlake_builder.publishing.publish import publish
from brainlake_builder.publishing.publishable import HUMAN_TABLES
from hub.banks import add_model, values

FEW = 2_000_000


@pytest.fixture
def published(hub, bank, repo):
    publish(bank, repo, may_pass_on=True)
    hub.forget()
    return repo


def open_offline(code, *arguments):
    """Run code in a process for which there is no network."""
    environment = os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_opening_fetches_the_manifest_and_pins_the_commit(published, bank, hub):
    found = open_bank(published)
    assert {r.path.rpartition("/")[2] for r in hub.requests} == {"manifest.parquet"}
    add_model(bank, "late", values(seed=1))
    publish(bank, published, may_pass_on=True)
    assert "late" not in found.names("models")
    np.testing.assert_array_equal(found.activations("gpt+untrained-s0", "toy", 1).values, values()[1])
    assert "late" in open_bank(published).names("models")
    assert str(found.roots[0]).startswith(f"{published}@")


def test_one_layer_of_33_moves_its_row_group_and_the_footer(hub, bank, repo):
    X = values(layers=33, d=2048)
    add_model(bank, "large", X)
    publish(bank, repo, may_pass_on=True)
    found = open_bank(repo)
    found.stimuli("toy")
    sidecar = found.feature_file("activations", "large", "toy", "document")
    group = pq.read_metadata(bank / sidecar.path).row_group(16)
    size = sum(group.column(c).total_compressed_size for c in range(group.num_columns))
    hub.forget()
    np.testing.assert_array_equal(found.activations("large", "toy", 16).values, X[16])
    assert hub.sent <= 1.15 * size + sidecar.footer_bytes
    hub.forget()
    found.activations("large", "toy", 17)
    assert hub.sent <= 1.15 * size
    again = open_bank(repo)
    hub.forget()
    mean = again.sql("select avg(list_sum(activation)) m from activations where model = 'large' and layer = 16")["m"]
    np.testing.assert_allclose(mean.item(), X[16].sum(1).mean(), rtol=1e-5)
    others = sum(s.footer_bytes for _, s in again.files if s.kind == "activations")
    assert hub.sent <= 1.15 * size + others
    hub.forget()
    again.sql("select max(list_sum(activation)) from activations where model = 'large' and layer = 16")
    assert hub.requests == []


@pytest.mark.slow
def test_info_and_a_query_over_20_models_move_little(hub, bank, repo, capsys):
    for number in range(20):
        add_model(bank, f"model-{number}", values(layers=13, d=64, seed=number))
    publish(bank, repo, may_pass_on=True)
    hub.forget()
    assert main(["info", repo]) == 0
    assert f"{repo}@" in (out := capsys.readouterr().out)
    assert "22 models" in out
    assert main(["info", "--files", repo]) == 0
    assert capsys.readouterr().out.count("1 of 1 passed") == 21
    query = "select model, avg(surprisal) as bits from surprisal group by model order by model"
    assert len(open_bank(repo).sql(query)) == 22
    assert hub.sent < FEW
    assert all("/activations/" not in r.path and "/responses/" not in r.path for r in hub.requests)


def test_a_table_of_one_model_leaves_the_others_alone(published, bank, hub):
    add_model(bank, "late", values(seed=1))
    publish(bank, published, may_pass_on=True)
    found = open_bank(published)
    hub.forget()
    assert len(found.table("surprisal", model="late", stimulus_set="toy")) == 60
    assert {r.path.split("surprisal/")[1].split("/")[0] for r in hub.requests} == {"late"}


def test_remote_and_local_roots_are_one_catalogue(hub, bank, repo, tmp_path):
    features, humans = tmp_path / "features", tmp_path / "humans"
    for root, tables in ((features, ("models", "stimuli", "surprisal")), (humans, (*HUMAN_TABLES, "benchmarks"))):
        for table in tables:
            if (bank / table).exists():
                for part in (table, f"sidecars/{table}"):
                    shutil.copytree(bank / part, root / part)
        rebuild_manifest(root)
    publish(features, repo, may_pass_on=True)
    assert not hub.repos[repo].private
    both, whole = open_bank(repo, humans), open_bank(bank)
    expected = behavioral_alignment(whole, "toy.reading", n_boot=0)
    assert behavioral_alignment(both, "toy.reading", n_boot=0).equals(expected)
    query = "select count(*) as n from surprisal join reading_times using (stimulus_set, stimulus_id)"
    assert both.sql(query).equals(whole.sql(query))


def test_the_same_thing_with_other_content_names_both_roots(published, bank):
    add_model(bank, "gpt+untrained-s0", values(seed=7))
    with pytest.raises(BrainlakeError, match=r"both hold activations/gpt.*different content") as error:
        open_bank(published, bank)
    assert published in str(error.value)
    assert str(bank) in str(error.value)


@pytest.mark.slow
def test_what_was_read_or_downloaded_is_there_offline(published, hub):
    open_bank(published).stimuli("toy")
    code = "import sys, brainlake; print(len(brainlake.open_bank(sys.argv[1]).stimuli('toy')))"
    assert open_offline(code, published).strip() == "60"
    code = (
        "import sys, brainlake\nbank = brainlake.open_bank(sys.argv[1])\n"
        "try: print(bank.activations('gpt+untrained-s0', 'toy', 1).values.shape)\n"
        "except brainlake.BrainlakeError as error: print(error)"
    )
    assert "cannot be reached" in open_offline(code, published)
    open_bank(published, download=True)
    assert open_offline(code, published).strip() == "(60, 5)"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tester/nowhere", "there is no dataset repository tester/nowhere"),
        ("REPO@v9", "no such branch, tag or commit"),
        ("hf://datasets/REPO@v9", "no such branch"),
        ("tester/b..d", "is not the name of a repository"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(published, name, message, capsys):
    assert main(["info", name.replace("REPO", published)]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_repository_without_a_manifest_is_no_bank(hub, published):
    hub.repos["tester/other"] = hub.repos[published].__class__(private=False)
    hub.repos["tester/other"].commit("main", {"data.parquet": hub.store("data.parquet", b"x")})
    with pytest.raises(BrainlakeError, match="is not a bank"):
        open_bank("tester/other")
    with pytest.raises(UnknownNameError):
        open_bank(published).activations("gpt+untrained-s0", "toy", 77)
