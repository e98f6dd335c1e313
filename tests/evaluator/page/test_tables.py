"""Tables of a report: what is read, and what is sorted by."""

import polars as pl

from brainlake.page.tables import score_table, table_of
from drawn import profile


def test_numbers_are_sorted_by_their_values_and_hashes_cut():
    content = pl.DataFrame(
        {"n_rows": [1234567], "score": [0.05], "sha256": ["a" * 64], "nothing": [None], "empty": [""], "big": [5e8]}
    )
    found = table_of("x", "X", content)
    assert found.head == ["n rows", "score", "sha256", "big"]
    assert [(cell.text, cell.value) for cell in found.rows[0]] == [
        ("1,234,567", 1234567.0),
        (".0500", 0.05),
        (f"{'a' * 12}...", None),
        ("5e+08", 5e8),
    ]
    assert "a" * 64 in found.csv


def test_a_citation_is_read_by_its_authors_and_its_file_has_all():
    citation = "@article{a, title = {T}, author = {Roe, Jo and Doe, Bo}, year = 2024}"
    found = table_of("x", "X", pl.DataFrame({"citation": [citation]}))
    assert found.rows[0][0].text == "Roe & Doe (2024)"
    assert citation in found.csv


def test_other_folds_and_gains_stand_beside_the_score_of_the_same_model():
    found = score_table(profile(n=2))
    place = {name: k for k, name in enumerate(found.head)}
    best = found.rows[0]
    assert best[place["model"]].text == "lab--m1"
    assert best[place["other folds"]].value == best[place["score"]].value + 0.1
    assert best[place["beyond baselines"]].value == best[place["score"]].value / 9
