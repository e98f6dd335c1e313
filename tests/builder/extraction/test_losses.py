"""Losses of several models on one text: one that cannot be run stops no other."""

import os
from pathlib import Path

import pytest

from brainlake.errors import BrainlakeError, Failures
from brainlake.report.progress import SILENT
from brainlake_builder.extraction import loss as of_loss
from brainlake_builder.extraction.loss import loss_rows, next_word_loss
from brainlake_builder.extraction.losses import losses_of
from brainlake_builder.models.loading import load_model

TEXT = "The boy cried wolf, and nobody came. He walked and walked until dark."


def asked(bank, models, failures):
    how = {"window": None, "device": "cpu", "dtype": "float32", "name": None, "loading": {}, "engine": "local"}
    return losses_of(bank, models, TEXT, "story.txt", **how, failures=failures, progress=SILENT)


def test_losses_are_those_of_each_model(make_bank, make_stimuli, model_folder):
    models = [str(model_folder(name)) for name in ("gpt2", "llama")]
    found = list(asked(make_bank(words=make_stimuli("words", [["Nobody came."]])), models, Failures()))
    assert [source for source, _, _ in found] == models
    for source, rows, _ in found:
        (loss,) = [row["value"] for row in rows if row["property"] == "nwp_loss"]
        assert loss == pytest.approx(next_word_loss(load_model(source), TEXT).nats_per_token, abs=1e-6)


def test_a_model_that_is_not_there_stops_no_other(make_bank, make_stimuli, model_folder, tmp_path):
    failures = Failures()
    models = [str(tmp_path / "nowhere"), str(model_folder("gpt2"))]
    found = list(asked(make_bank(words=make_stimuli("words", [["Nobody came."]])), models, failures))
    assert [source for source, _, _ in found] == models[1:]
    assert list(failures.found) == models[:1]
    with pytest.raises(BrainlakeError):
        failures.raise_all()


def test_weights_that_are_written_to_while_a_text_is_read(make_bank, make_stimuli, model_folder, monkeypatch):
    bank, model = make_bank(words=make_stimuli("words", [["Nobody came."]])), str(model_folder("gpt2"))

    def written_to(*given):
        os.utime(Path(model, "model.safetensors"))
        return next_word_loss(*given)

    monkeypatch.setattr(of_loss, "next_word_loss", written_to)
    with pytest.raises(BrainlakeError, match="was changed while its weights were in use"):
        loss_rows(bank, model, TEXT, "story.txt")
