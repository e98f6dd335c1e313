"""The examples in docstrings are run."""

import doctest
import importlib
import re
from importlib.util import find_spec

import pytest

from test_rooms import modules

EXAMPLES = [
    f"{package}.{name}".removesuffix(".__init__")
    for package, name, path in modules()
    if re.search(r">>> (?!.*doctest: \+SKIP)", path.read_text(encoding="utf-8"))
    if package == "brainlake" or find_spec("torch")
]


@pytest.mark.parametrize("module", EXAMPLES)
def test_examples_in_docstrings(module):
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted
    assert not found.failed
