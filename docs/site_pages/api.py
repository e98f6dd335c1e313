"""The page of the API: what ``__all__`` of both packages names, and nothing else."""

import inspect
from textwrap import indent
from types import ModuleType

from numpydoc.docscrape_sphinx import SphinxDocString
from sphinx.pycode import ModuleAnalyzer

import brainlake.figures
import brainlake_builder
from site_pages.docstrings import typed_returns
from site_pages.markdown import page


def api() -> str:
    """Public names of both packages, with their docstrings; a module stands for its public functions."""
    return page(
        "API reference",
        "Everything that is public. Other modules may move at any time.",
        *_package(brainlake, "What reads banks and scores: no torch."),
        *_package(brainlake.figures, "What draws: `pip install 'brainlake[plot]'`."),
        *_package(brainlake_builder, "What makes banks."),
    )


def _package(package: ModuleType, says: str) -> list[str]:
    found = {name: getattr(package, name) for name in package.__all__ if not name.startswith("_")}
    rooms = [name for name, thing in found.items() if inspect.ismodule(thing)]
    listed = [name for name, thing in found.items() if callable(thing) and name not in rooms]
    parts = [f"## {package.__name__}", says, _autosummary([f"{package.__name__}.{name}" for name in listed])]
    parts += [_called(f"{package.__name__}.{name}", found[name]) for name in rooms]
    constants = [name for name in found if name not in (*listed, *rooms)]
    return parts + [f"`{package.__name__}.{name}`\n: {_constant(package, name)}" for name in constants]


def _constant(package: ModuleType, name: str) -> str:
    """The text below a constant, in the module where it is defined."""
    says = ModuleAnalyzer.for_module(f"{package.__name__}.{package._HOME[name]}").find_attr_docs()[("", name)]
    return " ".join(says).strip().replace("``", "`")


def _called(name: str, room: ModuleType) -> str:
    """A module that can be called, as the function that it is to its users."""
    call = type(room).__call__
    lines = inspect.getdoc(call).splitlines()
    typed_returns(None, "", "", call, None, lines)
    text = str(SphinxDocString("\n".join(lines)))
    signature = inspect.signature(call)
    plain = [p.replace(annotation=p.empty) for p in list(signature.parameters.values())[1:]]
    said = str(inspect.Signature(plain))
    return f"```{{eval-rst}}\n.. py:function:: {name}{said}\n\n{indent(text, '   ')}\n```"


def _autosummary(names: list[str]) -> str:
    lines = "\n".join(f"   {name}" for name in names)
    return f"```{{eval-rst}}\n.. autosummary::\n   :toctree: ../api\n   :nosignatures:\n\n{lines}\n```"
