"""Is what a document says true? Each of its lines, and each fact that it cites, evaluated at random places of a random point."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
from explain.points import DIGITS, Place, Point, Untried, close, point, slope
from sympy import Expr

from symbp.check.exact import EXACT_FAILURES
from symbp.explain.lines import Chained, Document, Line, Partial
from symbp.explain.matrices import Matrices
from symbp.ir import Element, Index, Leading, Program, free_indices
from symbp.ir.derivation import Derivation, Fact, Phrase

PLACES = 2  # at which each line is tried
TRIES = 12  # how often a place is drawn that has no value
POINTS = 12  # how many are looked at for one where the conditions of a fact hold


@dataclass(frozen=True)
class Claim:
    """A line with what it is about, where it goes on from the one above, and the program whose operations it differentiates."""

    line: Line
    sides: tuple[Any, ...]
    program: Program | None

    def __str__(self) -> str:
        return f" {self.line.sign} ".join(map(str, self.sides)) + f"   [{self.line.kind}; {self.line.rule} {self.line.mark}]"


def claims(document: Document, derivation: Derivation) -> tuple[Claim, ...]:
    program, found = derivation.nodes if document.depth == "nodes" else derivation.forward, list[Claim]()
    for section in document.sections:
        subject: Any = None
        for line in section.lines:
            subject = subject if line.sides[0] is None else line.sides[0]
            sides = tuple(side.entry if isinstance(side, Matrices) else side for side in (subject, *line.sides[1:]))
            found.append(Claim(line, sides, program if any(isinstance(side, Partial | Chained) for side in sides) else None))
    return tuple(found)


def counted(found: Iterable[Claim]) -> Counter[str]:
    """How many lines there are of each kind."""
    return Counter(claim.line.kind for claim in found)


def untrue(here: Point, found: Iterable[Claim]) -> Iterator[str]:
    """What is not so, line by line."""
    draw = random.Random(here.derivation.forward.name)
    for claim in found:
        try:
            yield from _strays(claim)
            yield from _differences(here, claim, draw)
            yield from (f"{claim}: by {fact.left} = {fact.right}" for fact in _facts(claim.line.why) if not _holds(here, fact, draw))
        except Untried as error:
            yield f"{claim}: {error}"


# ---------------------------------------------------------------- one line


def _strays(claim: Claim) -> Iterator[str]:
    """An index that the first side lacks has no value."""
    own = set(indices(claim.sides[0]))
    strays = {str(i) for side in claim.sides for i in indices(side) if i not in own and not isinstance(i.size, Leading)}
    yield from (f"{claim}: there is no {name} on the left" for name in sorted(strays))


def indices(side: Any) -> tuple[Index, ...]:
    """The free ones."""
    if isinstance(side, Partial):
        return (*free_indices(side.value), *free_indices(side.operand))
    if isinstance(side, Chained):
        return tuple(i for i in (*free_indices(side.cotangent), *indices(side.partial)) if i not in side.over)
    return free_indices(side)


def _differences(here: Point, claim: Claim, draw: random.Random) -> Iterator[str]:
    """Sides that are not equal; what receives a contribution is not equal to it."""
    sides = claim.sides[1:] if claim.line.kind == "contribution" else claim.sides
    for _ in range(PLACES if len(sides) > 1 else 0):
        at, values = _tried(here, sides, claim.program, draw)
        for side, value in zip(sides, values, strict=True):
            if not close(values[0], value):
                yield f"{claim}: at {at} it is {mpmath.nstr(values[0], 20)}, but {side} is {mpmath.nstr(value, 20)}"


def _tried(here: Point, sides: tuple[Any, ...], program: Program | None, draw: random.Random) -> tuple[Place, list[Any]]:
    """All sides at a random place where they have values."""
    free = sorted({i for side in sides for i in indices(side)}, key=str)
    for _ in range(TRIES):
        at = _place(here, free, draw)
        try:
            values = [_value(here, side, program, at) for side in sides]
        except EXACT_FAILURES as error:
            reason = f"{type(error).__name__}: {error}"
            continue
        if all(mpmath.isfinite(value) for value in values):
            return at, values
        reason = ", ".join(mpmath.nstr(value, 6) for value in values)
    raise Untried(f"no finite values at {TRIES} places: {reason}")


def _place(here: Point, free: Iterable[Index], draw: random.Random) -> Place:
    """All leading axes at the same place: they have the same lengths here, and a document says once that broadcast ones are summed."""
    at = {i: draw.choice(list(here.machine.places(i))) for i in free}
    leading = [i for i in at if isinstance(i.size, Leading)]
    return at | dict.fromkeys(leading, at[leading[0]] if leading else None)


def _value(here: Point, side: Any, program: Program | None, at: Place) -> Any:
    if isinstance(side, Partial):
        assert program is not None
        return slope(here, side, program, at)
    if isinstance(side, Chained):
        return _chained(here, side, program, at)
    return here.value(side, at)


def _chained(here: Point, side: Chained, program: Program | None, at: Place) -> Any:
    places = itertools.product(*(list(here.machine.places(i)) for i in side.over))
    inside = [{**at, **dict(zip(side.over, place, strict=True))} for place in places]
    with mpmath.workdps(DIGITS):
        return mpmath.fsum(here.value(side.cotangent, place) * _value(here, side.partial, program, place) for place in inside)


# ---------------------------------------------------------------- the facts that it cites


def _facts(why: Iterable[Any]) -> Iterator[Fact]:
    for thing in why:
        if isinstance(thing, Fact):
            yield thing
        elif isinstance(thing, Phrase | tuple):
            yield from _facts(thing.about if isinstance(thing, Phrase) else thing)


def _holds(here: Point, fact: Fact, draw: random.Random) -> bool:
    """Where its conditions hold; if they do so nowhere, at another point."""
    others = (point(here.derivation, seed) for seed in range(2, POINTS))
    for there in itertools.chain([here], others):
        for _ in range(TRIES):
            _, (left, right, *given) = _tried(there, (fact.left, fact.right, *fact.given), None, draw)
            if all(given):
                return close(left, right)
    raise Untried(f"the conditions of {fact} hold nowhere")


# ---------------------------------------------------------------- all contributions to a cotangent


def unequal_sums(here: Point, found: Iterable[Claim]) -> Iterator[str]:
    """Cotangents that are not what they receive, all in all: from each use, and from upstream where the value is an output."""
    found, draw = tuple(found), random.Random(here.derivation.forward.name)
    sent: dict[Element, list[Expr]] = {}
    for claim in found:
        if claim.line.kind == "contribution":
            sent.setdefault(claim.sides[0], []).append(claim.sides[-1])
    given = {f"{head.name}_total": head for head in here.derivation.upstream}
    for target, parts in sent.items():
        if target.name in given:
            parts.append(Element(given[target.name], *target.position))
        at = _place(here, free_indices(target), draw)
        with mpmath.workdps(DIGITS):
            total = mpmath.fsum(here.value(part, at) for part in parts)
        whole = here.value(target, at)
        if not close(total, whole):
            yield f"{target} at {at} is {mpmath.nstr(whole, 20)}, its {len(parts)} parts add up to {mpmath.nstr(total, 20)}"
