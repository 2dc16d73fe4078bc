"""A derivation for the terminal: 80 columns, formulas on the left, the rule that gave each on the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from symbp.explain.document import document
from symbp.explain.languages import Words, spoken, words_of
from symbp.explain.lines import Chained, Document, Line, Partial, Section, note
from symbp.explain.rows import broken, columns, padded, wrapped
from symbp.explain.unicode import Unicode
from symbp.ir import stem
from symbp.ir.derivation import Derivation, Fact, Phrase
from symbp.templating import fill

WIDTH, NOTES = 80, 44  # columns: the whole line, and where notes start
WIDE, HANGING = 24, 4  # columns of a first side: beyond WIDE the other sides may hang below it, set in by HANGING
LOSSES = ("L", "J", "E", "ℒ")  # what the gradients are of: the first that the layer does not use itself


def to_text(derivation: Derivation, depth: str = "nodes", lang: str = "en") -> str:
    """The derivation as Unicode text; depth is "nodes", "equations" or "result", lang "en" or "ko"."""
    return write(document(derivation, depth), words_of(lang))


def write(doc: Document, words: Words) -> str:
    printer = Unicode(doc.names)
    margin = max([3, *(len(line.mark) for section in doc.sections for line in section.lines)]) + 2

    def prose(phrase: Phrase) -> str:
        return said(spoken(words, phrase), printer)

    def paragraph(phrase: Phrase) -> str:
        return "\n".join(wrapped(prose(phrase), WIDTH))

    sections = [{"title": prose(section.title), "rows": _rows(section, printer, margin, words)} for section in doc.sections]
    about, remarks = map(paragraph, _about(doc)), map(paragraph, doc.remarks)
    return fill("derivation.txt.j2", title=doc.name, underline="=" * columns(doc.name), about=about, sections=sections, remarks=remarks)


def _about(doc: Document) -> Iterator[Phrase]:
    """What dx means, told of the first input that has a gradient."""
    loss = next(letter for letter in LOSSES if letter not in doc.names.position)
    stated = {line.sides[0].name for section in doc.sections if section.title.key == "title:result" for line in section.lines}
    for cotangent, name in [pair for pair in doc.names.cotangents.items() if pair[0] in stated][:1]:
        yield Phrase("cotangents", (f"{cotangent} = ∂{loss}/∂{name}", loss))


def _rows(section: Section, printer: Unicode, margin: int, words: Words) -> list[str]:
    rows: list[str] = []
    for chain in _chains(section):
        shown = [[text for text, _ in groupby(side(s, printer) for s in line.sides if s is not None)] for line in chain]
        left = _left(shown, margin)
        for line, sides in zip(chain, shown, strict=True):
            notes = wrapped(said(note(line, words), printer), WIDTH - NOTES)
            rows += _beside(_formula_rows(line, sides, left, margin), notes)
    return rows


def _chains(section: Section) -> list[list[Line]]:
    """Each line with those that go on from it."""
    chains: list[list[Line]] = []
    for line in section.lines:
        if line.sides[0] is None and chains:
            chains[-1].append(line)
        else:
            chains.append([line])
    return chains


def _left(shown: list[list[str]], margin: int) -> int:
    """How far right of the margin a chain has its equals signs: behind its first side, or below that where it leaves no room."""
    first, *others = (columns(text) for sides in shown for text in sides)
    fits = all(margin + first + len(" = ") + other <= WIDTH for other in others)
    return first if fits or first <= WIDE else HANGING


def _formula_rows(line: Line, sides: list[str], left: int, margin: int) -> list[str]:
    """The formula in one row if it fits, else each side in rows of its own, below each other."""
    goes_on = line.sides[0] is None
    first, others = ("", sides) if goes_on else (sides[0], sides[1:])
    begin, hanging = f"{line.mark:>{margin - 2}}  ", columns(first) > left
    start = begin + padded(first, left)
    whole = start + (f" {line.sign} " if others else "") + " = ".join(others)
    if columns(whole) <= WIDTH and not hanging:
        return [whole]
    rows = [] if goes_on and others else _indented(begin, broken(first, WIDTH - margin))
    for k, other in enumerate(others):
        below = begin if goes_on and k == 0 else " " * margin
        lead = padded(below, margin + left) + f" {line.sign if k == 0 else '='} "
        rows += _indented(lead, broken(other, WIDTH - columns(lead)))
    return rows if hanging or not others or goes_on else _joined(rows)


def _indented(lead: str, rows: list[str]) -> list[str]:
    first, *rest = rows
    return [lead + first, *(" " * columns(lead) + row for row in rest)]


def _joined(rows: list[str]) -> list[str]:
    """The first side and the row that starts with its equals sign in one."""
    first, second, *rest = rows
    return [first + second[columns(first) :], *rest]


def _beside(rows: list[str], notes: list[str]) -> list[str]:
    """Notes to the right of the last row, or below it where it reaches too far."""
    if not notes:
        return rows
    if columns(rows[-1]) >= NOTES - 1:
        rows = [*rows, ""]
    later = [padded("", NOTES) + words for words in notes[1:]]
    return [*rows[:-1], padded(rows[-1], NOTES) + notes[0], *later]


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
