"""Citations taken apart: of our readers, of users, and of texts that are no BibTeX."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.publishing.bibtex import Entry, entries


@pytest.mark.parametrize("name", [name for name, dataset in DATASETS.items() if dataset.citation.startswith("@")])
def test_what_our_readers_cite_has_title_authors_and_year(name):
    found = entries(DATASETS[name].citation)
    assert len(found) == DATASETS[name].citation.count("@")
    for entry in found:
        assert entry.fields["title"]
        assert all(family for family, _ in entry.authors)
        assert entry.authors
        assert entry.fields["year"].isdecimal()


def test_braces_quotes_and_several_entries():
    text = """@Article{a1,
      title = {On {BERT}, and {{more}}}, author = "Roe, J. and {Big Team}" , year=2020}
    @misc{b, note={x = {y, z}}, url = {https://x.org/a,b}}"""
    first, second = entries(text)
    assert (first.kind, dict(first.fields)) == (
        "article",
        {"title": "On BERT, and more", "author": "Roe, J. and Big Team", "year": "2020"},
    )
    assert first.authors == [("Roe", "J."), ("Big Team", "")]
    assert second == Entry("misc", {"note": "x = y, z", "url": "https://x.org/a,b"})


@given(st.text(alphabet='@ab{}=," \n1', max_size=60))
def test_no_text_is_too_much(text):
    for entry in entries(text):
        assert entry.kind
        assert not set('{}"') & set("".join(entry.fields.values()))
