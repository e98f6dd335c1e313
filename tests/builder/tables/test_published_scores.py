"""Scores that others published, from a plain table."""

import pytest

from brainlake import BrainlakeError, open_bank, summary
from brainlake.bank.manifest import rebuild_manifest
from brainlake_builder.tables.imported_scores import add_scores
from brainlake_builder.tables.published_scores import read_published

TABLE = """model,benchmark,score,metric,n_stimuli
huggyllama/llama-7b,pereira2018,.405,pearson,
b,pereira2018,.2,pearson,627
"""


def written(tmp_path, content=TABLE):
    path = tmp_path / "table5.csv"
    path.write_text(content)
    return path


def test_what_is_not_known_is_said_to_be(tmp_path):
    first, second = read_published(written(tmp_path), "Aw et al. 2024, Table 5")
    stated = {name: value for name, value in first.items() if value is not None and name != "engine_version"}
    assert stated == {
        "kind": "headline",
        "benchmark": "pereira2018",
        "model": "huggyllama--llama-7b",
        "protocol": "published:Aw et al. 2024, Table 5",
        "metric": "pearson",
        "selection": "not stated",
        "score": 0.405,
    }
    assert second["n_stimuli"] == 627


def test_sources_and_stated_protocols_have_protocols_of_their_own(tmp_path):
    content = "model,benchmark,score,source,protocol\na,x,.1,lab,linear\na,x,.2,lab,\na,x,.3,paper,linear\n"
    protocols = [row["protocol"] for row in read_published(written(tmp_path, content))]
    assert protocols == ["published:lab, linear", "published:lab", "published:paper, linear"]


def test_a_score_that_was_divided_by_its_ceiling_is_no_score(tmp_path):
    (row,) = read_published(written(tmp_path, "model,benchmark,normalized,ceiling\na,futrell2018,.229,.858\n"), "paper")
    assert (row["score"], row["normalized"], row["ceiling"]) == (None, 0.229, 0.858)


def test_a_layer_is_no_headline(tmp_path):
    (row,) = read_published(written(tmp_path, "model,benchmark,score,layer\na,x,.1,3\n"), "paper")
    assert (row["kind"], row["layer"]) == ("layer", 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("model,benchmark\na,x\n", "row 1 has no score"),
        ("model,benchmark,score,metric\na,x,25,pearson\n", "row 1 has a pearson correlation of 25"),
        ("model,benchmark,score\na,x,.1\na,x,.2\n", "row 2 says again what row 1 says"),
        ("model,benchmark,score,source\na,x,.1,lab\n", "row 1 has two sources"),
        ("model,benchmark,score,ci_low,ci_high\na,x,.1,.2,.1\n", r"row 1 has an interval from 0\.2 to 0\.1"),
        ("model,benchmark,score,p_value\na,x,.1,5\n", "row 1 has a p value of 5: it is between 0 and 1"),
        ("model,benchmark,score,ceiling\na,x,.1,0\n", "row 1 has ceiling 0: it has to be above 0"),
        ("model,benchmark,score,n_stimuli\na,x,.1,-5\n", "row 1 has n_stimuli -5: it has to be above 0"),
        ("model,benchmark,score,layer\na,x,.1,-1\n", "row 1 has layer -1"),
        ("model,benchmark,score,kind\na,x,.1,headline\n", "unknown column of table5.csv 'kind'"),
    ],
)
def test_refused_with_the_row(tmp_path, content, message):
    with pytest.raises(BrainlakeError, match=message):
        read_published(written(tmp_path, content), "paper")
    with pytest.raises(BrainlakeError, match="row 1 has no source"):
        read_published(written(tmp_path))
    with pytest.raises(BrainlakeError, match="names no source"):
        read_published(written(tmp_path), " ")


def test_they_stand_in_a_bank_and_in_a_summary_beside_ours(own_bank, tmp_path):
    sidecar = add_scores(own_bank, "aw2024", written(tmp_path), source="paper")
    rebuild_manifest(own_bank)
    bank = open_bank(own_bank)
    assert (sidecar.made_from, sidecar.sources[0]["file"]) == ([], "table5.csv")
    assert bank.verify() == []
    found = summary(bank.table("scores"))
    assert found.table["model"].to_list() == ["huggyllama--llama-7b", "b"]
    assert "pereira2018, protocol published:paper: pearson" in found.notes[0]
