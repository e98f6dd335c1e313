"""What does not go together in one catalogue, with what it replaces, and in an index."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from brainlake import BrainlakeError
from brainlake.contract.sidecar import Sidecar
from brainlake_builder.publishing.agreement import check_index, check_one_source, check_replaced


def named(kind, name, sha256="1", **facts):
    return Sidecar(f"{kind}/{name}.parquet", sha256, 1, 10, kind, "now", name=name, **facts)


def features(kind, model, sha256="1", layers=(), **facts):
    path = f"{kind}/{model}/s/document-0123abcd.parquet"
    layers = [{"layer": k, "module": "b", "sha256": "0"} for k in layers]
    identity = {"model": model, "stimulus_set": "s", "recipe": "document", "layers": layers}
    return Sidecar(path, sha256, 1, 10, kind, "now", **(identity | facts))


STIMULI = named("stimuli", "s", stimuli_sha256="t1")
MODEL = features("activations", "m", stimuli_sha256="t1", model_revision="r1", layers=(0, 1, 2))
SURPRISAL = features("surprisal", "m", stimuli_sha256="t1", model_revision="r1")


def test_what_speaks_of_the_same_goes_together():
    check_one_source([STIMULI, MODEL, SURPRISAL, features("surprisal", "other", model_revision="r2")], "lab/bank")


@pytest.mark.parametrize(
    ("other", "match"),
    [
        (replace(SURPRISAL, model_revision="r2"), r"lab/bank would hold two models named m: surprisal/m/.* is from r2"),
        (replace(SURPRISAL, stimuli_sha256="t2"), r"surprisal/m/.*, made from other stimuli than its stimuli/s"),
        (
            named("ceilings", "b", made_from=[{"kind": "stimuli", "path": STIMULI.path, "sha256": "0"}]),
            r"ceilings/b\.parquet, which was made from another stimuli/s\.parquet than the one there",
        ),
    ],
    ids=["model", "stimuli", "made from"],
)
def test_two_things_under_one_name_are_refused(other, match):
    with pytest.raises(BrainlakeError, match=match):
        check_one_source([STIMULI, MODEL, other], "lab/bank")


def test_what_is_new_the_same_or_fuller_replaces():
    check_replaced([MODEL], [SURPRISAL], "lab/bank")
    check_replaced([MODEL], [MODEL], "lab/bank")
    check_replaced([replace(MODEL, sha256="2")], [features("activations", "m", layers=(1,))], "lab/bank")


@pytest.mark.parametrize(
    ("own", "theirs", "match"),
    [
        (features("activations", "m", "2", (1,)), MODEL, r"another .*, with 2 layers more \(0, 2\): .*--replace$"),
        (features("activations", "m", "2", (0, 1)), MODEL, r"with 1 layer more \(2\)"),
        (replace(STIMULI, sha256="2", rows=7), STIMULI, "with 3 rows more"),
        (replace(STIMULI, sha256="2"), replace(STIMULI, author="Ada"), "that of Ada"),
        (named("scores", "x", "2"), named("scores", "x"), "perhaps someone else's.*or give these another name"),
        (named("scores", "x", "2", author="Bo"), named("scores", "x", author="Ada"), "that of Ada"),
    ],
)
def test_what_is_fuller_or_someone_else_s_is_not_replaced(own, theirs, match):
    with pytest.raises(BrainlakeError, match=match):
        check_replaced([own], [theirs], "lab/bank")


def test_results_of_one_author_replace_each_other():
    check_replaced([named("scores", "x", "2", author="Ada")], [named("scores", "x", author="Ada")], "lab/bank")


class Root(SimpleNamespace):
    """As much of a repository as an index asks of it."""

    def __init__(self, repo, *sidecars, roots=()):
        super().__init__(snapshot=SimpleNamespace(repo=repo), sidecars=sidecars, roots=list(roots))

    def __str__(self):
        return f"{self.snapshot.repo}@c0ffee"


def test_an_index_of_banks_that_agree():
    check_index([STIMULI], [Root("lab/a", STIMULI, MODEL), Root("lab/b", STIMULI, SURPRISAL)], "lab/index")


@pytest.mark.parametrize(
    ("roots", "match"),
    [
        ([Root("lab/index")], "lab/index cannot list lab/index@c0ffee, which is itself"),
        ([Root("lab/a", roots=["lab/b@1"])], "lab/index cannot list lab/a@c0ffee, which is an index"),
        ([Root("lab/a", replace(STIMULI, sha256="2"))], r": lab/index and lab/a@c0ffee hold different .*stimuli/s"),
        (
            [Root("lab/a", MODEL), Root("lab/b", replace(MODEL, sha256="2"))],
            "lab/a@c0ffee and lab/b@c0ffee hold different files activations/m",
        ),
    ],
)
def test_an_index_that_could_not_be_opened_is_refused(roots, match):
    with pytest.raises(BrainlakeError, match=match):
        check_index([STIMULI], roots, "lab/index")
