"""The folder of templates: its files as text, and filled in. The only module that imports jinja2."""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined


def read(file: str) -> str:
    """The text of a file of templates/."""
    return (_folder() / file).read_text(encoding="utf-8")


def fill(file: str, **strings: object) -> str:
    """The template with these strings in their places."""
    return _environment().get_template(file).render(**strings)


def texts() -> tuple[str, ...]:
    """The texts of all the files, in the order of their names."""
    files = sorted((file for file in _folder().iterdir() if file.is_file()), key=lambda file: file.name)
    return tuple(file.read_text(encoding="utf-8") for file in files)


def _folder() -> Traversable:
    """A package where symbp is installed, a neighbour of symbp in a checkout."""
    try:
        return resources.files("symbp.templates")
    except ModuleNotFoundError:
        return Path(__file__).parents[1] / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(read), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
