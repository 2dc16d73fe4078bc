"""A branch that is not taken is computed all the same: where that could overflow or divide by zero, it gets a harmless argument."""

from __future__ import annotations

import sympy
from sympy import Expr, Integer, Pow

from symbp.ir import Element, Inverse, Padded, Reduce, Where, elements, free_indices

HARMLESS = {"exp": 0, "expm1": 0, "log": 1, "log1p": 0, "sinh": 0, "cosh": 0, "asin": 0, "acos": 0, "acosh": 1, "atanh": 0, "loggamma": 1}


def guarded(branch: Expr, condition: sympy.Basic, holds: bool = True) -> Expr:
    """The branch, equal where the condition holds (or, if ``holds`` is false, where it does not), and without a warning elsewhere."""
    if not branch.args or isinstance(branch, Element | Padded | Inverse | Reduce | Where):
        return branch
    args = [guarded(arg, condition, holds) for arg in branch.args]
    name = type(branch).__name__
    if name in HARMLESS and _applies(args[0], condition) and not (name in ("exp", "expm1") and _is_nonpositive(args[0])):
        args[0] = choice(condition, holds, args[0], Integer(HARMLESS[name]))
    elif isinstance(branch, Pow) and not (branch.exp.is_Integer and branch.exp > 0) and _applies(args[0], condition):
        args[0] = choice(condition, holds, args[0], Integer(1))
    return branch.func(*args) if args != list(branch.args) else branch


def _applies(argument: Expr, condition: sympy.Basic) -> bool:
    return bool(elements(argument)) and set(free_indices(condition)) <= set(free_indices(argument))


def _is_nonpositive(expr: Expr) -> bool:
    """Whether an exponential of it cannot overflow: -abs(u), or the smaller of u and -u."""
    smaller = isinstance(expr, Where) and isinstance(expr.condition, sympy.Le) and expr.condition.args == expr.branches
    return bool(expr.is_nonpositive) or (smaller and expr.branches[0] == -expr.branches[1])


def choice(condition: sympy.Basic, holds: bool, value: Expr, otherwise: Expr) -> Expr:
    """The value where it is wanted; a bound of the value, where the condition compares it with just that bound.

    The condition itself is asked, never its negation: where it compares a nan, the branch for what does not hold is taken.
    """
    wanted = condition if holds else sympy.Not(condition)
    if getattr(wanted, "args", ()) == (value, otherwise) and isinstance(wanted, sympy.Gt | sympy.Lt | sympy.Ge | sympy.Le):
        return Where((sympy.Ge if isinstance(wanted, sympy.Gt | sympy.Ge) else sympy.Le)(value, otherwise), value, otherwise)
    return Where(condition, value, otherwise) if holds else Where(condition, otherwise, value)
