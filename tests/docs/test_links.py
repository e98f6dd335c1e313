"""Links between files of the repository lead somewhere; those to pages of the site, to pages that the build writes."""

import re
from pathlib import Path

import pytest

from site_pages.lists import PAGES

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
WRITTEN = {ROOT / "docs/generated" / f"{name}.md" for name in (*PAGES, "api")} | {ROOT / "docs/gallery/index"}
"""What the build of the site writes."""


def links(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"`[^`]*`", "", text)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"https?:|#", link)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_they_resolve(path):
    lost = []
    for link in links(path):
        target = (path.parent / link.partition("#")[0]).resolve()
        if not target.exists() and target not in WRITTEN:
            lost.append(link)
    assert not lost


def test_every_page_stands_in_a_table_of_contents():
    listed = {"index"}
    for path in (ROOT / "docs").glob("*.md"):
        for entries in re.findall(r"```\{toctree\}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            listed |= {line for line in entries.splitlines() if line and not line.startswith(":")}
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} | {f"generated/{name}" for name in (*PAGES, "api")}
    assert listed - {"gallery/index"} == pages
