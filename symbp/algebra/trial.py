"""Both sides of a rewrite at random points, by the exact interpreter: what the facts do not compute is drawn."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, TypeAlias

import mpmath
import numpy as np
import sympy
from sympy import Expr, Rational

from symbp.algebra.renaming import sizes_of, symbols_of
from symbp.algebra.ways import Choosing, Ways
from symbp.ir import Constant, Derived, Element, Equation, Index, Leading, Program, Reduce, Tensor, Where, elements, free_indices, run

DIGITS = 50
AGREE = 35  # digits to which both sides must be equal at every point
POINTS, BRANCHING_POINTS = 2, 6  # the latter where branches are taken: each should be seen
SIDES = ("left'", "right'")  # what the two sides are called in a trial; names that cannot be typed
DOMAINS = ((-0.9, 0.9), (0.1, 0.9), (1.1, 1.9))  # the first on which all values are real
SHORTEST, LONGER = 2, 3  # an axis, and by how much more where a comparison of positions goes one way
LENGTH_DRAWS, LONGEST = 400, 12  # how often, and up to where, lengths are drawn if others that follow from them have to fit

Constants: TypeAlias = "tuple[tuple[Constant, Rational], ...]"


def agree_at_points(before: Expr, after: Expr, target: Element, facts: tuple[Equation, ...], constants: Constants) -> bool:
    """Whether both sides have the same value at every element of the target, to AGREE digits, at several points; where a
    comparison seldom goes one way, so too on longer axes, and then whichever way it goes."""
    trial, ways = _trial(before, after, target, facts, constants), Ways()
    points = list(_points(trial, ways))
    agrees = bool(points) and _agree_at_all(points)
    if agrees and any(compared.of_positions for compared in ways.lopsided()):
        longer = Ways()
        points = list(_points(trial, longer, LONGER))
        agrees, ways = _agree_at_all(points), longer if points else ways
    if agrees and ways.lopsided():
        points = list(_points(trial, Ways(ways.lopsided())))
        agrees = bool(points) and _agree_at_all(points)
    return agrees


def _agree_at_all(points: list[dict[str, np.ndarray]]) -> bool:
    return all(_agree(*(values[side] for side in SIDES)) for values in points)


def _trial(before: Expr, after: Expr, target: Element, facts: tuple[Equation, ...], constants: Constants) -> Program:
    """Both sides as equations after the facts; what those do not compute is an input."""
    bound = [i for i in free_indices(sympy.Tuple(before, after)) if i not in target.free_symbols]  # by a sum around both
    shape = (*target.head.shape, *(i.size for i in bound))
    places = (Element(Tensor(name, shape), *target.position, *bound) for name in SIDES)
    sides = [Equation(place, side) for place, side in zip(places, (before, after), strict=True)]
    equations = (*facts, *sides)
    assigned = {e.name for e in equations}
    heads = {e.name: e.head for equation in equations for e in elements(equation.value) if e.name not in assigned}
    inputs = tuple(heads[name] for name in sorted(heads))
    return Program("trial", (*inputs, *_unmeasured(equations, inputs)), equations, (sides[0].target.head,), constants)


def _unmeasured(equations: tuple[Equation, ...], inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """A tensor for each size that no input has, to give it a length."""
    sizes = {size for symbol in symbols_of(expr for e in equations for expr in (e.target, e.value)) for size in sizes_of(symbol)}
    measured = {size for tensor in inputs for size in tensor.shape}
    wanting = sorted((s for s in sizes - measured if not isinstance(s, Derived)), key=lambda size: size.name)
    return tuple(Tensor(f"length'{k}", (size,)) for k, size in enumerate(wanting))


# ---------------------------------------------------------------- points


@dataclass
class Remembering(Choosing):
    """A machine that works out a reduction once for each value of the indices that it depends on."""

    known: dict[Any, Any] = field(default_factory=dict)

    def tabulate(self, equation: Equation, fixed: dict[Index, Any]) -> None:
        self.known.clear()
        super().tabulate(equation, fixed)

    def reduce(self, node: Reduce, where: dict[Any, Any]) -> Any:
        key = node, tuple(where[index] for index in _indices(node))
        if key not in self.known:
            self.known[key] = super().reduce(node, where)
        return self.known[key]

    def read(self, element: Element, where: dict[Any, Any]) -> Any:
        if not _runs_along(element):
            return super().read(element, where)
        return self.values[element.name][tuple([where[index] for index in element.position])]


_indices = lru_cache(maxsize=16_384)(free_indices)


@lru_cache(maxsize=16_384)
def _runs_along(element: Element) -> bool:
    """Whether each position is the index of its axis, so that there is nothing to work out and no way outside."""
    axes = zip(element.position, element.head.shape, strict=True)
    return all(isinstance(p, Index) and p.size == size and not isinstance(size, Leading) for p, size in axes)


def _points(trial: Program, ways: Ways, longer: int = 0) -> Iterator[dict[str, np.ndarray]]:
    """The values of the trial at several random points, on the first domain where all of them are real and finite."""
    many = BRANCHING_POINTS if _branches(trial) else POINTS
    lengths = [_lengths(trial, number, longer) for number in range(many)]
    for domain in DOMAINS if None not in lengths else ():
        draw = random.Random(0)
        ways.seen.clear()
        try:
            points = [_arrays(trial, known, draw, domain) for known in lengths if known is not None]
            values = [run(trial, arrays, digits=DIGITS, machine=partial(Remembering, ways=ways)) for arrays in points]
        except (ArithmeticError, IndexError, TypeError, ValueError):  # a pole, a read outside, or complex numbers compared
            continue
        if all(_real(v) for one in values for v in one.values()) and all(_finite(one[side]) for one in values for side in SIDES):
            yield from values
            return


def _branches(trial: Program) -> bool:
    """Whether a value depends on which of several is taken."""
    values = [equation.value for equation in trial.equations]
    return any(v.has(Where) or any(r.op not in ("sum", "prod") for r in v.atoms(Reduce)) for v in values)


def _arrays(trial: Program, lengths: dict[Expr, int], draw: random.Random, domain: tuple[float, float]) -> dict[str, np.ndarray]:
    def one(tensor: Tensor) -> np.ndarray:
        shape = tuple(lengths[s] if s in lengths else int(s) for s in tensor.shape)
        flat = [_value(tensor, draw, domain) for _ in range(int(np.prod(shape)))]
        return np.array(flat, dtype=object).reshape(shape)

    return {t.name: one(t) for t in trial.inputs}


def _value(tensor: Tensor, draw: random.Random, domain: tuple[float, float]) -> float:
    """A number of the domain, of the sign that the tensor is known to have; for an integer tensor 0 or 1."""
    if tensor.kind != "real":
        return draw.randrange(SHORTEST)
    value = draw.uniform(*domain)
    return abs(value) if tensor.is_nonnegative else value


def _real(values: np.ndarray) -> bool:
    """Neither complex nor nan; a masked place may hold -inf."""
    return all(isinstance(v, int | mpmath.mpf) and not mpmath.isnan(v) for v in values.flat)


def _finite(values: np.ndarray) -> bool:
    return all(mpmath.isfinite(v) for v in values.flat)


def _agree(left: np.ndarray, right: np.ndarray) -> bool:
    with mpmath.workdps(DIGITS):
        scale = max((abs(v) for v in (*left.flat, *right.flat)), default=1) or 1
        return all(abs(a - b) <= scale * mpmath.mpf(10) ** -AGREE for a, b in zip(left.flat, right.flat, strict=True))


# ---------------------------------------------------------------- lengths


def _lengths(trial: Program, point: int, longer: int) -> dict[Expr, int] | None:
    """A length for every size of the inputs, those fitting that follow from others; None if none do. Of few sizes no two have
    the same length at all points: what holds of N alone is no fact of K."""
    sizes = sorted({s for t in trial.inputs for s in t.shape if s.is_Symbol}, key=lambda size: (size.name, str(type(size))))
    known: dict[Expr, int] = {constant: int(value) for constant, value in trial.constants if constant in sizes}
    least = _least_lengths(trial)
    free = [s for s in sizes if not isinstance(s, Derived) and s not in known]
    bits = {s: k >> point % POINTS & 1 for k, s in enumerate(free)}
    plain = {s: SHORTEST if isinstance(s, Leading) else max(SHORTEST + longer + bit, least.get(s, 0)) for s, bit in bits.items()}
    derived = _derived(trial)
    if not derived:
        return known | plain
    draw = random.Random(point)
    for k in range(LENGTH_DRAWS):
        most = SHORTEST + 1 + k * (LONGEST - SHORTEST) // LENGTH_DRAWS
        drawn = plain if k == 0 else {s: n if isinstance(s, Leading) else draw.randint(n, max(n, most)) for s, n in plain.items()}
        following = _following(derived, known | drawn, dict(trial.constants))
        if following is not None:
            return known | drawn | following
    return None


def _derived(trial: Program) -> tuple[Derived, ...]:
    """The sizes that follow from others, those that others follow from first."""
    symbols = symbols_of(expr for e in trial.equations for expr in (e.target, e.value)) | set(trial.inputs)
    found = {size for symbol in symbols for size in sizes_of(symbol) if isinstance(size, Derived)}
    return tuple(sorted(found, key=lambda size: (len(sizes_of(size)), size.name)))


def _following(sizes: tuple[Derived, ...], lengths: dict[Expr, int], constants: dict[Constant, Rational]) -> dict[Expr, int] | None:
    """The lengths that follow, if each is one whole number and no axis is empty."""
    found: dict[Expr, int] = {}
    for size in sizes:
        put = {s: sympy.Integer(n) for s, n in (lengths | found).items()} | constants
        values = {formula.xreplace(put) for formula in size.formulas}
        value = values.pop()
        if values or not value.is_Integer or value < 1:
            return None
        found[size] = int(value)
    return found


def _least_lengths(trial: Program) -> dict[Any, int]:
    """How long each axis must be for the positions that are read by number."""
    least: dict[Any, int] = {}
    for element in (e for equation in trial.equations for e in elements(equation.value)):
        for place, size in zip(element.position, element.head.shape, strict=True):
            if place.is_Integer:
                least[size] = max(least.get(size, 0), place + 1, -place)
    return {size: int(length) for size, length in least.items()}
