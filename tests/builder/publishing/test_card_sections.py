"""The parts of a card: rows that add up, examples that are of what is there, and text that is no markup."""

import ast
import html
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.bank.manifest import Manifest
from brainlake.contract.recipe import parse_recipe
from brainlake.contract.sidecar import Sidecar
from brainlake_builder.publishing.card_sections import (
    checks,
    licences,
    limits,
    models,
    plain,
    recipes,
    size,
    summary,
    tables,
    with_brainlake,
    with_datasets,
    with_duckdb,
)

UNITS = {"bytes": 0, "kB": 3, "MB": 6, "GB": 9}


def named(kind, name, n_bytes=1000, **facts):
    return Sidecar(f"{kind}/{name}.parquet", "0", n_bytes, 10, kind, "now", name=name, **facts)


def features(kind, model, stimulus_set="s", recipe="document", **facts):
    known = parse_recipe(recipe)
    facts = {"model": model, "stimulus_set": stimulus_set, "recipe": known.name, "recipe_digest": known.digest} | facts
    path = f"{kind}/{model}/{stimulus_set}/{known.name}-{known.digest}.parquet"
    return Sidecar(path, "0", 1000, 10, kind, "now", recipe_json=known.to_json(), **facts)


def layers(n):
    return [{"layer": k, "module": "b", "sha256": "0"} for k in range(n)]


def cells(grid):
    """Rows of a Markdown table, without its head."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in grid.splitlines()[2:]]


@given(st.text())
def test_plain_text_reads_as_written_and_is_no_markup(text):
    found = plain(text)
    assert not re.search(r"[\\`*\[\]|~$<>\n]", found)
    assert html.unescape(found) == " ".join(text.split())


@given(st.integers(0, 10**15))
def test_sizes_are_right_to_their_last_digit(n):
    number, unit = size(n).split()
    assert abs(Decimal(number) - Decimal(n) / 10 ** UNITS[unit]) <= Decimal("0.05")
    assert unit in ("bytes", "GB") or Decimal(number) <= 1000


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (2 * 10**13, "20000.0 GB")]
)
def test_sizes_change_their_unit_at_a_thousand(n, text):
    assert size(n) == text


def test_a_summary_counts_what_there_is():
    files = [features("activations", "m"), features("surprisal", "m"), named("stimuli", "t"), named("benchmarks", "b")]
    text = summary(Manifest([*files, named("benchmarks", "c")]))
    assert text == "1 model, 2 stimulus sets, 2 benchmarks; 5.0 kB in 5 files."
    root = "lab/bank@" + "a" * 40
    assert summary(Manifest([], [root])).endswith(f"- `{root}`")


def test_a_line_a_table_and_a_line_a_model():
    files = [
        features("activations", "b", layers=layers(3), d=8, dtype="float16", model_revision="0123456789abcdef"),
        features("surprisal", "b", "t", "aw2024", dtype="float32"),
        features("surprisal", "a"),
    ]
    assert cells(tables(files)) == [["`activations`", "1", "10", "1.0 kB"], ["`surprisal`", "2", "20", "2.0 kB"]]
    assert cells(models(files)) == [
        ["`a`", "`s`", "`document`", "", "", ""],
        ["`b`", "`s`, `t`", "`aw2024`, `document`", "3 x 8", "float16, float32", "0123456789ab"],
    ]
    assert models([named("stimuli", "s")]) == "No model."


def test_checks_show_the_worst():
    one = [{"name": "prefix", "value": 2e-6, "tolerance": 1e-4, "passed": True}]
    other = [{"name": "prefix", "value": 3e-3, "tolerance": 1e-4, "passed": False}]
    none = [{"name": "bits", "value": None, "tolerance": None, "passed": True}]
    files = [features("activations", name, checks=c) for name, c in (("a", one), ("b", other), ("c", none))]
    assert cells(checks(files)) == [["bits", "1", "1", "nan", "nan"], ["prefix", "2", "1", "0.003", "0.0001"]]
    assert checks([named("stimuli", "s")]) == "No file needs one."


def test_every_recipe_stands_once_in_words():
    files = [features("activations", "m"), features("surprisal", "m"), features("surprisal", "m", recipe="aw2024")]
    found = recipes(files).splitlines()
    assert [line.split(":")[0] for line in found] == [
        f"- `{name}` ({parse_recipe(name).digest})" for name in ("aw2024", "document")
    ]
    assert all(line.split(": ", 1)[1] for line in found)


def test_examples_are_of_what_is_there():
    files = [features("activations", "long-name", layers=layers(3)), features("activations", "m", layers=layers(2))]
    assert '"m", "s", layer=1, recipe="document"' in with_brainlake(files)
    assert with_datasets("lab/x", files) == 'layers = load_dataset("lab/x", "m.s.document", split="train")'
    assert "from 'hf://datasets/lab/x/manifest.parquet'" in with_duckdb("lab/x", files)
    words = [features("surprisal", "m")]
    assert with_datasets("lab/x", words) == 'surprisal = load_dataset("lab/x", "surprisal", split="train")'
    assert "from 'hf://datasets/lab/x/surprisal/*/*/*.parquet'" in with_duckdb("lab/x", words)
    assert with_datasets("lab/x", []) == 'manifest = load_dataset("lab/x", "manifest", split="train")'
    for code in (with_brainlake(files), with_datasets("lab/x", files), with_brainlake([])):
        ast.parse(code)


def benchmark(name, **facts):
    row = {"benchmark": name, "modality": "fmri", "licence": None, "redistributable": None, "citation": None}
    return row | {"origin": "somewhere"} | facts


def test_licences_of_texts_and_people():
    text = licences(
        [benchmark("b", redistributable=False)], [named("stimuli", "s", licence="CC0", redistributable=True)]
    )
    texts, people = text.split("\n\n")
    assert cells(texts) == [["`s`", "CC0", "yes"]]
    assert cells(people) == [["b", "fmri", "not stated", "no"]]
    assert licences([], []) == "No human data."


def test_citations_stand_once_in_a_fence_that_they_cannot_close():
    text = licences([benchmark(name, citation="@article{x,\n```\n}") for name in "ab"], [])
    assert text.count("````bibtex\n@article{x,\n```\n}\n````") == 1
    assert text.count("@article") == 1


def test_a_dataset_with_a_card_brings_it_in_place_of_its_citation():
    text = licences([benchmark("tuckute2024", citation="as in the table")], [])
    assert "### tuckute2024" in text
    assert "as in the table" not in text


def test_limits_say_what_to_know():
    assert limits([benchmark("b", redistributable=True)], [features("surprisal", "m")]) == ""
    assert "marked as not to be passed on" in limits([benchmark("b")], [])
    assert "**simulated**" in limits([benchmark("b", origin="simulated", redistributable=True)], [])
    assert "computed by others" in limits([], [named("surprisal", "x", recipe="imported")])
