"""No rewrite without a proof: exact where rational algebra decides it, else by the exact interpreter at random points."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np
import sympy
from sympy import Expr

from symbp.calculus import placed
from symbp.ir import (
    Bracket,
    Element,
    Equation,
    Inverse,
    Leading,
    Padded,
    Program,
    Reduce,
    Tensor,
    Where,
    elements,
    expand_stable,
    free_indices,
    reads,
    run,
)

DIGITS = 50
AGREE = 35  # digits to which both sides must be equal at every point
POINTS, BRANCHING_POINTS = 2, 6  # the latter where branches are taken: each should be seen
_NOT_POINTWISE = (Reduce, Bracket, Where, Padded, Inverse)
SIDES = ("left'", "right'")  # what the two sides are called in a trial; names that cannot be typed
DOMAINS = ((-0.9, 0.9), (0.1, 0.9), (1.1, 1.9))  # the first on which the forward equations are real


def proved(before: Expr, after: Expr, target: Element, forward: Program) -> str | None:
    """How ``before == after`` was proved as a consequence of the forward equations, or None: then it is refused."""
    if before == after:
        return "identical"
    if _exactly(before, after, forward):
        return "exact"
    return "numerical" if _numerically(before, after, target, forward) else None


# ---------------------------------------------------------------- exact


def _exactly(before: Expr, after: Expr, forward: Program) -> bool:
    """cancel(before - after) == 0 with functions and elements as independent variables; pointwise expressions only."""
    difference = expand_stable(before - after)
    pointwise = [e for e in forward.equations if not e.value.has(*_NOT_POINTWISE)]
    for equation in reversed(pointwise):
        difference = difference.xreplace({e: _at(equation, e) for e in elements(difference) if e.name == equation.name})
    if difference.has(*_NOT_POINTWISE) or len(difference.free_symbols) > 16:
        return bool(difference == 0)
    atoms: dict[Expr, Expr] = {}
    return bool(sympy.cancel(sympy.together(_kernels(sympy.expand_log(difference.rewrite(sympy.exp)), atoms))) == 0)


def _at(equation: Equation, element: Element) -> Expr:
    return placed(equation.value, dict(zip(equation.target.position, element.position, strict=True)))


def _kernels(node: Any, atoms: dict[Expr, Expr]) -> Any:
    """node as a rational function of its elements and of exp, log, ... of whole arguments."""
    if isinstance(node, sympy.exp):
        coefficient, rest = sympy.expand(node.args[0]).as_coeff_Mul()
        base = sympy.exp(rest / coefficient.q) if coefficient.is_Rational and not isinstance(rest, sympy.Add) else node
        power = coefficient.p if base != node else 1
        return atoms.setdefault(base, sympy.Symbol(f"e'{len(atoms)}")) ** power
    if isinstance(node, Element | sympy.Function) or (isinstance(node, sympy.Pow) and not node.exp.is_Integer):
        return atoms.setdefault(node, sympy.Symbol(f"e'{len(atoms)}"))
    return node.func(*(_kernels(arg, atoms) for arg in node.args)) if node.args else node


# ---------------------------------------------------------------- at random points


def _numerically(before: Expr, after: Expr, target: Element, forward: Program) -> bool:
    trial = _trial(before, after, target, forward)
    points = list(_points(trial))
    return bool(points) and all(_agree(*(values[side] for side in SIDES)) for values in points)


def _trial(before: Expr, after: Expr, target: Element, forward: Program) -> Program:
    """Both sides as equations after those of the forward program that they need; cotangents are inputs."""
    bound = [i for i in free_indices(sympy.Tuple(before, after)) if i not in target.free_symbols]  # by a sum around both
    shape = (*target.head.shape, *(i.size for i in bound))
    places = (Element(Tensor(name, shape), *target.position, *bound) for name in SIDES)
    sides = [Equation(place, side) for place, side in zip(places, (before, after), strict=True)]
    needed = list(sides)
    for equation in reversed(forward.equations):
        if equation.name in reads(e.value for e in needed):
            needed.insert(0, equation)
    assigned = {e.name for e in needed}
    heads = {e.name: e.head for equation in needed for e in elements(equation.value) if e.name not in assigned}
    inputs = tuple(heads[name] for name in sorted(heads))
    sized = tuple(t for t in forward.inputs if t.name not in heads)  # they may give lengths that no other input has
    return Program(forward.name, (*inputs, *sized), tuple(needed), (sides[0].target.head,), forward.constants)


def _points(trial: Program) -> Iterator[dict[str, np.ndarray]]:
    """The values of the trial at several random points, on the first domain where all of them are real and finite."""
    many = BRANCHING_POINTS if _branches(trial) else POINTS
    for domain in DOMAINS:
        draw = random.Random(trial.name)
        try:
            values = [run(trial, _arrays(trial, draw, domain), digits=DIGITS) for _ in range(many)]
        except (ArithmeticError, TypeError, ValueError):  # mpmath's: a pole, or complex numbers compared
            continue
        if all(_real(v) for one in values for v in one.values()) and all(_finite(one[side]) for one in values for side in SIDES):
            yield from values
            return


def _branches(trial: Program) -> bool:
    """Whether a value depends on which of several is taken."""
    values = [equation.value for equation in trial.equations]
    return any(v.has(Where) or any(r.op not in ("sum", "prod") for r in v.atoms(Reduce)) for v in values)


def _arrays(trial: Program, draw: random.Random, domain: tuple[float, float]) -> dict[str, np.ndarray]:
    sizes = sorted({s for t in trial.inputs for s in t.shape if s.is_Symbol}, key=str)
    least = _least_lengths(trial)
    lengths = {s: (2,) if isinstance(s, Leading) else (max(2 + k % 2, least.get(s, 0)),) for k, s in enumerate(sizes)}

    def one(tensor: Tensor) -> np.ndarray:
        shape = sum((lengths[s] if s in lengths else (int(s),) for s in tensor.shape), ())
        real = tensor.kind == "real"
        flat = [draw.uniform(*domain) if real else draw.randrange(2) for _ in range(int(np.prod(shape)))]
        return np.array(flat, dtype=object).reshape(shape)

    return {t.name: one(t) for t in trial.inputs}


def _least_lengths(trial: Program) -> dict[Any, int]:
    """How long each axis must be for the positions that are read by number."""
    least: dict[Any, int] = {}
    for element in (e for equation in trial.equations for e in elements(equation.value)):
        for place, size in zip(element.position, element.head.shape, strict=True):
            if place.is_Integer:
                least[size] = max(least.get(size, 0), place + 1, -place)
    return {size: int(length) for size, length in least.items()}


def _real(values: np.ndarray) -> bool:
    """Neither complex nor nan; a masked place may hold -inf."""
    return all(isinstance(v, int | mpmath.mpf) and not mpmath.isnan(v) for v in values.flat)


def _finite(values: np.ndarray) -> bool:
    return all(mpmath.isfinite(v) for v in values.flat)


def _agree(left: np.ndarray, right: np.ndarray) -> bool:
    with mpmath.workdps(DIGITS):
        scale = max((abs(v) for v in (*left.flat, *right.flat)), default=1) or 1
        return all(abs(a - b) <= scale * mpmath.mpf(10) ** -AGREE for a, b in zip(left.flat, right.flat, strict=True))
