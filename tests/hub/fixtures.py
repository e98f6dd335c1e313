"""The local Hub, and repositories on it that no other test knows."""

import itertools

import pytest

from hub.banks import add_model, take_away, values

_NUMBERS = itertools.count()


@pytest.fixture
def hub(local_hub):
    """The local Hub, counting from now."""
    local_hub.forget()
    yield local_hub
    local_hub.before_commit = local_hub.in_request = None


@pytest.fixture
def repo():
    """Name of a repository that is not there yet."""
    return f"tester/bank{next(_NUMBERS)}"


@pytest.fixture
def bank(own_bank):
    """The toy bank with a checked model, and without activations that have no checks."""
    for path in (own_bank / "activations").rglob("*.parquet"):
        take_away(own_bank, path)
    add_model(own_bank, "gpt+untrained-s0", values())
    return own_bank
