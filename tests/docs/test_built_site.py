"""What looks for links that lead nowhere in a built site finds them."""

import pytest

from site_pages.links import broken


@pytest.fixture
def site(tmp_path):
    (tmp_path / "api").mkdir()
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/layout.html").write_text('<a href="{{ nowhere }}">')
    (tmp_path / "api/one.html").write_text('<a href="../index.html#there">x</a><img src="data:image/png;base64,AA==">')
    return tmp_path


def test_a_site_whose_links_resolve_has_none(site):
    (site / "index.html").write_text(
        '<p id="there"><a href="api/one.html">x</a><a href="https://a.b/c">y</a><a href="#">'
    )
    assert list(broken(site)) == []


@pytest.mark.parametrize(
    "lost",
    ['<a href="api/two.html">', '<a href="api/one.html#nowhere">', '<a href="#nowhere">', '<img src="x.png">'],
)
def test_what_leads_nowhere_is_named(site, lost):
    (site / "index.html").write_text(f'<p id="there">{lost}')
    assert [page for page, _ in broken(site)] == ["index.html"]


def test_what_is_loaded_from_another_host_is_named(site):
    (site / "index.html").write_text('<p id="there"><script src="https://cdn.example/x.js"></script>')
    assert list(broken(site)) == [("index.html", "https://cdn.example/x.js")]
