"""What sphinx-gallery shows of a script that draws: the charts that a block bound to a name, as PNG."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import vl_convert
from sphinx_gallery.scrapers import figure_rst

from brainlake.figures import save


def scrape_charts(_block: object, block_vars: Mapping[str, Any], gallery_conf: Mapping[str, Any]) -> str:
    """Save the charts of a block, and return the RST that shows them.

    A chart is what has Altair's ``to_dict`` and ``save``. One that is shown already, by another name or by an earlier
    block, is not shown again.

    Parameters
    ----------
    block_vars
        Of sphinx-gallery: ``example_globals`` are the names of the script, ``image_path_iterator`` the files to write.
    gallery_conf
        Of sphinx-gallery: ``src_dir`` is what paths in the RST are relative to.
    """
    names = block_vars["example_globals"]
    shown: set[int] = names.setdefault("__charts_shown__", set())
    files = []
    for name, value in list(names.items()):
        if name.startswith("_") or id(value) in shown or isinstance(value, type):
            continue
        if not (hasattr(value, "to_dict") and hasattr(value, "save") and hasattr(value, "to_json")):
            continue
        shown.add(id(value))
        path = Path(next(block_vars["image_path_iterator"]))
        save(value, path)
        files.append(str(path))
    return figure_rst(files, gallery_conf["src_dir"]) if files else ""


def thumbnail(docs: Path) -> None:
    """Draw the picture of the first page as PNG: what the gallery shows of a script without a chart."""
    drawn = vl_convert.svg_to_png((docs / "_static" / "flow.svg").read_text(encoding="utf-8"))
    (docs / "generated" / "thumbnail.png").write_bytes(drawn)
