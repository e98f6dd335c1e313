"""All figures that results allow, each with its name, caption and data; and why there is none of the others."""

from collections.abc import Iterator
from functools import partial
from typing import Final, get_args

import polars as pl

from brainlake.figures.captions import caption
from brainlake.figures.deciles import decile_rows, surprisal_deciles
from brainlake.figures.figure import Figure, Omitted, attempted, named_apart
from brainlake.figures.folds import fold_rows, folds_beside
from brainlake.figures.gains import METRIC, gain_rows, reading_gains
from brainlake.figures.labels import counted_models
from brainlake.figures.layers import RELATIVE, layer_profile, layer_rows, unlike_depths
from brainlake.figures.matrix import matrix_rows, models_by_benchmarks
from brainlake.figures.places import MOST, place_rows, scores_in_place
from brainlake.figures.questions import WHOLE, about, questions
from brainlake.figures.ranks import ranking, ranking_rows
from brainlake.figures.results import Results
from brainlake.figures.study_figures import study_figures
from brainlake.figures.targets import Level, by_targets, target_rows
from brainlake.report.twins import SEEDS

DOTS: Final = (
    "Filled dots: models; triangles: untrained twins; squares: baselines; bars: 95 % intervals, where there are any; "
    "grey ticks: ceilings."
)
GROUPS: Final = (
    "Lines on the right join models that no adjusted p value of `compare` tells apart: their order means nothing."
)
OF_SEEDS: Final = (
    "Untrained twins that are one line are joined to what the twin of at least one seed is not told apart from."
)
NO_GROUPS: Final = "Without a stored table of `brainlake compare` it is not known which of them can be told apart."
_LEVELS: Final[dict[Level, str]] = {"roi": "Regions", "subject": "Subjects", "target_id": "Targets"}


def figures_of(results: Results) -> tuple[list[Figure], list[Omitted]]:
    """Every figure of some results, in the order in which a report has them, and those that cannot be drawn."""
    found = list(_all(results))
    figures = named_apart([one for one in found if isinstance(one, Figure)])
    return figures, [one for one in found if isinstance(one, Omitted)]


def _all(results: Results) -> Iterator[Figure | Omitted]:
    scores = results.scores
    if len(scores):
        yield from attempted(
            "Models by benchmarks",
            "all",
            partial(matrix_rows, scores),
            _of_matrix,
            lambda _, width: models_by_benchmarks(scores, width=width),
        )
        for name, part in questions(scores):
            yield from _ranked(name, part, results.comparisons)
            if part["measure"].is_null().all():  # reading times have no layers, folds beside, or targets
                yield from _of_layers(name, part)
                yield from _of_folds(name, part)
                for level in get_args(Level):
                    yield from _of_level(name, part, level)
                yield from _of_places(name, part, results.targets)
        for part in scores.filter(metric=METRIC).partition_by("benchmark", maintain_order=True):
            yield from _of_gains(part)
    for part in results.shapes.partition_by("benchmark", "measure", "stimulus_set", "protocol", maintain_order=True):
        yield from _of_shapes(part)
    if len(scores):
        yield from study_figures(results)


def _drawn(part: pl.DataFrame, *kinds: str, level: Level | None = None) -> pl.DataFrame:
    """Rows of some kinds over all targets, or of a level."""
    rows = part.filter(pl.col("kind").is_in(kinds))
    if level == "target_id":
        return rows.filter(pl.col(level).is_not_null())
    return rows.filter(pl.col(name).is_null() if name != level else pl.col(name).is_not_null() for name in WHOLE)


def _of_matrix(rows: pl.DataFrame) -> str:
    models = counted_models(rows.unique("model", maintain_order=True))
    return (
        f"Headline scores of {models} on {rows['asked'].n_unique()} benchmarks, measures and protocols; the "
        "darker the higher in its column. Scores of different columns are on different scales. Models in the order of "
        "their mean place between the lowest and the highest, then baselines; recipes, folds and n stand with the "
        "figure of each benchmark."
    )


def _ranked(name: str, part: pl.DataFrame, comparisons: pl.DataFrame) -> Iterator[Figure | Omitted]:
    def described(rows: pl.DataFrame) -> str:
        unknown = rows["not_told_apart"].is_null().all()
        pooled = rows["model"].str.contains(SEEDS, literal=True).any()
        told = [NO_GROUPS] if unknown else [GROUPS, OF_SEEDS] if pooled else [GROUPS]
        return caption(DOTS, _drawn(part, "headline"), more=told)

    yield from attempted(
        "Models",
        name,
        partial(ranking_rows, part, comparisons),
        described,
        lambda _, width: ranking(part, comparisons, width=width),
    )


def _of_layers(name: str, part: pl.DataFrame) -> Iterator[Figure | Omitted]:
    marks = (
        "A line a model, from the embedding (layer 0) on; bands: 95 % intervals, where there are any; dashed: ceiling; "
        "dotted: baselines, by name where one plot holds all models and the name has room."
    )
    yield from attempted(
        "Layers",
        name,
        partial(layer_rows, part),
        lambda rows: caption(marks, _drawn(part, "layer", "headline"), more=[RELATIVE] if unlike_depths(rows) else []),
        lambda _, width: layer_profile(part, width=width),
    )


def _of_folds(name: str, part: pl.DataFrame) -> Iterator[Figure | Omitted]:
    marks = (
        "Circles: under the protocol's own folds; squares: under the folds beside. Shuffled folds leave neighbours of "
        "what is tested in the training part. Joined: the same model."
    )
    yield from attempted(
        "Folds",
        name,
        partial(fold_rows, part),
        lambda _: caption(marks, _drawn(part, "headline", "other_folds")),
        lambda _, width: folds_beside(part, width=width),
    )


def _of_level(name: str, part: pl.DataFrame, level: Level) -> Iterator[Figure | Omitted]:
    marks = DOTS if level != "target_id" else "Over targets: dot the median, bar half of them, line nine tenths."
    yield from attempted(
        _LEVELS[level],
        name,
        partial(target_rows, part, level),
        lambda _: caption(marks, _drawn(part, "headline", level=level)),
        lambda _, width: by_targets(part, level, width=width),
    )


def _of_places(name: str, part: pl.DataFrame, targets: pl.DataFrame) -> Iterator[Figure | Omitted]:
    def described(rows: pl.DataFrame) -> str:
        space = f" of {rows['space'][0]}" if rows["space"][0] else ""
        cubes = "averaged in cubes of 4 mm" if len(rows) > MOST else "a dot each"
        marks = (
            f"Scores of {len(rows)} targets of {rows['model'][0]}, {cubes}, the darker the higher; mm{space}. The "
            "model is the one whose median over targets is highest."
        )
        return caption(marks, _drawn(part.filter(model=rows["model"][0]), "headline", level="target_id"))

    yield from attempted(
        "Places",
        name,
        partial(place_rows, part, targets),
        described,
        lambda _, width: scores_in_place(part, targets, width=width),
    )


def _of_gains(part: pl.DataFrame) -> Iterator[Figure | Omitted]:
    """Measures side by side; one alone has its figure already."""
    if len(part.select("measure", "stimulus_set", "protocol").unique()) > 1:
        yield from attempted(
            "What surprisal adds",
            part["benchmark"][0],
            partial(gain_rows, part),
            lambda _: caption(DOTS, _drawn(part, "headline")),
            lambda _, width: reading_gains(part, width=width),
        )


def _of_shapes(part: pl.DataFrame) -> Iterator[Figure | Omitted]:
    row = part.row(0, named=True)
    words = part.filter(pl.col("recipe").eq_missing(pl.lit(row["recipe"], dtype=pl.String)), model=row["model"])
    described = (
        f"Mean residual of the measure in tenths of the words by surprisal, after {row['controls'] or 'nothing'} was "
        f"taken out; bars: 95 % intervals, where there are any; {row['benchmark']}, protocol {row['protocol']}, recipe "
        f"{row['recipe']}; n = {words['n_stimuli'].sum()} words of {row['model']}."
    )
    yield from attempted(
        "Surprisal against time",
        about(row),
        partial(decile_rows, part),
        lambda _: described,
        lambda _, width: surprisal_deciles(part, width=width),
    )
