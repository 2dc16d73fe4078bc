"""The private functions of generated modules: read from templates/helpers.py, those that a module calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache


@cache
def _all() -> dict[str, str]:
    """The functions by name, in the order of the file."""
    from symbp.emit.numpy_module import templates

    source = (templates() / "helpers.py").read_text(encoding="utf-8")
    return {node.name: ast.get_source_segment(source, node) or "" for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def used(lines: Iterable[str]) -> list[str]:
    """The text of each function that the lines call, directly or not."""
    calls = "\n".join(lines)
    found: list[str] = []
    for name, source in _all().items():
        if f"{name}(" in calls:
            found.append(source)
            calls += source
    return found
