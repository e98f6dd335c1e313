"""Tests bear the name of their module and lie where it does: who changes a module knows where its tests are."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = {"tests/evaluator": "evaluator/brainlake", "tests/builder": "builder/brainlake_builder"}

NOTHING_TO_TEST = {
    "tests/evaluator/test_version.py": "a number",
    "tests/builder/humans/readers/test_alice2016_files.py": "names and hashes of raw files",
}
"""Modules without a test, and why."""


def missing() -> set[str]:
    """Tests that would bear a module's name, and are not there."""
    found = set()
    for tests, package in PACKAGES.items():
        for module in sorted((ROOT / package).rglob("*.py")):
            place = Path(tests) / module.relative_to(ROOT / package).parent / f"test_{module.name}"
            if not module.name.startswith("__") and not (ROOT / place).exists():
                found.add(place.as_posix())
    return found


def test_every_module_has_tests_of_its_name_but_those_that_need_none():
    assert missing() == set(NOTHING_TO_TEST)


if __name__ == "__main__":
    import sys

    sys.stdout.write("".join(f"{path}\n" for path in sorted(missing())))
