"""Extraction as a Python call."""

from pathlib import Path

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction import python
from brainlake_builder.extraction.request import ExtractionRequest


def test_arguments_are_the_fields_of_a_request(monkeypatch, tmp_path):
    monkeypatch.setattr(python, "run_request", lambda request: [request])
    (request,) = python.extract(str(tmp_path), "m", ["s", "t"], "aw2024", untrained_seed=3, overwrite=True)
    assert request == ExtractionRequest(Path(tmp_path), ["m"], ["s", "t"], ["aw2024"], untrained_seed=3, overwrite=True)
    (plain,) = python.extract(tmp_path, ["m"], "s")
    assert plain == ExtractionRequest(tmp_path, ["m"], ["s"])
    with pytest.raises(BrainlakeError, match="unknown option 'quirk'; there is: adapter, base_model"):
        python.extract(tmp_path, "m", "s", quirk=1)
