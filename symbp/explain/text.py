"""A derivation for the terminal: 80 columns, formulas on the left, the rule that gave each on the right."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import groupby, zip_longest
from typing import Any

from symbp.explain.document import document
from symbp.explain.languages import Words, spoken, words_of
from symbp.explain.lines import Chained, Document, Line, Partial, Section, note
from symbp.explain.unicode import Unicode
from symbp.ir import stem
from symbp.ir.derivation import Derivation, Fact
from symbp.templating import fill

WIDTH, NOTES = 80, 44  # columns: the whole line, and where notes start
FARTHEST = 26  # where the later rows of a formula start at most


def to_text(derivation: Derivation, depth: str = "nodes", lang: str = "en") -> str:
    """The derivation as Unicode text; depth is "nodes", "equations" or "result", lang "en" or "ko"."""
    return write(document(derivation, depth), words_of(lang))


def write(doc: Document, words: Words) -> str:
    printer = Unicode(doc.names)
    margin = max([3, *(len(line.mark) for section in doc.sections for line in section.lines)]) + 2
    sections = [
        {"title": said(spoken(words, section.title), printer), "rows": _rows(section, printer, margin, words)} for section in doc.sections
    ]
    remarks = [textwrap.fill(said(spoken(words, remark), printer), WIDTH) for remark in doc.remarks]
    return fill("derivation.txt.j2", title=doc.name, underline="=" * len(doc.name), sections=sections, remarks=remarks)


def _rows(section: Section, printer: Unicode, margin: int, words: Words) -> list[str]:
    rows: list[str] = []
    left = 0
    for line in section.lines:
        sides = [text for text, _ in groupby(side(s, printer) for s in line.sides if s is not None)]
        if line.sides[0] is not None:
            left = len(sides[0])
        rows += _row(line, sides, said(note(line, words), printer), left, margin)
    return rows


def said(pieces: Iterable[Any], printer: Unicode) -> str:
    """Prose with its formulas as running text."""
    return "".join(piece if isinstance(piece, str) else _formula(piece, printer) for piece in pieces)


def _formula(piece: Any, printer: Unicode) -> str:
    if isinstance(piece, Fact):
        return f"{printer.formula(piece.left)} = {printer.formula(piece.right)}"
    return side(piece, printer)


def side(expr: object, printer: Unicode) -> str:
    """One side of an equation: ∂y/∂x, dy·∂y/∂x, or an expression."""
    if isinstance(expr, Partial):
        value, operand = printer.formula(expr.value), printer.formula(expr.operand)
        return f"∂{_atomic(value)}/∂{_atomic(operand)}"
    if isinstance(expr, Chained):
        over = f"Σ_{','.join(stem(i) for i in expr.over)} " if expr.over else ""
        return f"{over}{printer.formula(expr.cotangent)}·{side(expr.partial, printer)}"
    return printer.formula(expr)


def _atomic(text: str) -> str:
    return f"({text})" if set(text) & set(" ·/+−") else text


def _row(line: Line, sides: list[str], says: str, left: int, margin: int) -> list[str]:
    """The formula, broken where it is long, and its note beside it or below it."""
    begin = f"{line.mark:>{margin - 2}}  "
    if line.sides[0] is None:
        sides = [" " * left, *sides]
    first, *others = sides
    rows = [begin + first + (f" {line.sign} " if others else "") + " = ".join(others)]
    if len(rows[0]) > WIDTH:
        below = " " * (margin + len(first)) + " = "
        long = [f"{begin}{first} {line.sign} {others[0]}", *(below + other for other in others[1:])] if others else rows
        rows = [row for text in long for row in fold(text, WIDTH, min(margin + left + 5, FARTHEST))]
    return _beside(rows, textwrap.wrap(says, WIDTH - NOTES))


def _beside(rows: list[str], notes: list[str]) -> list[str]:
    """Notes to the right of the last row, or below it where it reaches too far."""
    if notes and len(rows[-1]) >= NOTES - 1:
        rows = [*rows, ""]
    pairs = zip_longest(rows[-1:] if notes else [], notes, fillvalue="")
    return [*(rows[:-1] if notes else rows), *(f"{row:<{NOTES}}{note}" for row, note in pairs)]


def fold(text: str, width: int, indent: int) -> list[str]:
    """text in rows of at most width columns, broken where brackets are nested least."""
    rows = []
    while len(text) > width and (cut := _cut(text, width, indent)):
        rows.append(text[:cut].rstrip())
        text = " " * indent + text[cut:].lstrip()
    return [*rows, text]


def _cut(text: str, width: int, indent: int) -> int:
    """Where to break: before a sign or stroke, or after a dot or comma, as little nested as possible, then as late as possible."""
    depth, best = 0, (-99, False, 0)
    for k, char in enumerate(text[:width]):
        depth += (char in "([") - (char in ")]")
        breakable = (char == " " and text[k + 1 : k + 2] in "+−=") or char in "·/" or text[k - 1 : k + 1] == ", "
        if breakable and k > indent + 8:
            best = max(best, (-depth, char == " ", k + (char == "·")))
    return best[2]
