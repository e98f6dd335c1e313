"""Stored results are read as they are: from files, from banks, in any order; what contradicts itself is refused."""

import polars as pl
import pytest

from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.schema import SCORES
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.figures.results import read_results, results_of
from brainlake_builder.tables.writer import write_table
from drawn import deciles_of, profile
from studies import family, put_tables


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    scored, who, known = family([2, 1])
    return put_tables(tmp_path_factory.mktemp("drawn") / "bank", scored, who, known)


def test_files_and_banks_come_together(bank, tmp_path):
    profile().write_parquet(tmp_path / "own.parquet")
    deciles_of().write_parquet(tmp_path / "shapes.parquet")
    found = read_results([tmp_path / "shapes.parquet", bank, tmp_path / "own.parquet"])
    assert len(found.scores) == len(profile()) + 5
    assert len(found.shapes) == 20
    assert set(found.models["model"]) == {"base0", "base1", "tuned0.0", "tuned0.1", "tuned1.0"}
    assert [path.name for path in found.files] == ["shapes.parquet", "own.parquet"]


def test_the_same_row_counts_once_and_another_score_is_refused():
    table = profile()
    assert len(results_of([table, table]).scores) == len(table)
    with pytest.raises(BrainlakeError, match=r"lab--m0 has two scores of kind headline on b under protocol grouped"):
        results_of([table, table.with_columns(pl.col("score") + 1)])


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (pl.DataFrame({"a": [1]}), "holds no results"),
        (pl.DataFrame({"score": [1.0]}), "scores without column kind"),
        (profile().with_columns(score=pl.lit("much")), "of other types"),
        (None, "cannot be read"),
    ],
)
def test_other_files_are_refused(content, match, tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text("no") if content is None else content.write_parquet(path)
    with pytest.raises(BrainlakeError, match=match):
        read_results([path])


def test_a_bank_without_results_says_what_to_do(tmp_path):
    _, who, _ = family([1])
    empty = put_tables(tmp_path / "bank", who=who)
    with pytest.raises(BrainlakeError, match="no scores are stored there: write some with"):
        read_results([empty])


def test_of_a_bank_with_two_scores_of_a_model_one_file_is_chosen(tmp_path):
    table = profile(n=1, layers=0)
    two = put_tables(tmp_path / "bank", table)
    write_table(two, "scores", "theirs", table.with_columns(score=pl.col("score") / 2).to_arrow().cast(SCORES))
    rebuild_manifest(two)
    with pytest.raises(BrainlakeError, match=r"\(scores/mine.parquet, scores/theirs.parquet\): .* --only FILE"):
        read_results([two])
    found = read_results([two], only=["scores/theirs.parquet"]).scores
    assert set(found["file"]) == {"scores/theirs.parquet"}
    assert found["score"].to_list() == [score / 2 for score in table["score"]]
    with pytest.raises(UnknownNameError, match=r"unknown file of results in the bank 'theirs'.*scores/mine.parquet"):
        read_results([two], only=["theirs"])
