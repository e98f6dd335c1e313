"""How Sphinx builds the site: ``python -m sphinx -W docs site``. It reads nothing from a network."""

import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GALLERY = HERE.parent / "examples" / "gallery"
sys.path.insert(0, str(HERE))
# Before polars is loaded: tables in the gallery show their columns whole.
os.environ.setdefault("POLARS_FMT_STR_LEN", "60")
os.environ.setdefault("POLARS_FMT_TABLE_HIDE_COLUMN_DATA_TYPES", "1")
os.environ.setdefault("POLARS_FMT_TABLE_HIDE_DATAFRAME_SHAPE_INFORMATION", "1")

import polars as pl  # noqa: E402
from pygments.lexers.special import TextLexer  # noqa: E402
from sphinx_gallery import gen_gallery  # noqa: E402

from brainlake import __version__  # noqa: E402
from site_pages.api import api  # noqa: E402
from site_pages.bank import demo_bank  # noqa: E402
from site_pages.charts import thumbnail  # noqa: E402
from site_pages.docstrings import typed_returns  # noqa: E402
from site_pages.lists import PAGES, write_pages  # noqa: E402

project = "brainlake"
author = "The brainlake authors"
copyright = "the brainlake authors, MIT licence"
release = version = __version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = [
    "_build",
    "gallery/*.ipynb",
    "gallery/*.py",
    "sg_execution_times.rst",
    "gallery/sg_execution_times.rst",
]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autosummary_generate = True
autosummary_imported_members = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
templates_path = ["_templates"]

html_theme = "pydata_sphinx_theme"
html_title = "brainlake"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False
html_context = {"default_mode": "auto"}
html_theme_options: dict[str, Any] = {
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    # Pages of wide tables have the whole width.
    "secondary_sidebar_items": {"**": ["page-toc"], "generated/benchmarks": [], "generated/models": []},
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"changelog": [], "start": []}

sphinx_gallery_conf: dict[str, Any] = {
    "examples_dirs": str(GALLERY),
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("site_pages.charts.scrape_charts",),
    "reset_modules": (),
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "download_all_examples": False,
    "show_memory": False,
    "plot_gallery": "True",
    "min_reported_time": 0,
    "capture_repr": ("_repr_html_", "__str__"),
    "ignore_repr_types": "altair",
    "default_thumb_file": str(HERE / "generated" / "thumbnail.png"),
    "notebook_images": False,
}


# The README.md of the bank that lies beside the scripts is no heading of a section.
gen_gallery.get_subsections = lambda *_args, **_options: []


def setup(app: Any) -> None:
    """Make what the pages need before they are read: the generated ones, and bank and thumbnail of the gallery."""
    app.add_lexer("csv", TextLexer)
    app.connect("autodoc-process-docstring", typed_returns, priority=400)
    app.connect("config-inited", _prepare, priority=1)


def _prepare(_app: Any, _config: Any) -> None:
    pl.Config.set_float_precision(3)
    write_pages(HERE / "generated", {**PAGES, "api": api})
    thumbnail(HERE)
    demo_bank(GALLERY / "demo")
