"""Text in columns: how wide it is on a terminal, prose wrapped, and formulas broken into rows at their loosest operators.

Hangul and Chinese letters take two columns each, combining marks none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

Split = tuple[list[str], str]  # the pieces of a formula, and what joins them in a row

STEP = 2  # columns by which the later pieces of a broken formula stand further right
NARROW = 40  # columns: a bracket with less room inside behind a Σ_k is opened only in a row of its own
SIGNS = (" + ", " − ")
LOGIC = (" and ", " or ")
PRODUCT = "·/"


def columns(text: str) -> int:
    """How wide the text is on a terminal."""
    return sum(map(_width, text))


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, width: int) -> str:
    """The text with spaces behind it, so that it takes this many columns."""
    return text + " " * (width - columns(text))


def wrapped(prose: str, width: int) -> list[str]:
    """The prose in rows of at most width columns, broken at spaces, and a word that is wider, such as a formula, behind its operators."""
    rows: list[str] = []
    for word in prose.split():
        first, *rest = [word] if columns(word) <= width else re.split(r"(?<=[·/])(?!$)", word)
        for piece, joint in [(first, " "), *((more, "") for more in rest)]:
            if rows and columns(rows[-1] + joint + piece) <= width:
                rows[-1] += joint + piece
            else:
                rows.append(piece)
    return rows


def broken(formula: str, width: int) -> list[str]:
    """The formula in rows of at most width columns, broken where it holds together least; what nothing breaks stays whole."""
    if columns(formula) <= width:
        return [formula]
    for split in (_arguments, _alternatives, _terms, _factors):
        pieces, joint = split(formula)
        if len(pieces) > 1:
            return _filled(pieces, joint, width)
    return _opened(formula, width)


def _filled(pieces: list[str], joint: str, width: int) -> list[str]:
    """As many pieces in a row as it holds; a piece too wide for a row is broken in turn, and no term goes on behind it."""
    rows = broken(pieces[0], width)
    single = len(rows) == 1
    for piece in pieces[1:]:
        if (single or not joint) and columns(rows[-1] + joint + piece) <= width:
            rows[-1] += joint + piece
        else:
            more = _signed(piece, width - STEP)
            rows += [" " * STEP + row for row in more]
            single = len(more) == 1
    return rows


def _signed(piece: str, width: int) -> list[str]:
    """A piece with its operator in front, the later rows set in as far as what the operator stands before."""
    operator = re.match(r"[+−] |[·/]|", piece)
    lead = operator[0] if operator else ""
    first, *rest = broken(piece[len(lead) :], width - len(lead))
    return [lead + first, *(" " * len(lead) + row for row in rest)]


def _opened(formula: str, width: int) -> list[str]:
    """A formula that is one bracket, or a name before one: the widest bracket broken inside."""
    start, end = max(_brackets(formula), key=lambda pair: pair[1] - pair[0], default=(0, 0))
    if not end:
        return [formula]
    head, inside, tail = formula[: start + 1], formula[start + 1 : end], formula[end:]
    room = width - columns(head) - columns(tail)
    if room < NARROW and " " in head:  # Σ_k and its body
        return _filled(formula.split(" ", 1), " ", width)
    rows = _indices(inside, room) if re.search(r"\w\[$", head) else broken(inside, room)
    first, *rest = rows
    found = [head + first, *(" " * columns(head) + row for row in rest)]
    return [*found[:-1], found[-1] + tail]


def _indices(inside: str, width: int) -> list[str]:
    """The position of an element, broken behind commas."""
    return _filled(_cut(inside, _outermost(inside, lambda k: inside[k - 1] == ",")), "", width)


def _arguments(formula: str) -> Split:
    return _cut(formula, _outermost(formula, lambda k: formula[k - 2 : k] == ", ")), " "


def _alternatives(formula: str) -> Split:
    return _cut(formula, _outermost(formula, lambda k: formula[k - 1 :].startswith(LOGIC))), " "


def _terms(formula: str) -> Split:
    return _cut(formula, _outermost(formula, lambda k: formula[k - 1 :].startswith(SIGNS))), " "


def _factors(formula: str) -> Split:
    return _cut(formula, _outermost(formula, lambda k: formula[k] in PRODUCT)), ""


def _cut(formula: str, places: list[int]) -> list[str]:
    return [formula[a:b].strip() for a, b in zip([0, *places], [*places, len(formula)], strict=True)]


def _outermost(formula: str, wanted: Callable[[int], bool]) -> list[int]:
    """The places outside of all brackets that are wanted, without the very start."""
    depth, found = 0, []
    for k, char in enumerate(formula):
        depth -= char in ")]"
        if k and depth == 0 and wanted(k):
            found.append(k)
        depth += char in "(["
    return found


def _brackets(formula: str) -> Iterator[tuple[int, int]]:
    """Where the outermost brackets open and close."""
    depth, start = 0, 0
    for k, char in enumerate(formula):
        if char in "([":
            start = k if depth == 0 else start
            depth += 1
        elif char in ")]":
            depth -= 1
            if depth == 0:
                yield start, k
