"""The demo's scores as one page: what was simulated, what was recovered, and which commands show the same."""

from pathlib import Path

from brainlake import behavioral_alignment, compare, open_bank, surprisal_shapes
from brainlake.report.progress import SILENT, Progress
from brainlake_builder.demo import tables
from brainlake_builder.demo.build import Demo

REPORT = "report.html"
WHY_BELOW = (
    "The truth of r is what a model with all of the signal and none of the noise would reach. What is recovered in "
    "voxels lies below it because the weights from a layer to a voxel are learnt from a couple of hundred sentences, "
    "with a penalty: part of every prediction is the noise of those sentences. Correlations with reading times fit "
    "nothing, and differ from what is expected by chance alone."
)
"""Why what was recovered lies below the truth."""


def commands(bank: Path) -> dict[str, str]:
    """What makes each table of the demo."""
    reading = f"brainlake behavior {bank} --benchmark {tables.READING}"
    return {
        "the bank": f"brainlake-build demo --bank {bank}",
        "brain alignment": f"brainlake brain {bank} --benchmark {tables.BRAIN} --by roi",
        "behavioral alignment": f"{reading} --protocol pearson",
        "surprisal against time": f"{reading} --protocol delta_llh --shapes shapes.parquet",
        "which models differ": f"brainlake compare {bank} --benchmark {tables.BRAIN}",
    }


def write_demo_report(demo: Demo, bank: Path, progress: Progress = SILENT) -> Path:
    """Write ``report.html`` into the bank.

    Raises
    ------
    BrainlakeError
        If the extra ``plot`` is not installed.
    """
    # Imported here so that the demo ends well where nothing that draws is installed.
    from brainlake.figures.results import results_of
    from brainlake.page.report import write_report
    from brainlake.page.tables import table_of

    catalogue = open_bank(bank)
    gains = behavioral_alignment(catalogue, tables.READING, protocol="delta_llh")
    results = results_of(
        [demo.brain_scores, demo.reading_scores, gains],
        catalogue,
        comparisons=[compare(catalogue, tables.BRAIN)],
        shapes=[surprisal_shapes(catalogue, tables.READING)],
    )
    path = bank / REPORT
    write_report(
        results,
        path,
        title="The demo of brainlake: simulated participants",
        notes=["Its participants are SIMULATED: nobody was scanned, nobody read.", WHY_BELOW],
        more=[table_of("recovered", "What was simulated, and what was recovered", demo.recovered())],
        commands=commands(bank),
        progress=progress,
    )
    return path
