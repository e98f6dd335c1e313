"""A plan says what extraction then does."""

import json

import pytest

from brainlake_builder.extraction import plan as planning
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.plan import plan
from brainlake_builder.extraction.request import ExtractionRequest

SENTENCES = [["The boy cried wolf.", "Nobody came."], ["He walked and walked."]]


@pytest.fixture
def bank(make_bank, make_stimuli):
    return make_bank(words=make_stimuli("words", SENTENCES), more=make_stimuli("more", SENTENCES * 2))


@pytest.mark.parametrize("name", ["gpt2", "t5", "bert"])
def test_tokens_and_state(name, bank, model_folder, monkeypatch):
    recipe = "document" if name != "bert" else "document+boundary=none"
    arguments = (bank, [str(model_folder(name))], ["words", "more"], [recipe])
    first = plan(ExtractionRequest(*arguments))
    assert first["state"].to_list() == ["to do", "to do"]
    written = extract(ExtractionRequest(*arguments[:2], ["words"], [recipe]))
    tokens = [json.loads(s.details)["tokens_fed"] for s in written if s.kind == "activations"]
    assert first["tokens"].to_list()[:1] == tokens
    assert plan(ExtractionRequest(*arguments))["state"].to_list() == ["there", "to do"]
    assert (first["flops"] > 0).all()
    assert (first["disk_bytes"] < first["staging_bytes"]).all()


def test_documents_are_texts_that_share_a_context(bank, model_folder, make_stimuli):
    from brainlake_builder.tables.writer import write_table

    contexts = ["one", "one", "two", "two"]
    write_table(bank, "stimuli", "more", make_stimuli("more", SENTENCES * 2, contexts=contexts))
    found = plan(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words", "more"], ["document", "aw2024"]))
    assert found["documents"].to_list() == [2, 4, 2, 2]
    assert found["passes"].to_list()[:2] == [2, 4]


def test_nothing_is_loaded(bank, model_folder, monkeypatch):
    from brainlake_builder.models import loading

    monkeypatch.setattr(loading, "_trained", None)
    assert plan(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))["state"].item() == "to do"
    assert not (bank / "activations").exists()


def test_activations_alone_are_half_of_it(bank, model_folder):
    extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"], surprisal=False))
    assert plan(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))["state"].item() == "to do"


@pytest.mark.parametrize("recipe", ["document", "document+dtype=bfloat16", "document+pool=mean+dtype=float16"])
def test_bytes(recipe, bank, model_folder, make_stimuli):
    """Values are counted exactly; that they are compressed, half precision the more, is an estimate."""
    from brainlake_builder.tables.writer import write_table

    write_table(
        bank, "stimuli", "words", make_stimuli("words", [["The boy cried wolf.", "Nobody came.", "He walked."]] * 400)
    )
    row = plan(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"], [recipe])).row(0, named=True)
    assert row["staging_bytes"] == 4 * 1200 * 4 * 32
    assert row["disk_bytes"] < row["staging_bytes"] * (1 if recipe == "document" else 0.6)


def test_a_model_that_is_loaded_takes_the_memory_that_was_planned(bank, model_folder):
    from brainlake_builder.models.loading import load_model

    network = load_model(str(model_folder("llama"))).network
    weights = sum(p.numel() * p.element_size() for p in network.parameters())
    planned = plan(ExtractionRequest(bank, [str(model_folder("llama"))], ["words"]))["memory_bytes"].item()
    half = plan(ExtractionRequest(bank, [str(model_folder("llama"))], ["words"], ["document+dtype=bfloat16"]))[
        "memory_bytes"
    ].item()
    assert weights < planned
    assert planned - half > weights / 2


def test_other_stimuli(bank, model_folder, make_stimuli):
    from brainlake_builder.tables.writer import write_table

    extract(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))
    write_table(bank, "stimuli", "words", make_stimuli("words", [["Down came the sun."]]))
    assert (
        plan(ExtractionRequest(bank, [str(model_folder("gpt2"))], ["words"]))["state"].item()
        == "there, from another stimuli"
    )


def test_the_speed_is_measured_for_what_is_to_do(bank, model_folder, monkeypatch):
    monkeypatch.setattr(planning, "PROBE", 0.05)
    folder = str(model_folder("gpt2"))
    extract(ExtractionRequest(bank, [folder], ["words"]))
    found = plan(ExtractionRequest(bank, [folder], ["words", "more"]), measure=True)
    there, todo = found.rows(named=True)
    assert (there["tokens_per_second"], there["seconds"]) == (None, None)
    assert todo["tokens_per_second"] > 0
    assert todo["seconds"] == pytest.approx(todo["tokens"] / todo["tokens_per_second"])
    assert "seconds" not in plan(ExtractionRequest(bank, [folder], ["words"])).columns
