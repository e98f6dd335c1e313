"""Cards: what readers and load_dataset find in them, and names and texts that would be markup."""

import json

import pytest
import yaml

from brainlake.bank.manifest import Manifest
from brainlake.contract.layout import digest_path, table_path
from brainlake.contract.recipe import parse_recipe
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake_builder.publishing.cards import MAX_CONFIGS, card, configs

EVIL = "<script>alert(1)</script>\n---\nconfigs: [x]\n| a | `b` ${repo} [c](javascript:d)"


def table(kind, name, **facts):
    path = table_path(kind, name)
    return Sidecar(path, "0" * 64, 1000, 10, kind, "2026-01-01T00:00:00+00:00", name=name, **facts)


def features(kind, model, stimulus_set, recipe="document", **facts):
    known = parse_recipe(recipe)
    path = digest_path(kind, model, stimulus_set, known.name, known.digest)
    identity = {"model": model, "stimulus_set": stimulus_set, "recipe": known.name, "recipe_digest": known.digest}
    layers = [{"layer": k, "module": "m", "sha256": "0"} for k in (0, 1)] if kind == "activations" else []
    identity |= {"recipe_json": known.to_json(), "layers": layers}
    return Sidecar(path, "0" * 64, 1000, 10, kind, "2026-01-01T00:00:00+00:00", **(identity | facts))


def benchmark(name, **facts):
    row = {"benchmark": name, "modality": "fmri", "licence": "CC BY 4.0", "redistributable": True, "citation": None}
    return row | {"origin": "somewhere"} | facts


def split(text):
    _, header, body = text.split("---\n", 2)
    return yaml.safe_load(header), body


CHECKS = [{"name": "prefix", "value": 2e-6, "tolerance": 1e-4, "passed": True}]
FILES = [
    features("activations", "gpt2", "s1", checks=CHECKS, dtype="float16", d=768, model_revision="607a30d783df"),
    features("activations", "gpt2", "s1", "aw2024", checks=CHECKS, dtype="float32", d=768),
    features("surprisal", "gpt2", "s1"),
    table("benchmarks", "b1"),
    table("responses", "b1", licence="CC BY 4.0"),
    table("stimuli", "s1"),
]


def test_one_configuration_a_table_and_a_model_stimulus_set_and_recipe():
    header, _ = split(card("lab/bank", Manifest(FILES), [benchmark("b1")]))
    found = {c["config_name"]: c["data_files"] for c in header["configs"]}
    assert list(found) == [
        *("benchmarks", "stimuli", "surprisal", "responses", "manifest"),
        *("gpt2.s1.document", "gpt2.s1.aw2024"),
    ]
    assert found["gpt2.s1.aw2024"] == [{"split": "train", "path": FILES[1].path}]
    assert found["surprisal"] == [{"split": "train", "path": "surprisal/*/*/*.parquet"}]
    assert (header["license"], header["size_categories"]) == ("cc-by-4.0", ["n<1K"])


def test_the_body_says_what_it_is_how_it_was_made_and_how_to_load_it():
    _, body = split(card("lab/bank", Manifest(FILES), [benchmark("b1", citation="@article{who2020}")]))
    for wanted in (
        "1 model, 1 stimulus set, 1 benchmark; 6.0 kB in 6 files.",
        "| `gpt2` | `s1` | `aw2024`, `document` | 2 x 768 | float16, float32 | 607a30d783df |",
        'load_dataset("lab/bank", "surprisal", split="train")',
        'load_dataset("lab/bank", "gpt2.s1.document", split="train")',
        "from 'hf://datasets/lab/bank/surprisal/*/*/*.parquet'",
        'brainlake.open_bank("lab/bank")',
        'bank.activations("gpt2", "s1", layer=1, recipe="document").values',
        "An item is read behind all earlier ones of its document, which is tokenised once",
        "| prefix | 2 | 2 | 2e-06 | 0.0001 |",
        "| b1 | fmri | CC BY 4.0 | yes |",
        "@article{who2020}",
        "## Known limits",
    ):
        assert wanted in body
    assert "$" not in body


def test_the_card_of_a_dataset_comes_along_and_simulated_people_are_named():
    _, body = split(card("lab/bank", Manifest([table("benchmarks", "tuckute2024")]), [benchmark("tuckute2024")]))
    assert "### tuckute2024" in body
    assert "10.1038/s41562-023-01783-7" in body
    assert "**simulated**" not in body
    rows = [benchmark("b1", origin="simulated", redistributable=False)]
    _, body = split(card("lab/bank", Manifest([table("benchmarks", "b1")]), rows))
    assert "**simulated**" in body
    assert "marked as not to be passed on" in body


def test_an_index_lists_its_pinned_repositories():
    root = f"lab/llama@{'a' * 40}"
    assert f"- `{root}`" in card("lab/index", Manifest([table("stimuli", "s1")], [root]), [])


def test_markup_in_free_text_stays_text():
    checks = [{"name": EVIL, "value": None, "tolerance": 1.0, "passed": True}]
    facts = {"checks": checks, "dtype": EVIL, "model_revision": EVIL, "licence": EVIL}
    evil = features("activations", "m", "s", recipe_json=json.dumps({"name": "document", "prompt": EVIL}), **facts)
    rows = [benchmark(EVIL, modality=EVIL, licence=EVIL, citation=EVIL)]
    header, body = split(card("lab/bank", Manifest([evil, table("benchmarks", "b1")]), rows))
    assert [c["config_name"] for c in header["configs"]] == ["benchmarks", "manifest", "m.s.document"]
    fenced = f"```text\n{EVIL}\n```"
    assert fenced in body
    outside = body.replace(fenced, "")
    assert "<script" not in outside
    assert "](javascript" not in outside
    assert "\n---\n" not in outside


@pytest.mark.parametrize(
    "name", ["<b>", "a b", "a\nb", "a: b", "a'b", "$(touch x)", "`touch x`", "m'; drop table models;--"]
)
@pytest.mark.parametrize("field", ["model", "stimulus_set", "recipe", "name"])
def test_names_that_are_html_yaml_sql_or_shell_are_no_names(name, field):
    sidecar = table("stimuli", "s1")
    with pytest.raises(BrainlakeError, match="cannot name a"):
        Sidecar(**(vars(sidecar) | {field: name})).check()


def test_a_card_too_long_for_the_viewer_says_how_to_split():
    many = [features("activations", f"m{i}", f"s{k}") for i in range(50) for k in range(50)]
    assert len(configs(Manifest(many[: MAX_CONFIGS - 1]))) == MAX_CONFIGS
    with pytest.raises(BrainlakeError, match=r"2,501 configurations.*one repository a model family.*--index"):
        configs(Manifest(many))


def test_two_files_under_one_configuration_are_refused():
    with pytest.raises(BrainlakeError, match=r"configuration a\.b\.c\.document: rename"):
        configs(Manifest([features("activations", "a.b", "c"), features("activations", "a", "b.c")]))
