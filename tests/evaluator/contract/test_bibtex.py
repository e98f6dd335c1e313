"""Citations taken apart, and texts that are no BibTeX."""

from hypothesis import given
from hypothesis import strategies as st

from brainlake.contract.bibtex import Entry, entries, short


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
    assert second == Entry("misc", {"note": "x = y, z", "url": "https://x.org/a,b"}, "b")


@given(st.text(alphabet='@ab{}=," \n1', max_size=60))
def test_no_text_is_too_much(text):
    for entry in entries(text):
        assert entry.kind
        assert not set('{}"') & set("".join(entry.fields.values()))


def test_a_work_is_named_by_its_authors_and_year():
    people = ["{Big Team}", "Roe, J. and Doe, B.", "Roe, J. and Doe, B. and Poe, C.", ""]
    found = [short(f"@misc{{k, title = {{T}}, author = {{{who}}}, year = 2020}}") for who in people]
    assert found == ["Big Team (2020)", "Roe & Doe (2020)", "Roe et al. (2020)", "T (2020)"]
    assert short("@misc{k, title={T}}\n@misc{l, author={A}, year=1}") == "T; A (1)"
    assert short("see  the\npaper") == "see the paper"
    assert short("@misc{k, note={nothing of use}}") == "k"
