"""Tests bear the name of their module and lie where it does: who changes a module knows where its tests are."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = {"tests/evaluator": "evaluator/brainlake", "tests/builder": "builder/brainlake_builder"}

NOTHING_TO_TEST = {
    "tests/evaluator/test_version.py": "a number",
    "tests/builder/humans/readers/test_alice2016_files.py": "names and hashes of raw files",
}
"""Modules without a test, and why."""

OWED = {
    "tests/builder/cli/test_features.py",
    "tests/builder/cli/test_remove.py",
    "tests/builder/cli/test_rename.py",
    "tests/builder/publishing/test_agreement.py",
    "tests/builder/publishing/test_card_sections.py",
    "tests/builder/publishing/test_planning.py",
    "tests/builder/publishing/test_publishable.py",
    "tests/builder/publishing/test_repository.py",
    "tests/builder/tables/test_placing.py",
    "tests/evaluator/alignment/reading/test_covariates.py",
    "tests/evaluator/alignment/reading/test_gains.py",
    "tests/evaluator/alignment/reading/test_intervals.py",
    "tests/evaluator/alignment/reading/test_predictors.py",
    "tests/evaluator/alignment/reading/test_protocols.py",
    "tests/evaluator/alignment/reading/test_shapes.py",
    "tests/evaluator/bank/test_agreement.py",
    "tests/evaluator/bank/test_provenance.py",
    "tests/evaluator/bank/test_spill.py",
    "tests/evaluator/cli/test_compare.py",
    "tests/evaluator/encoding/test_spline.py",
}
"""Modules that are tested through others alone. None is added; what gets tests of its own is struck out."""


def missing() -> set[str]:
    """Tests that would bear a module's name, and are not there."""
    found = set()
    for tests, package in PACKAGES.items():
        for module in sorted((ROOT / package).rglob("*.py")):
            place = Path(tests) / module.relative_to(ROOT / package).parent / f"test_{module.name}"
            if not module.name.startswith("__") and not (ROOT / place).exists():
                found.add(place.as_posix())
    return found


def test_every_module_has_tests_of_its_name():
    assert missing() - set(NOTHING_TO_TEST) == set(OWED)


def test_what_needs_no_test_is_there():
    assert set(NOTHING_TO_TEST) <= missing()


if __name__ == "__main__":
    import sys

    sys.stdout.write("".join(f"{path}\n" for path in sorted(missing())))
