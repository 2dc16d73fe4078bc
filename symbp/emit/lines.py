"""Statements -> lines of code of at most WIDTH characters, each with the number of its equation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from symbp.emit.numpy_text import text
from symbp.plan import Array, Assign, Loop, Statement

WIDTH = 100
STEP = "    "
OPERATORS = (  # what binds loosest first
    r" (?=(?:if|else) )",
    r" (?=(?:<|<=|>|>=|==|!=) )",
    r" (?=\| )",
    r" (?=& )",
    r" (?=[+-] )",
    r" (?=[*/@] )",
)
OPEN, CLOSE = "([{", ")]}"


def line(statement: Statement, indent: str) -> list[str]:
    """The statement, broken where it is too long; a loop with its body."""
    if isinstance(statement, Loop):
        steps = f"range({text(statement.length)})"
        head = f"{indent}for {statement.index} in {f'reversed({steps})' if statement.reverse else steps}:"
        return [head, *(row for inner in statement.body for row in line(inner, indent + STEP))]
    if isinstance(statement, Assign):
        head = f"{statement.target} = "
    else:
        head = f"{text(statement.place)} {'-=+'[statement.sign + 1]}{'=' if statement.sign else ''} "
    comment = f"  # ({statement.number})" if statement.number else ""
    expression = text(statement.nodes[-1])
    if len(indent + head + expression + comment) <= WIDTH:
        return [indent + head + expression + comment]
    lines = _statement(expression, indent)
    return [indent + head + lines[0], *lines[1:-1], lines[-1] + comment]


def expression(node: Array, indent: str) -> list[str]:
    """An expression as a line of its own."""
    return _fitted(text(node), indent)


def _statement(expression: str, indent: str) -> list[str]:
    """The right side over several lines, in parentheses unless it has brackets to break in."""
    if _operands(expression) or not any(sign in OPEN for sign in expression):
        return ["(", *_fitted(expression, indent + STEP), indent + ")"]
    first, *rest = _in_brackets(expression, indent)
    return [first.removeprefix(indent), *rest]


def _fitted(expression: str, indent: str, tail: str = "") -> list[str]:
    """An expression that stands inside brackets: on one line if it fits, else an operand a line."""
    if len(indent + expression + tail) <= WIDTH:
        return [indent + expression + tail]
    operands = _operands(expression)
    lines = [row for operand in operands for row in _fitted(operand, indent)] or _in_brackets(expression, indent)
    return [*lines[:-1], lines[-1] + tail]


def _operands(expression: str) -> list[str]:
    """The expression at its loosest operators outside brackets, each operand with the operator before it; none if there is none."""
    flat = _outline(expression)
    for pattern in OPERATORS:
        cuts = [match.start() for match in re.finditer(pattern, flat) if match.start()]
        if cuts:
            edges = [0, *(cut + 1 for cut in cuts), len(expression) + 1]
            return [expression[a : b - 1] for a, b in pairwise(edges)]
    return []


def _outline(expression: str) -> str:
    """The expression with what stands in brackets blanked out."""
    depth, found = 0, []
    for sign in expression:
        depth -= sign in CLOSE
        found.append("." if depth else sign)
        depth += sign in OPEN
    return "".join(found)


def _groups(expression: str) -> Iterator[tuple[int, int]]:
    """The places of the outermost brackets."""
    depth = start = 0
    for place, sign in enumerate(expression):
        if sign in OPEN:
            start = start if depth else place
            depth += 1
        elif sign in CLOSE:
            depth -= 1
            if not depth:
                yield start, place


def _in_brackets(expression: str, indent: str) -> list[str]:
    """The expression broken inside its longest bracket."""
    groups = sorted(_groups(expression), key=lambda group: group[0] - group[1])
    if not groups:
        return [indent + expression]
    start, end = groups[0]
    inside = expression[start + 1 : end]
    return [indent + expression[: start + 1], *_items(inside, indent + STEP), indent + expression[end:]]


def _items(inside: str, indent: str) -> list[str]:
    cuts = [m.start() for m in re.finditer(r", ", _outline(inside))]
    edges = [0, *(cut + 2 for cut in cuts), len(inside) + 2]
    items = [inside[a : b - 2] for a, b in pairwise(edges)]
    if len(items) == 1:
        return _fitted(inside, indent)
    return arguments(items, indent)


def arguments(items: list[str], indent: str) -> list[str]:
    """Comma-separated items inside brackets: on one line if they fit, else one a line."""
    joined = indent + ", ".join(items)
    return [joined] if len(joined) <= WIDTH else [row for item in items for row in _fitted(item, indent, ",")]


def call(head: str, items: list[str], tail: str, indent: str = "") -> list[str]:
    """``head(items)tail``, broken inside the brackets where it is too long."""
    whole = f"{indent}{head}({', '.join(items)}){tail}"
    if len(whole) <= WIDTH:
        return [whole]
    return [f"{indent}{head}(", *arguments(items, indent + STEP), f"{indent}){tail}"]
