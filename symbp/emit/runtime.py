"""The private functions of generated modules: of those in templates/*.py, the ones that a module calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache

from symbp import templating


def called(lines: Iterable[str]) -> list[str]:
    """The text of each function that the lines call, directly or not."""
    calls = "\n".join(lines)
    found: list[str] = []
    for name, source in _functions().items():
        if f"{name}(" in calls:
            found.append(source)
            calls += source
    return found


FILES = ("runtime.py", "windows.py")


@cache
def _functions() -> dict[str, str]:
    """The text of every function by its name, in the order of the files: each stands before those that it calls."""
    found: dict[str, str] = {}
    for source in map(templating.read, FILES):
        nodes = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
        found |= {node.name: ast.get_source_segment(source, node) or "" for node in nodes}
    return found
