"""The cheapest of the shapes that SymPy's rational algebra gives one expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow, Symbol

from symbp.algebra.cost import cost, divisions, operations
from symbp.ir import Bracket, Element, Reduce, Where, elements

TERMS = 24  # beyond so many terms an expression is left in the shape it has

_SHAPES: tuple[Callable[[Expr], Expr], ...] = (
    sympy.factor_terms,
    lambda e: sympy.factor_terms(sympy.expand(e)),
    sympy.expand_mul,
    sympy.cancel,
    lambda e: sympy.factor_terms(sympy.cancel(e)),
    sympy.factor,
)


def tidy(expr: Expr) -> Expr:
    """The cheapest equal shape of expr, which divides by nothing new; centred differences stay whole.

    Inner sums and branches are tidied on their own; functions are atoms.
    """
    atoms: dict[Expr, Symbol] = {}
    plain = _mask(expr, atoms)
    back = {variable: atom for atom, variable in atoms.items()}
    shapes = [plain]
    if isinstance(plain, Add | Mul | Pow) and _terms(plain) <= TERMS:
        shapes += [shape(plain) for shape in _SHAPES]
        shapes += [sympy.collect(s, v) for s in shapes if isinstance(s, Add) for v in sorted(s.free_symbols, key=str)]
    whole = [signed(s.xreplace(back)) for s in dict.fromkeys(shapes)]
    allowed = [w for w in whole if divisions(w) <= divisions(whole[0])]
    return min(allowed, key=lambda w: (cost([w]), _leaves(w), operations(w), len(str(w)), str(w)))


def _leaves(expr: Expr) -> int:
    """How many elements stand in expr, repeats counted: a common factor is better outside."""
    return sum(isinstance(node, Element) for node in sympy.preorder_traversal(expr))


def _terms(expr: Expr) -> int:
    return sum(len(a.args) for a in expr.atoms(Add))


def _mask(node: Any, atoms: dict[Expr, Symbol]) -> Any:
    """node with all that rational algebra must not open put behind a variable."""
    if isinstance(node, Reduce):
        node = Reduce(node.op, tidy(node.body), *node.indices) if node.op == "sum" else node
    if isinstance(node, Where):
        node = Where(node.condition, *map(tidy, node.branches))
    if _is_centred(node):
        content, difference = node.primitive()
        return content * atoms.setdefault(difference, _atom(atoms))
    if isinstance(node, Element | Reduce | Bracket | Where | sympy.Function) or _is_radical(node):
        return atoms.setdefault(node, _atom(atoms))
    return node.func(*(_mask(arg, atoms) for arg in node.args)) if node.args else node


def _atom(atoms: dict[Expr, Symbol]) -> Symbol:
    """The next variable; its name cannot be typed. A Dummy's order would depend on what ran before."""
    return Symbol(f"q'{len(atoms)}", real=True)


def _is_radical(node: Any) -> bool:
    return isinstance(node, Pow) and not node.exp.is_Integer


def _is_centred(node: Any) -> bool:
    """A difference of forward values, such as x - mu: expanding a product of it loses the digits it has."""
    if not isinstance(node, Add) or not any(term.could_extract_minus_sign() for term in node.args):
        return False
    names = {e.name for e in elements(node)}
    return len(names) > 1 and all(isinstance(f, Element) or f.is_number for t in node.args for f in Mul.make_args(t))


def signed(expr: Any) -> Any:
    """expr with a minus sign moved into a sum that it improves: -(y - 1) x becomes (1 - y) x."""
    if isinstance(expr, Element) or not expr.args:
        return expr
    built = expr.func(*map(signed, expr.args))
    if not (isinstance(built, Mul) and built.args[0].is_negative):
        return built
    others = [_absorbed(built, factor) for factor in built.args if isinstance(factor, Add | Reduce)]
    return min([built, *(o for o in others if o is not None)], key=_minus_signs)


def _absorbed(product: Mul, factor: Expr) -> Expr | None:
    """The product with its sign inside the factor."""
    rest = [f for f in Mul.make_args(-product) if f != factor]
    if isinstance(factor, Add):
        return Mul(-factor, *rest)
    if factor.op != "sum" or not isinstance(factor.body, Add):
        return None
    body = Add(*(signed(-term) for term in factor.body.args))
    return Mul(Reduce("sum", body, *factor.indices), *rest)


def _minus_signs(expr: Expr) -> int:
    """How many minus signs there are to read, those in front of a sum's first term not counted."""
    sums = (node for node in sympy.preorder_traversal(expr) if isinstance(node, Add))
    leading = int(isinstance(expr, Mul) and bool(expr.args[0].is_negative))
    return leading + sum(_is_negative(term) for node in sums for term in node.args)


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)
