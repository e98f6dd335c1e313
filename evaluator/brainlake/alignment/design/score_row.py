"""One score and what belongs to it; and which kinds of scores there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from brainlake.alignment.design.ceilings import Ceiling
from brainlake.encoding.folds import Whole

Selection = Literal["none", "nested", "test"]
Kind = Literal[
    "headline",
    "layer",
    "best_on_test",
    "beyond",
    "other_folds",
    "other_folds_layer",
    "other_folds_best_on_test",
    "centred",
    "curvature",
    "left_out",
]

KINDS: Final[dict[Kind, str]] = {
    "headline": "the answer of the protocol: its folds, its choice over layers",
    "layer": "one layer of a model under the protocol's folds",
    "best_on_test": "the layer that is best on the test folds, beside a nested choice: what it adds is optimism",
    "beyond": "variance that model and baselines explain together less that of the baselines alone",
    "other_folds": "as headline, under the folds that the protocol shows beside its own",
    "other_folds_layer": "as layer, under the folds beside",
    "other_folds_best_on_test": "as best_on_test, under the folds beside",
    "centred": "of reading: correlation with means over people from which each one's own mean is taken out",
    "curvature": "of reading: what a curve of surprisal adds to the straight line",
    "left_out": "of reading: what surprisal adds on one left-out text, which `target_id` names (`--by text`)",
}
"""What a row is, in the order of a table of scores; every row is of exactly one kind."""

_UNDER_OTHER_FOLDS: Final[dict[Kind, Kind]] = {
    "headline": "other_folds",
    "layer": "other_folds_layer",
    "best_on_test": "other_folds_best_on_test",
}

BASELINE: Final = "baseline:"
"""What the name of a baseline begins with, in the column ``model``."""

PUBLISHED: Final = "published:"
"""What the protocol of scores that others published begins with; their source follows."""


@dataclass(frozen=True)
class Identity:
    """Who is scored: a model's features under a recipe, or a baseline, which has a name alone."""

    model: str
    model_revision: str | None = None
    stimuli_sha256: str | None = None
    recipe: str | None = None
    recipe_digest: str | None = None

    @property
    def is_baseline(self) -> bool:
        """Whether no model is behind it."""
        return self.model.startswith(BASELINE)


@dataclass(frozen=True)
class Interval:
    """A 95 % interval and what was resampled, or why there is none.

    ``people`` says how much each subject makes of it: see :class:`brainlake.encoding.fold_interval.FoldInterval`.
    """

    method: str
    low: float | None = None
    high: float | None = None
    people: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PValue:
    """A p value, the smallest that so many permutations can show, and how it was found, or why there is none."""

    method: str
    value: float | None = None
    floor: float | None = None


@dataclass(frozen=True)
class ScoreRow:
    """A score, never clipped, and nan where it is undefined; the columns of ``scores`` say what each field means.

    Attributes
    ----------
    kind
        What the row is, a word of ``KINDS``.
    kept_whole
        What no fold splits; None where folds are shuffled, or nothing is fitted.
    n_folds
        How many folds there were.
    n_subjects
        Subjects whose targets were scored, or people who read.
    controls
        Baselines, or covariates, that the score is beyond.
    measure, stimulus_set
        Of reading: what was measured, and on which stimuli (None if several sets are pooled).
    """

    kind: Kind
    benchmark: str
    identity: Identity
    protocol: str
    metric: str
    score: float
    n_stimuli: int
    n_targets: int
    n_subjects: int | None = None
    measure: str | None = None
    stimulus_set: str | None = None
    folds: str | None = None
    kept_whole: Whole | None = None
    n_folds: int | None = None
    layer: int | None = None
    selection: Selection = "none"
    selected_layers: tuple[int, ...] | None = None
    subject: str | None = None
    roi: str | None = None
    target_id: str | None = None
    aggregation: str | None = None
    controls: str | None = None
    alpha: float | None = None
    ceiling: Ceiling | None = None
    interval: Interval | None = None
    p: PValue | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is about all targets, and no single layer."""
        return all(one is None for one in (self.layer, self.subject, self.roi, self.target_id))

    def under_other_folds(self) -> "ScoreRow":
        """The same as a row that stands beside the protocol's own folds."""
        return replace(self, kind=_UNDER_OTHER_FOLDS[self.kind])
