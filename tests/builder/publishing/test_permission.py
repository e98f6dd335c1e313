"""What may be passed on: not known is no for what others made, and yes for what was computed here."""

import pytest

from brainlake.contract.sidecar import Sidecar
from brainlake_builder.publishing.permission import OF_OTHERS, forbidden


def sidecar(kind, name="b", **facts):
    return Sidecar(f"{kind}/{name}.parquet", "a", 1, 1, kind, "now", name=name, **facts)


def benchmark(allowed, licence=None):
    return [{"benchmark": "b", "stimulus_sets": ["s"], "redistributable": allowed, "licence": licence}]


@pytest.mark.parametrize("kind", OF_OTHERS)
@pytest.mark.parametrize(
    ("own", "theirs", "may"),
    [
        (True, None, True),
        (None, True, True),
        (None, None, False),
        (False, True, False),
        (True, False, False),
    ],
)
def test_what_others_made_goes_only_where_that_is_said(kind, own, theirs, may):
    name = {"stimuli": "s", "stimulus_features": "s/x"}.get(kind, "b")
    assert (forbidden(sidecar(kind, name, redistributable=own), benchmark(theirs)) is None) == may


@pytest.mark.parametrize(("own", "may"), [(None, True), (True, True), (False, False)])
@pytest.mark.parametrize("kind", ["activations", "kernels", "surprisal", "models", "scores"])
def test_what_was_computed_here_goes_unless_its_table_forbids_it(kind, own, may):
    assert (forbidden(sidecar(kind, redistributable=own), benchmark(None)) is None) == may


def test_imported_surprisal_is_somebody_else_s():
    assert forbidden(sidecar("surprisal", recipe="imported"), []) == "may not be passed on (licence: not known)"
    assert forbidden(sidecar("surprisal", recipe="imported", redistributable=True), []) is None


def test_another_benchmark_says_nothing_and_the_licence_is_named():
    assert forbidden(sidecar("responses", "other"), benchmark(True)) == "may not be passed on (licence: not known)"
    assert forbidden(sidecar("responses"), benchmark(False, "CC BY-NC")) == "may not be passed on (licence: CC BY-NC)"
    own = sidecar("responses", redistributable=False, licence="mine")
    assert forbidden(own, benchmark(True, "CC0")) == "may not be passed on (licence: mine)"
