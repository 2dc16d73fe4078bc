"""A Report: one row for each thing that was tried, with the worst error found and the verdict."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 100


@dataclass(frozen=True)
class Measurement:
    """One comparison."""

    error: float  # nan counts as infinite
    tolerance: float
    where: str = ""  # which tensor, which shape, which place, which values

    @property
    def excess(self) -> float:
        """The error in units of what is allowed; at most one if it held."""
        return math.inf if math.isnan(self.error) else self.error / self.tolerance


@dataclass(frozen=True)
class Row:
    """One thing that was tried on a module."""

    name: str
    tried: str = ""  # on what, and how many
    cases: int = 0
    worst: float | None = None  # the largest error in units of its tolerance, as the error itself
    tolerance: float | None = None  # what was allowed there
    where: str = ""  # the place of the worst error
    held: bool = True
    applicable: bool = True
    note: str = ""

    @property
    def verdict(self) -> str:
        if not self.held:
            return "✗"
        return "✓" if self.applicable else "–"


@dataclass(frozen=True, repr=False)
class Report:
    """Truthy if everything that could be tried held."""

    name: str
    rows: tuple[Row, ...]

    def __bool__(self) -> bool:
        return all(row.held for row in self.rows)

    def __getitem__(self, name: str) -> Row:
        return next(row for row in self.rows if row.name == name)

    @property
    def failures(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.held)

    def __repr__(self) -> str:
        return f"<{str(self).splitlines()[0]}>"

    def __str__(self) -> str:
        applicable = [row for row in self.rows if row.applicable]
        held = sum(row.held for row in applicable)
        verdict = "holds" if self else "FAILS"
        head = f"{self.name} {verdict}: {held} of {len(applicable)} checks held, {len(self.rows) - len(applicable)} not applicable"
        names = max(len(row.name) for row in self.rows)
        tried = WIDTH - names - 2 - 20
        title = f"  {'':{names}}  {'tried':{tried}}{'worst':>8}{'allowed':>9}"
        return "\n".join([head, title, *(line for row in self.rows for line in _lines(row, names, tried))])


def _lines(row: Row, names: int, tried: int) -> list[str]:
    """The line of the row, and what does not fit on it below, indented."""
    margin = " " * (names + 4)
    beside, beneath = (row.tried, row.note) if row.tried else (row.note, "")
    wide = textwrap.wrap(beside, tried - 1) or [""]
    first = f"{row.verdict} {row.name:{names}}  {wide[0]:{tried}}{_short(row.worst):>8}{_short(row.tolerance):>9}"
    below = [margin + line for line in wide[1:]]
    for text in (row.where if not row.held else "", beneath):
        below += textwrap.wrap(text, WIDTH, initial_indent=margin, subsequent_indent=margin)
    return [first.rstrip(), *below]


def _short(number: float | None) -> str:
    """3.2e-16; a blank for nothing."""
    if number is None:
        return ""
    return f"{number:.1e}" if number and math.isfinite(number) else f"{number:g}"


def measured(name: str, tried: str, measurements: Iterable[Measurement], note: str = "") -> Row:
    """The row that says how far off the worst of the measurements is."""
    found = list(measurements)
    if not found:
        return Row(name, tried, held=False, note=note or "nothing could be compared")
    worst = max(found, key=lambda m: m.excess)
    return Row(name, tried, len(found), worst.error, worst.tolerance, worst.where, worst.excess <= 1, note=note)


def listed(name: str, tried: str, cases: int, faults: Iterable[str], note: str = "") -> Row:
    """The row that held if there are no faults; the first of them is shown."""
    found = list(faults)
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Row(name, tried, cases, held=not found, note=found[0] + more if found else note)


def not_applicable(name: str, reason: str) -> Row:
    """The row of a check that this layer gives no occasion for, or that cannot be run on it."""
    return Row(name, applicable=False, note=f"not applicable: {reason}")
