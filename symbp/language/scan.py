"""The text cut into logical lines, with brackets balanced and comments blanked out: characters in, pieces out.

A logical line ends at a newline or ``;`` outside brackets. Offsets into the text never move, so every later message can
point at what the user wrote.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from symbp.errors import ReadError

LONGEST_TEXT = 100_000  # characters
DEEPEST_BRACKETS = 60
CLOSES = {")": "(", "]": "[", "}": "{"}
NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
TOKEN = re.compile(
    rf"(?P<comment>\#[^\n]*) | (?P<open>[(\[{{]) | (?P<close>[)\]}}]) | (?P<end>[\n;]) | (?P<walrus>:=) | (?P<colon>:)"
    rf"| (?P<compare>[=!<>]=) | (?P<equals>=) | (?P<quote>['\"]) | (?P<dots>\.\.\.) | (?P<number>{NUMBER}) | (?P<word>[A-Za-z_]\w*)"
    rf"| (?P<space>[ \t]+) | (?P<other>.)",
    re.VERBOSE | re.DOTALL | re.ASCII,
)


@dataclass(frozen=True)
class Source:
    """A text, and the way to point into it."""

    text: str
    file: str | None = None

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def starts(self) -> list[int]:
        """The offset of the first character of each line."""
        return [0, *(at + 1 for at, letter in enumerate(self.text) if letter == "\n")]

    def place(self, offset: int) -> tuple[int, int]:
        """Line (from 1) and column (from 0) of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1]

    def error(self, line: int, column: int, message: str, layer: str = "") -> ReadError:
        """The one form of every message: where, what was found and what is right, then the line and a caret."""
        where = ", ".join(part for part in (self.file, layer, f"line {line}", f"column {column + 1}") if part)
        shown = self.lines[line - 1].replace("\t", " ")
        start = max(0, column - 60)
        return ReadError(f"{where}: {message}\n    {shown[start : start + 120]}\n    {' ' * (column - start)}^")

    def error_at(self, offset: int, message: str, layer: str = "") -> ReadError:
        return self.error(*self.place(offset), message, layer)


@dataclass(frozen=True)
class Piece:
    """One logical line: its bounds in the text, and where the colon of its header is, if it begins with one."""

    start: int
    end: int
    colon: int | None = None


def scan(text: str, file: str | None = None) -> tuple[Source, str, list[Piece]]:
    """The text as a Source, the same text with its comments blanked, and its logical lines."""
    source = Source(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), file)
    if len(text) > LONGEST_TEXT:
        raise source.error_at(0, f"the text has {len(text)} characters, at most {LONGEST_TEXT} can be read")
    scanner = Scanner(source)
    for match in TOKEN.finditer(source.text):
        scanner.take(match.lastgroup or "", match.group(), match.start())
    scanner.finish()
    return source, re.sub(r"#[^\n]*", lambda m: " " * len(m.group()), source.text), scanner.pieces


class Scanner:
    """Bracket depth and the bounds of the line being read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.pieces: list[Piece] = []
        self.brackets: list[tuple[str, int]] = []
        self.start: int | None = None
        self.stop = 0
        self.colon: int | None = None
        self.equals = False
        self.number_ends = -1

    def take(self, kind: str, text: str, at: int) -> None:
        if kind == "end":
            return self.line_end(text, at)
        if kind in ("comment", "space"):
            return None
        self.start = at if self.start is None else self.start
        self.stop = at + len(text)
        if kind == "open":
            self.brackets.append((text, at))
            if len(self.brackets) > DEEPEST_BRACKETS:
                raise self.source.error_at(at, f"more than {DEEPEST_BRACKETS} brackets inside each other; give a part a name of its own")
        elif kind == "close":
            self.close(text, at)
        elif not self.brackets and kind in ("colon", "equals") and self.colon is None and not self.equals:
            self.colon, self.equals = (at, False) if kind == "colon" else (None, True)
        self.refuse(kind, text, at)
        return None

    def refuse(self, kind: str, text: str, at: int) -> None:
        if kind == "quote":
            raise self.source.error_at(at, "a string has no meaning in an equation")
        if kind == "walrus":
            raise self.source.error_at(at, ":= has no meaning here; an equation is written target = expression")
        if kind == "word" and at == self.number_ends:
            raise self.source.error_at(at, f"{text} follows a number; write a product with *, and numbers in decimal digits")
        if kind == "other" and not text.isascii():
            raise self.source.error_at(at, f"{text!r} is not ASCII; names and operators are (comments need not be)")
        if kind == "other" and (text == "\\" or not text.isprintable()):
            raise self.source.error_at(at, f"{text!r} has no meaning here; an expression continues on the next line inside brackets")
        self.number_ends = at + len(text) if kind == "number" else -1

    def close(self, text: str, at: int) -> None:
        if not self.brackets:
            raise self.source.error_at(at, f"{text} closes a bracket that was never opened")
        opened, where = self.brackets.pop()
        if opened != CLOSES[text]:
            line, column = self.source.place(where)
            raise self.source.error_at(at, f"{text} does not close the {opened} of line {line}, column {column + 1}")

    def line_end(self, text: str, at: int) -> None:
        if not self.brackets:
            self.finish()
        elif text == ";":
            raise self.source.error_at(at, f"; inside brackets: {self.brackets[-1][0]} is not closed")

    def finish(self) -> None:
        if self.brackets:
            opened, where = self.brackets[-1]
            raise self.source.error_at(where, f"{opened} is never closed")
        if self.start is not None:
            self.pieces.append(Piece(self.start, self.stop, self.colon))
        self.start, self.colon, self.equals, self.number_ends = None, None, False, -1
