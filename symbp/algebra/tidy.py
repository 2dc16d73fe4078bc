"""The cheapest of the shapes that SymPy's rational algebra gives one expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow, Symbol

from symbp.algebra.cost import cost, divisions, operations
from symbp.algebra.radicals import reduced, roots, shared
from symbp.algebra.signs import is_centred, signed, sized
from symbp.ir import Cotangent, Element, Node, Reduce, Where, elements

ATOMS, TERMS = 6, 10  # an expression with more is left in the shape it has, common factors apart

_cancelled = lru_cache(maxsize=4096)(sympy.cancel)

_SHAPES: tuple[Callable[[Expr], Expr], ...] = (
    sympy.factor_terms,
    shared,
    lambda e: sympy.factor_terms(sympy.expand(e)),
    sympy.expand_mul,
    _cancelled,
    lambda e: sympy.factor_terms(_cancelled(e)),
    sympy.factor,
)


@lru_cache(maxsize=4096)
def tidy(expr: Expr) -> Expr:
    """The cheapest equal shape of expr that divides by nothing new.

    Inner sums and branches are tidied on their own; functions are atoms. Sums of forward values, such as 1 - s, are
    opened only if that makes the whole less work with no more terms: y - s*y has lost digits that (1 - s)*y has.
    """
    expr = sized(expr)
    closed = _cheapest(expr, closed=True)
    if not any(map(_is_forward, expr.atoms(Add))):
        return closed
    opened = _cheapest(expr, closed=False)
    return opened if cost([opened]) < cost([closed]) and _terms(opened) <= _terms(closed) else closed


def _cheapest(expr: Expr, closed: bool) -> Expr:
    atoms: dict[Expr, Symbol] = {}
    squares = roots(expr)
    for root in squares.values():
        atoms[root] = _atom(atoms)
    plain = _mask(expr, atoms, {base: atoms[root] for base, root in squares.items()}, closed)
    back = {variable: atom for atom, variable in atoms.items()}
    shapes = dict.fromkeys((*_shapes(plain), *reduced(plain, atoms)))
    whole = list(dict.fromkeys(signed(shape.xreplace(back)) for shape in shapes))
    if len(whole) == 1:
        return whole[0]
    most = divisions(whole[0])
    ranks = {w: (cost([w]), divisions(w), _leaves(w), operations(w)) for w in whole if divisions(w) <= most}
    least = min(ranks.values())
    tied = [w for w, rank in ranks.items() if rank == least]
    return tied[0] if len(tied) == 1 else min(tied, key=lambda w: (len(str(w)), str(w)))


@lru_cache(maxsize=4096)
def _shapes(plain: Expr) -> tuple[Expr, ...]:
    """The shapes of a rational expression, itself first."""
    if not isinstance(plain, Add | Mul | Pow):
        return (plain,)
    if len(plain.free_symbols) > ATOMS or _terms(plain) > TERMS:
        apart = sympy.factor_terms(plain)
        return plain, shared(plain), apart, _undivided(apart)
    shapes = list(dict.fromkeys([plain, *(shape(plain) for shape in _SHAPES)]))
    return (*shapes, *(c for shape in shapes for c in _collected(shape)))


def _undivided(shape: Expr) -> Expr:
    """p (a + b/p) = a p + b: a division cancelled without opening anything else."""
    for total in (factor for factor in Mul.make_args(shape) if isinstance(factor, Add)):
        for factor in (f for f in Mul.make_args(shape) if f != total):
            if any(1 / factor in Mul.make_args(term) for term in total.args):
                rest = (f for f in Mul.make_args(shape) if f not in (total, factor))
                return Mul(Add(*(factor * term for term in total.args)), *rest)
    return shape


def _collected(shape: Expr) -> Iterator[Expr]:
    """The shape with a sum in it gathered by one of its variables: a*s + b*s + c as (a + b)*s + c."""
    for total in (factor for factor in Mul.make_args(shape) if isinstance(factor, Add)):
        for variable in sorted(total.free_symbols, key=str):
            gathered = sympy.collect(total, variable)
            if gathered != total:
                yield Mul(*(gathered if f == total else f for f in Mul.make_args(shape)))


def _terms(expr: Expr) -> int:
    """How many terms the sums in expr have, those inside reductions and functions apart."""
    if isinstance(expr, Element | Reduce | sympy.Function):
        return 0
    return (len(expr.args) if isinstance(expr, Add) else 0) + sum(map(_terms, expr.args))


def _leaves(expr: Expr) -> int:
    """How many elements stand in expr, repeats counted: a common factor is better outside."""
    return sum(isinstance(node, Element) for node in sympy.preorder_traversal(expr))


def _mask(node: Any, atoms: dict[Expr, Symbol], squares: dict[Expr, Symbol], closed: bool) -> Any:
    """node with all that rational algebra must not open put behind a variable; squares are those of some of the variables."""
    if isinstance(node, Reduce):
        node = Reduce(node.op, tidy(node.body), *node.indices) if node.op == "sum" else node
    if isinstance(node, Where):
        node = Where(node.condition, *map(tidy, node.branches))
    base, power = node.as_base_exp() if isinstance(node, Expr) else (node, 1)
    if base in squares:
        return squares[base] ** (2 * power)
    if is_centred(node) or (closed and _is_forward(node)):
        content, difference = node.primitive()
        return content * atoms.setdefault(difference, _atom(atoms))
    if isinstance(node, Node | sympy.Function) or _is_radical(node):
        return atoms.setdefault(node, _atom(atoms))
    return node.func(*(_mask(arg, atoms, squares, closed) for arg in node.args)) if node.args else node


def _atom(atoms: dict[Expr, Symbol]) -> Symbol:
    """The next variable; its name cannot be typed. A Dummy's order would depend on what ran before."""
    return Symbol(f"q'{len(atoms)}", real=True)


def _is_radical(node: Any) -> bool:
    return isinstance(node, Pow) and not node.exp.is_Integer


def _is_forward(node: Any) -> bool:
    """A plain sum of forward values, such as 1 - s."""
    if not isinstance(node, Add) or any(term.has(Add) for term in node.args):
        return False
    return not any(isinstance(e.head, Cotangent) for e in elements(node))
