"""The bank that the examples of the gallery open: the demo, made once and kept."""

from pathlib import Path


def demo_bank(folder: Path) -> None:
    """Build the demo bank in a folder, unless it is there; what ``brainlake-build demo`` does.

    Raises
    ------
    BrainlakeError
        If the folder holds something else, or a bank that is damaged.
    """
    if (folder / "manifest.json").exists():
        return
    from brainlake_builder.demo.build import build_demo

    build_demo(folder)
