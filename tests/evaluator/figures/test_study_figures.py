"""Pairs, properties and trainings, a figure a question, or why there is none."""

from dataclasses import replace

from brainlake.figures.catalogue import figures_of
from brainlake.figures.figure import Figure, Omitted
from brainlake.figures.results import results_of
from brainlake.figures.study_figures import study_figures
from drawn import profile
from studies import family


def test_models_that_no_bank_knows_are_told_of():
    _, omitted = figures_of(results_of([profile()]))
    assert {one.why for one in omitted if one.title == "Training"} == {
        "the table models has none of the models: name the bank that they are in"
    }


def test_a_family_has_pairs_and_properties_and_no_training():
    scored, who, known = family([2, 1, 1], benchmarks=("b", "c"))
    found = list(study_figures(replace(results_of([scored]), models=who, model_properties=known)))
    kinds = ("Tuned against base", "Alignment against size", "Alignment against mmlu")
    assert [one.title for one in found if isinstance(one, Figure)] == [
        f"{kind}: {name}, grouped" for kind in kinds for name in ("b", "c", "mean of 2")
    ]
    (training,) = [one for one in found if isinstance(one, Omitted)]
    assert training.why.startswith("no training has scores of two checkpoints")
    assert "they go back to 3 bases" in found[0].caption
