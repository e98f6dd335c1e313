"""What lies in the roots of a bank, as their sidecars say: no table is read."""

from functools import cached_property

from brainlake.bank.arguments import one_name
from brainlake.bank.contradictions import contradictions
from brainlake.bank.names import Names
from brainlake.bank.roots import File, Root
from brainlake.contract.recipe import recipe_among
from brainlake.contract.schema import FEATURE_TABLES, TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError, UnknownNameError


class Contents:
    """The files of one or more banks, each once.

    Attributes
    ----------
    roots
        Where they lie; ``str()`` of one names it, with the commit if it is remote.
    unreliable
        Why some of them are not read, by their paths: they contradict each other, or what they were made from.
    models, stimulus_sets, benchmarks, recipes
        Names of what there is, in tables of their own or in features; ``bank.models["`` completes with the tab key.
    """

    def __init__(self, roots: list[Root]) -> None:
        self.roots = roots
        self._files = _merge(roots)
        self.unreliable = contradictions([s for _, s in self._files])
        features = [s for _, s in self._files if s.kind in FEATURE_TABLES]
        self.models = Names("model", self._named("models") | {str(s.model) for s in features})
        self.stimulus_sets = Names("stimulus set", self._named("stimuli") | {str(s.stimulus_set) for s in features})
        self.benchmarks = Names("benchmark", self._named("benchmarks"))
        self.recipes = Names("recipe", {str(s.recipe) for s in features})

    @cached_property
    def files(self) -> list[File]:
        """Every Parquet file, with the root it lies under; none where a root is not what its manifest says.

        Raises
        ------
        BrainlakeError
            If a sidecar was changed or damaged since the manifest was written.
        """
        for root in self.roots:
            if root.agreement.fault:
                raise BrainlakeError(root.agreement.fault)
        return self._files

    @property
    def unchecked(self) -> list[str]:
        """What could be compared with no manifest: one sentence a root that has such files."""
        return [root.agreement.unchecked for root in self.roots if root.agreement.unchecked]

    def names(self, kind: str) -> list[str]:
        """What the files of a table with one file a name are about: ``names("responses")`` are benchmarks.

        Raises
        ------
        UnknownNameError
            If there is no such table, or its files have no names.
        """
        named = [table for table in TABLES if table not in FEATURE_TABLES]
        if one_name("kind", kind) not in named:
            raise UnknownNameError("table with named files", kind, named)
        return sorted(self._named(kind))

    def _named(self, kind: str) -> set[str]:
        return {s.name for _, s in self._files if s.kind == kind and s.name is not None}

    def sidecar(self, kind: str, name: str) -> Sidecar:
        """The sidecar of the file of that kind and name.

        Raises
        ------
        UnknownNameError
            If there is none; the message lists what there is.
        """
        known = self.names(kind)
        if one_name("name", name) not in known:
            raise UnknownNameError(kind, name, known)
        return next(s for _, s in self.files if s.kind == kind and s.name == name)

    def feature_files(
        self, table: str, stimulus_set: str, model: str | None = None, recipe: str | None = None
    ) -> list[Sidecar]:
        """Sidecars of the feature files on a stimulus set, in (model, recipe) order.

        Raises
        ------
        UnknownNameError
            If it is no table of features.
        """
        if one_name("table", table) not in FEATURE_TABLES:
            raise UnknownNameError("table of features", table, FEATURE_TABLES)
        one_name("stimulus_set", stimulus_set)
        for column, value in (("model", model), ("recipe", recipe)):
            if value is not None:
                one_name(column, value)
        found = [
            s for _, s in self.files if s.kind == table and s.stimulus_set == stimulus_set and model in (None, s.model)
        ]
        if recipe is not None:
            name = recipe_among(recipe, (str(s.recipe) for s in found))
            found = [s for s in found if s.recipe == name]
        return sorted(found, key=lambda s: (s.model or "", s.recipe or ""))

    def feature_file(self, table: str, model: str, stimulus_set: str, recipe: str) -> Sidecar:
        """The one feature file of a (model, stimulus set, recipe).

        Raises
        ------
        UnknownNameError
            If there is none; the message lists what there is.
        """
        found = [s for _, s in self.files if s.kind == one_name("table", table)]
        for column, wanted in (("model", model), ("stimulus_set", stimulus_set), ("recipe", recipe)):
            known = {str(getattr(s, column)) for s in found}
            name = one_name(column, wanted)
            name = recipe_among(name, known) if column == "recipe" else name
            if name not in known:
                raise UnknownNameError(f"{column.replace('_', ' ')} with {table}", name, known)
            found = [s for s in found if getattr(s, column) == name]
        return found[0]


def _merge(roots: list[Root]) -> list[tuple[Root, Sidecar]]:
    """Files of all roots; what several hold alike, once. Two files of one root that hold the same thing both stay."""
    files: dict[tuple[tuple[str, ...], str], tuple[Root, Sidecar]] = {}
    holders: dict[tuple[str, ...], tuple[Root, Sidecar]] = {}
    for root in roots:
        for sidecar in root.sidecars:
            other_root, other = holders.setdefault(sidecar.key, (root, sidecar))
            if other_root is not root and other.sha256 != sidecar.sha256:
                raise BrainlakeError(
                    f"{root}/{sidecar.path} and {other_root}/{other.path} both hold "
                    f"{'/'.join(filter(None, sidecar.key))}, with different content: "
                    f"open one bank without the other, or remove one of the files"
                )
            if other_root is root or other.path != sidecar.path:
                files.setdefault((sidecar.key, sidecar.path), (root, sidecar))
    return list(files.values())
