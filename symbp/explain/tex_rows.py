r"""A chain of equal formulas in LaTeX, in rows where it is too long for one: first at its equals signs, then at its loosest operators."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symbp.explain.tex_width import width

LINE = 38.0  # em: what a row holds, beside the mark
NARROW = 0.4  # of a row: a wider left side stands in a row of its own
EARLIEST = 0.45  # of a row: a break before this comes only where there is no later one
EARLIER = 0.2  # of a row: the same between the terms of the whole
INDENT = 2.0  # em

OPENING, CLOSING = re.compile(r"\\left[(\[]"), re.compile(r"\\right[)\]]")
PIECE = re.compile(
    r"\\left[(\[]|\\right[)\]]|\\left(?:\\[a-z]+|.)|\\right(?:\\[a-z]+|.)|\\begin\{cases\}|\\end\{cases\}| \+ | - | \\, |\\[A-Za-z]+|\\.|."
)


@dataclass(frozen=True)
class Break:
    """A place where a formula may go on in the next row."""

    at: int
    depth: int  # of the round brackets around it
    sum: bool  # before a sign, else between factors


def in_rows(left: str, sign: str, sides: list[str], goes_on: bool = False) -> str:
    """left = side = side, in as many rows as it needs; ``left`` keeps its place, unseen, where the formula goes on from above."""
    shown = rf"\phantom{{{left}}}" if goes_on else left
    if not sides:
        return shown
    room = LINE - width(left) - 1.5
    if sum(map(width, sides)) + 1.5 * (len(sides) - 1) <= room:
        return f"{shown}{sign}{' = '.join(sides)}"
    if width(left) <= NARROW * LINE:
        return _aligned(f"{shown} &", sign, sides, room, " &")
    return _aligned(" &" if goes_on else rf"&{left} \\ &\quad", sign, sides, LINE - 3.0, r" &\quad")


def _aligned(head: str, sign: str, sides: list[str], room: float, later: str) -> str:
    rows = []
    for k, side in enumerate(sides):
        first, *others = broken(side, room)
        rows.append(f"{head if k == 0 else later}{sign if k == 0 else ' = '}{first}")
        rows += [rf"{later}\quad {other}" for other in others]
    if len(rows) == 1 and head.endswith("&"):
        return rows[0].replace("&", "", 1)
    return r"\begin{aligned}[t]" + " \\\\\n".join(rows) + r"\end{aligned}"


def broken(text: str, room: float) -> list[str]:
    """The formula in rows no wider than the room, where its operators allow; brackets that span rows are of a fixed size."""
    rows = []
    while width(text) > room and (cut := _cut(text, room)):
        row, rest = text[: cut.at], text[cut.at :].lstrip()
        rows.append(row)
        text = f"{{}}{rest}" if cut.sum else rf"{{}}\cdot {rest.removeprefix(chr(92) + ',').lstrip()}"
        room -= INDENT if len(rows) == 1 else 0
    return _with_fixed_brackets([*rows, text])


def _cut(text: str, room: float) -> Break | None:
    """Where to break: as little nested as may be, before a sign rather than between factors, as late as may be."""
    reach = {place: width(text[: place.at]) for place in _breaks(text) if place.at > 8}
    fitting = [place for place in reach if reach[place] <= room]
    late = [place for place in fitting if reach[place] >= room * (EARLIER if place.sum and not place.depth else EARLIEST)]
    first = list(reach)[:1]  # where none fits
    return max(late or fitting or first, key=lambda place: (-place.depth, place.sum, place.at), default=None)


def _breaks(text: str) -> list[Break]:
    """The places outside of all braces, fractions and cases."""
    found, braces, brackets = [], 0, 0
    for match in PIECE.finditer(text):
        piece = match[0]
        if piece in (" + ", " - ", r" \, "):
            found += [] if braces else [Break(match.start(), brackets, piece != r" \, ")]
        elif OPENING.fullmatch(piece) or CLOSING.fullmatch(piece):
            brackets += 0 if braces else 1 if OPENING.fullmatch(piece) else -1
        else:
            braces += piece.startswith(("{", r"\begin", r"\left")) - piece.startswith(("}", r"\end", r"\right"))
    return found


def _with_fixed_brackets(rows: list[str]) -> list[str]:
    r"""\left( and \right) must meet within a row: those that do not are \biggl( and \biggr)."""
    opened: list[tuple[int, int]] = []
    changes: dict[int, list[tuple[int, int, str]]] = {k: [] for k in range(len(rows))}
    for k, row in enumerate(rows):
        for match in re.finditer(r"\\left[(\[]|\\right[)\]]", row):
            if OPENING.fullmatch(match[0]):
                opened.append((k, match.start()))
                continue
            if not opened:
                continue
            start, place = opened.pop()
            if start != k:
                changes[start].append((place, 6, rf"\biggl{rows[start][place + 5]}"))
                changes[k].append((match.start(), 7, rf"\biggr{match[0][-1]}"))
    return [_changed(row, changes[k]) for k, row in enumerate(rows)]


def _changed(row: str, changes: list[tuple[int, int, str]]) -> str:
    for place, length, text in sorted(changes, reverse=True):
        row = row[:place] + text + row[place + length :]
    return row
