"""Whether every link of a built site leads somewhere in it: ``python docs/site_pages/links.py SITE``.

Sphinx warns of references that it cannot resolve, and not of addresses in raw HTML, images or anchors that it takes as
they are. Addresses of other hosts are not asked; what a page would load from one is an error.
"""

import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = ("img", "script", "link", "source", "iframe")
"""Elements whose address is fetched when the page is opened."""


class _Page(HTMLParser):
    """Addresses and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what is linked, and what can be linked to."""
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append((tag, value))
            if name in ("id", "name") and value:
                self.anchors.add(value)


@cache
def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def broken(site: Path) -> Iterator[tuple[str, str]]:
    """Page and address of every link that leads nowhere, and of everything that is loaded from another host."""
    pages = (path for path in site.rglob("*.html") if path.relative_to(site).parts[0] != "_static")
    for path in sorted(pages):
        for tag, link in _read(path).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if tag in LOADED and parts.scheme != "data":
                    yield str(path.relative_to(site)), link
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            lost = not target.exists()
            if not lost and parts.fragment and target.suffix == ".html":
                lost = unquote(parts.fragment) not in _read(target).anchors
            if lost:
                yield str(path.relative_to(site)), link


if __name__ == "__main__":
    found = list(broken(Path(sys.argv[1]).resolve()))
    for page, link in found:
        sys.stderr.write(f"{page}: {link} leads nowhere in the site\n")
    sys.exit(bool(found))
