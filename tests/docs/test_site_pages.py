"""The pages that the build of the site writes have what the code has."""

import re

import pytest

from brainlake import KINDS, PROTOCOLS, RECIPES
from brainlake.alignment.baselines import BASELINES, Baseline
from brainlake.alignment.design.metrics import METRICS
from brainlake.alignment.reading.protocols import READING_PROTOCOLS
from brainlake.contract.recipe import FIELDS
from brainlake.contract.schema import TABLES
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.models.zoo import zoo
from site_pages import lists
from site_pages.docstrings import typed_returns

NAMES = {
    "baselines": [f"baseline:{name}" for name in BASELINES],
    "benchmarks": list(DATASETS),
    "commands": [],
    "contract": [field.name for schema in TABLES.values() for field in schema],
    "metrics": [*METRICS, *KINDS],
    "models": [model.source for model in zoo()],
    "protocols": [*PROTOCOLS, *READING_PROTOCOLS],
    "recipes": [*RECIPES, *FIELDS],
}


@pytest.mark.parametrize("name", lists.PAGES)
def test_a_page_has_every_name(name):
    text = lists.PAGES[name]()
    assert not [one for one in NAMES[name] if f"`{one}`" not in text]
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    widths = [{len(re.findall(r"(?<!\\)\|", line)) for line in rows.splitlines()} for rows in tables]
    assert all(len(width) == 1 for width in widths)


def test_the_page_of_commands_has_the_help_of_all():
    text = lists.commands()
    for program, name in (("brainlake", "study"), ("brainlake-build", "import-surprisal")):
        assert f"### {program} {name}\n" in text
        assert f"usage: {program} {name} [-h]" in text


def test_what_is_added_is_listed(monkeypatch):
    def commas(_stimuli):
        """Commas of an item."""

    monkeypatch.setitem(BASELINES, "commas", Baseline(lambda _bank, _recording, _width: None))
    monkeypatch.setattr(lists.baseline_functions, "commas", commas, raising=False)
    assert "| `baseline:commas` | Commas of an item. |" in lists.baselines()


def test_pages_that_have_not_changed_are_not_written_again(tmp_path):
    lists.write_pages(tmp_path, {"a": lambda: "# A\n"})
    before = (tmp_path / "a.md").stat().st_mtime_ns
    lists.write_pages(tmp_path, {"a": lambda: "# A\n"})
    assert (tmp_path / "a.md").stat().st_mtime_ns == before


def test_returns_in_prose_gets_the_annotated_type():
    def prose() -> int:
        """"""

    lines = ["Do.", "", "Returns", "-------", "A number that", "is large.", "", "Raises", "------", "X", "    If."]
    typed_returns(None, "function", "prose", prose, None, lines)
    assert lines[4:7] == ["int", "    A number that", "    is large."]
    assert lines[8:] == ["Raises", "------", "X", "    If."]
    typed = ["Returns", "-------", "int", "    A number."]
    typed_returns(None, "function", "prose", prose, None, typed)
    assert typed == ["Returns", "-------", "int", "    A number."]
