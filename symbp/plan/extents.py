"""Whole numbers: lengths that follow from others, and constants that positions and lengths are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy
from sympy import Expr

from symbp.calculus.affine import affine
from symbp.ir import Bracket, Derived, Element, Index, Program, Size
from symbp.plan.arrays import Array, Call

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering, Value

LARGEST = {sympy.Max: "largest", sympy.Min: "smallest"}


# ---------------------------------------------------------------- whole numbers


def scalar(lowering: Lowering, expr: Expr) -> Call:
    """floor, Max or Min of Python numbers."""
    if isinstance(expr, sympy.floor):
        above, below = _fraction(expr.args[0])
        if below == 1:
            return Call("floor", (lowering.scalar(above),), ("scalar",))
        return Call("floor_divide", (lowering.scalar(above), lowering.scalar(below)))
    return Call(LARGEST[expr.func], tuple(lowering.scalar(arg) for arg in sorted(expr.args, key=sympy.default_sort_key)))


def counted(lowering: Lowering, expr: Expr, order: tuple[Index, ...]) -> Value:
    """Quotient and remainder of integer arrays."""
    above, below = expr.args if isinstance(expr, sympy.Mod) else _fraction(expr.args[0])
    name = "remainder" if isinstance(expr, sympy.Mod) else "floor_divide"
    return lowering.join(name, [lowering.value(above, order), lowering.value(below, order)], order, "integer")


def _fraction(expr: Expr) -> tuple[Expr, Expr]:
    above, below = sympy.fraction(sympy.together(expr))
    return above, below


def formula(lowering: Lowering, expr: Expr) -> Array:
    """A length by its formula: the constants in it are whole numbers."""
    return lowering.scalar(expr.replace(sympy.floor, lambda value: value if _fraction(value)[1] == 1 else sympy.floor(value)))


def formulas(lowering: Lowering, program: Program) -> dict[Expr, tuple[Array, ...]]:
    """The lengths that follow from others, by their formulas."""
    found = sorted((size for size in lengths_in(program) if isinstance(size, Derived)), key=str)
    return {size: tuple(formula(lowering, f) for f in size.formulas) for size in found}


def lengths_in(program: Program) -> set[Expr]:
    """The lengths of all axes and indices, and those that they follow from."""
    expressions = [part for e in program.equations for part in (e.target, e.value)]
    found = {index.size for expr in expressions for index in expr.atoms(Index)} | {s for t in program.tensors.values() for s in t.shape}
    found |= {s for expr in expressions for s in expr.atoms(Size)}
    return _closed(found)


def _closed(found: set[Expr]) -> set[Expr]:
    inner = {f for size in found if isinstance(size, Derived) for f in size.formulas} | {s for size in found for s in size.free_symbols}
    return found if inner <= found else _closed(found | inner)


# ---------------------------------------------------------------- constants


def kinds(program: Program, *passes: Program) -> dict[Expr, str]:
    """What each constant of the program is: the length of an axis, a step of positions, another part of them, or a real number."""
    steps: set[Expr] = set()
    counts = [f for size in lengths_in(program) if isinstance(size, Derived) for f in size.formulas]
    parts = {s for f in counts for s in f.free_symbols}
    steps |= {s for f in counts for quotient in f.atoms(sympy.floor) for s in _fraction(quotient.args[0])[1].free_symbols}
    indices: set[Index] = set()
    for expr in (part for p in (program, *passes) for e in p.equations for part in (e.target, e.value)):
        indices |= expr.atoms(Index)
        for position in _positions(expr):
            form = affine(position)
            steps |= {s for step in form.steps.values() for s in step.free_symbols} if form else set()
            parts |= position.free_symbols
    lengths = {s for index in indices if not isinstance(index.size, Derived) for s in index.size.free_symbols}
    ranked = (("step", steps), ("length", lengths), ("offset", parts))
    return {c: next((kind for kind, own in ranked if c in own), "real") for c, _ in program.constants}


def _positions(expr: Expr) -> set[Expr]:
    """All the positions in an expression; a bracket compares two."""
    found = {p for element in expr.atoms(Element) for p in element.position}
    return found | {side for bracket in expr.atoms(Bracket) for side in bracket.args}
