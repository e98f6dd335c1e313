"""What is scored on a benchmark: models under recipes, and what stands for them in each part of a composite one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from brainlake.alignment.design.features import known, models_with_features
from brainlake.bank.catalogue import Bank
from brainlake.contract.recipe import recipe_among
from brainlake.errors import BrainlakeError, UnknownNameError


@dataclass(frozen=True)
class Benchmark:
    """A benchmark with the models and recipes that have features of its stimuli, or its parts.

    A composite benchmark is the mean of its parts, which may be composite themselves.
    """

    name: str
    parts: tuple["Benchmark", ...] = ()
    models: tuple[tuple[str, str], ...] = ()
    has_scans: bool = False

    def leaves(self) -> Iterator["Benchmark"]:
        """The benchmarks with recordings of their own, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True)
class Candidate:
    """What is scored as one thing: a model and, for each benchmark with recordings, the recipe it is read under.

    ``recipe`` is what was asked for. The parts of a composite benchmark may have another one of the same family: the
    paper read Wehbe2014 under ``aw2024.wehbe``, and the rest of ``aw2024.brain`` under ``aw2024``.
    """

    model: str
    recipe: str
    recipes: tuple[tuple[str, str], ...]

    def on(self, benchmark: str) -> tuple[str, str]:
        """Model and recipe on a benchmark with recordings."""
        return self.model, dict(self.recipes)[benchmark]


def benchmark_tree(bank: Bank, name: str) -> Benchmark:
    """A benchmark and, of a composite one, its parts.

    Raises
    ------
    UnknownNameError
        If the bank has no such brain benchmark.
    BrainlakeError
        If it lacks a part of a composite one.
    """
    facts = bank.table("benchmarks", benchmark=name)
    parts = list(facts["composite_of"].to_list()[0] or []) if len(facts) else []
    recorded = bank.names("responses")
    if not parts and name not in recorded:
        raise UnknownNameError("brain benchmark", name, recorded)
    if not parts:
        sets = facts["stimulus_sets"].to_list()[0]
        models = dict.fromkeys(pair for one in sets for pair in models_with_features(bank, one))
        return Benchmark(name, models=tuple(models), has_scans=facts["unit"].item() == "tr")
    found = []
    for part in parts:
        try:
            found.append(benchmark_tree(bank, part))
        except UnknownNameError:
            others = ", ".join(one for one in parts if one != part)
            raise BrainlakeError(
                f"{name}: the bank has no responses of its part {part}; add them, or score the other parts by name: "
                f"{others}"
            ) from None
    return Benchmark(name, tuple(found))


def candidates(benchmark: Benchmark, models: Sequence[str] | None, recipes: Sequence[str] | None) -> list[Candidate]:
    """What is to be scored on a benchmark: models and recipes, by default all.

    Raises
    ------
    UnknownNameError
        If no part has such a model or recipe.
    BrainlakeError
        If a part of a composite benchmark lacks a model.
    """
    leaves = list(benchmark.leaves())
    there = sorted({pair for leaf in leaves for pair in leaf.models})
    names = [recipe for _, recipe in there]
    recipes = None if recipes is None else [recipe_among(recipe, names) for recipe in recipes]
    known("model", models, [model for model, _ in there])
    known("recipe", recipes, names)
    found: dict[tuple[object, ...], Candidate] = {}
    for model, recipe in there:
        if (models is None or model in models) and (recipes is None or recipe in recipes):
            own = tuple((leaf.name, _stand_in(benchmark, leaf, model, recipe)) for leaf in leaves)
            found.setdefault((model, own), Candidate(model, recipe, own))
    return list(found.values())


def _stand_in(benchmark: Benchmark, part: Benchmark, model: str, recipe: str) -> str:
    """The recipe itself where the part has it, else the one of its family there."""
    have = [name for one, name in part.models if one == model]
    family = [name for name in have if _family(name) == _family(recipe)]
    if recipe in have:
        return recipe
    if len(family) == 1:
        return family[0]
    raise BrainlakeError(
        f"{benchmark.name}: its part {part.name} has no features of {model} under {recipe}; extract them, name the "
        f"models and recipes that every part has, or score the parts by name"
    )


def _family(recipe: str) -> str:
    """A recipe without what is particular to a part: ``aw2024.wehbe+dtype=float16`` is of ``aw2024+dtype=float16``."""
    name, plus, changes = recipe.partition("+")
    return name.partition(".")[0] + plus + changes
