"""The lowest versions of pyproject.toml; ``python tests/test_lowest_versions.py`` prints them for ``pip -c``."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements() -> list[Requirement]:
    """What the project and its extras need of others, each name once."""
    texts = [*PROJECT["dependencies"], *(text for extra in PROJECT["optional-dependencies"].values() for text in extra)]
    found = {text: Requirement(text) for text in texts}
    return [one for one in found.values() if one.name != PROJECT["name"]]


def lowest(requirement: Requirement) -> str | None:
    """The lowest version of a requirement; none where it has no lower bound."""
    return next((bound.version for bound in requirement.specifier if bound.operator in (">=", "==")), None)


def constraints() -> list[str]:
    """A line a requirement, as ``pip install -c`` reads it."""
    return [f"{one.name}=={lowest(one)}" for one in requirements()]


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_every_requirement_has_a_lowest_version_that_it_allows(requirement):
    version = lowest(requirement)
    assert version is not None
    assert requirement.specifier.contains(version, prereleases=True)


def test_a_name_has_one_lowest_version():
    names = [one.name for one in requirements()]
    assert len(names) == len(set(names))
    assert len(constraints()) > 20


if __name__ == "__main__":
    import sys

    sys.stdout.write("".join(f"{line}\n" for line in constraints()))
