"""The report: its numbers are those of the scores, it fetches nothing, and no name in it can act."""

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from itertools import pairwise

import polars as pl
import pytest

from brainlake.figures.results import results_of
from brainlake.page.report import page, write_report
from drawn import EDGES, deciles_of, profile, reading

VOID = {"meta", "link", "img", "source", "br"}


class Reader(HTMLParser):
    """Elements with their attributes, cells of tables by their region, and what is left open."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.tables = [], [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.rows = self.tables.setdefault(attributes["aria-label"], [])
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append([attributes.get("data-value"), ""])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and "td" in self.open:
            self.rows[-1][-1][1] += data


@pytest.fixture(scope="module")
def report():
    return page(results_of([profile(), reading(("first_pass",))], shapes=[deciles_of()]), title="T")


@pytest.fixture(scope="module")
def hostile():
    return page(results_of([profile(**EDGES["hostile"] | {"n": 2, "layers": 2})]), title="<script>alert(1)</script>")


def test_numbers_of_the_table_are_those_of_the_scores(report):
    rows = Reader(report).tables["Scores"][1:]
    table = pl.concat([profile(), reading(("first_pass",))])
    expected = table.filter(pl.col("roi").is_null(), kind="headline")
    assert len(rows) == len(expected)
    found = {float(value) for row in rows for value, _ in row if value is not None}
    for column in ("score", "ci_low", "ci_high", "ceiling"):
        assert set(expected[column].drop_nulls()) <= found


def test_every_file_to_download_holds_what_the_table_says(report):
    links = [a for tag, a in Reader(report).elements if tag == "a" and "download" in a]
    csv = {a["download"]: base64.b64decode(a["href"].partition(",")[2]).decode() for a in links}
    assert len(csv) == len(links)
    scores = pl.read_csv(io.StringIO(csv["scores.csv"]))
    expected = pl.concat([profile(), reading(("first_pass",))]).filter(pl.col("roi").is_null(), kind="headline")
    assert sorted(scores["score"]) == sorted(expected["score"])
    layers = pl.read_csv(io.StringIO(csv["layers-b-grouped.csv"])).filter(kind="layer")
    assert sorted(layers["score"]) == sorted(profile().filter(kind="layer")["score"])


@pytest.mark.parametrize("which", ["report", "hostile"])
def test_nothing_leaves_the_file_and_nothing_in_it_can_act(which, request):
    text = request.getfixturevalue(which)
    read = Reader(text)
    assert read.open == []
    for tag, attributes in read.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href", "srcset"):
                assert re.match(r"(data:(image/svg\+xml|text/csv);base64,|data:,$|#)", value), (tag, value[:80])
    assert [tag for tag, _ in read.elements].count("script") == 1
    (policy,) = [a["content"] for tag, a in read.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        inside = re.search(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_hostile_names_are_text(hostile):
    assert "<img src=x" not in hostile
    assert "\x1b" not in hostile
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in hostile
    assert "{{7*7}}" in hostile or "{{{{7*7}}}}" in hostile  # no template ran


def test_every_picture_has_words_and_every_head_a_button(report):
    elements = Reader(report).elements
    assert all(a["alt"] for tag, a in elements if tag == "img")
    assert [t for t, _ in elements].count("th") == [t for t, _ in elements].count("button")
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch("h[1-6]", tag)]
    assert all(b <= a + 1 for a, b in pairwise(levels))
    ids = [a["id"] for _, a in elements if "id" in a]
    assert len(set(ids)) == len(ids)
    assert {a["href"][1:] for _, a in elements if a.get("href", "").startswith("#")} <= set(ids)


def test_long_tables_are_cut_and_their_files_are_whole():
    many = profile(n=1500, layers=0).filter(pl.col("roi").is_null(), pl.col("kind").is_in(["headline", "beyond"]))
    text = page(results_of([many]), title="T")
    assert "1000 of 1502 rows; the file below has all." in text
    assert len(Reader(text).tables["Scores"]) == 1001
    assert "(the best 60 of 1502)" not in text  # it stands in the image
    assert len(text) < 5e6


def test_it_is_written_whole_and_the_same_twice(tmp_path):
    results = results_of([profile(n=1, layers=0)])
    sizes = {write_report(results, tmp_path / f"{name}.html", commands={"x": "brainlake"}) for name in "ab"}
    assert sizes == {(tmp_path / "a.html").stat().st_size}
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_printed_figure_is_not_higher_than_a_page_with_its_heading_and_caption(report):
    printed = report.partition("@media print")[2]
    (height,) = re.findall(r"figure img \{[^}]*max-height: (\d+)mm", printed)
    letter, margins, heading_and_caption = 279, 2 * 15, 35
    assert int(height) <= letter - margins - heading_and_caption
