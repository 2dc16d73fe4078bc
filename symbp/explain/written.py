"""The order in which the user wrote terms and factors, found again wherever the same terms or factors meet.

x - mu of a forward equation stays x - mu in the backward pass, whatever indices it is read at there; dy*gamma*x holds gamma*x in
the order of the equation that it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import sympy
from sympy import Add, Expr, Mul, Pow
from sympy.logic.boolalg import And, Or

from symbp.ir import Index, Program, stem

T = TypeVar("T")
Key = tuple[str, bool, bool]  # what a term or factor is, whether it is taken away, whether it divides


@dataclass(frozen=True)
class Written:
    """Chains of terms or factors as they were written, each by its keys: with the names of indices, and without."""

    named: tuple[tuple[Key, ...], ...] = ()
    nameless: tuple[tuple[Key, ...], ...] = ()

    def sorted(self, parts: Sequence[T], expr: Callable[[T], Expr]) -> list[T]:
        """The parts, of which those that were written together stand in the order in which they were, in the places that they have."""
        tried = [([likeness(expr(part), named) for part in parts], chains) for chains, named in self._both]
        found = [(keys, [name for name, _, _ in _nearest(keys, chains)]) for keys, chains in tried]
        keys, order = max(found, key=lambda pair: sum(key in pair[1] for key in pair[0]))  # the named ones where both have as many
        places = [k for k, key in enumerate(keys) if key in order]
        moved = sorted(places, key=lambda k: order.index(keys[k]))
        at = dict(zip(places, moved, strict=True))
        return [parts[at.get(k, k)] for k in range(len(parts))]

    @property
    def _both(self) -> tuple[tuple[tuple[tuple[Key, ...], ...], bool], ...]:
        return (self.named, True), (self.nameless, False)

    def turned(self, terms: Iterable[tuple[bool, Expr]]) -> bool | None:
        """Does the sum have every sign against how it was written? None if its terms were not written together, or not so."""
        terms = tuple(terms)
        for chains, named in self._both:
            keys = [(likeness(term, named), negative) for negative, term in terms]
            if chain := _nearest([key for key, _ in keys], chains, whole=True):
                signs = {name: negative for name, negative, _ in chain}
                against = {signs[key] != negative for key, negative in keys}
                return against.pop() if len(against) == 1 else None
        return None

    def as_written(self, factors: Sequence[tuple[bool, Expr]]) -> list[tuple[bool, Expr]]:
        """The factors (divides, factor) in the order of a product that has all of them, on these sides; none if there is no such."""
        for chains, named in self._both:
            keys = [(likeness(factor, named), divides) for divides, factor in factors]
            chain = [(name, divides) for name, _, divides in _nearest([name for name, _ in keys], chains, whole=True)]
            if chain and set(keys) <= set(chain):
                return [factors[k] for k in sorted(range(len(factors)), key=lambda k: chain.index(keys[k]))]
        return []


def written_in(programs: Iterable[Program]) -> Written:
    """What the users of the programs wrote."""
    chains = dict.fromkeys(chain for program in programs for equation in program.equations for chain in equation.written)
    named, nameless = (tuple(dict.fromkeys(tuple(_key(part, names) for part in chain) for chain in chains)) for names in (True, False))
    return Written(named, nameless)


def _nearest(keys: list[str], chains: tuple[tuple[Key, ...], ...], whole: bool = False) -> tuple[Key, ...]:
    """The chain that has most of the keys, two at least, and least besides."""
    least = max(2, len(set(keys))) if whole else 2
    shared = [(len({name for name, _, _ in chain} & set(keys)), -len(chain), -k) for k, chain in enumerate(chains)]
    most, _, place = max(shared, default=(0, 0, 0))
    return chains[-place] if most >= least else ()


def _key(part: Expr, named: bool) -> Key:
    negative = part.could_extract_minus_sign() if part.is_number else isinstance(part, Mul) and bool(part.args[0].is_negative)
    return likeness(part, named), negative, isinstance(part, Pow) and bool(part.exp.is_negative)


@lru_cache(maxsize=65_536)
def likeness(expr: Any, named: bool) -> str:
    """What a term or factor is, whatever number it is multiplied with and whatever power of it is taken."""
    if expr.is_number:
        return str(abs(expr) if not isinstance(expr, Pow) else expr.base)
    if isinstance(expr, Pow) and expr.exp.is_Rational:
        return likeness(expr.base, named)
    if isinstance(expr, Mul) and (factors := [f for f in expr.args if not f.is_Rational]) != list(expr.args):
        return likeness(Mul(*factors), named)
    return _structure(expr, named)


@lru_cache(maxsize=65_536)
def _structure(expr: Any, named: bool) -> str:
    if isinstance(expr, Index):
        return stem(expr).rstrip("23456789′") if named else "."
    if not isinstance(expr, sympy.Basic) or not expr.args:
        return str(expr)
    if isinstance(expr, Add):
        return min(_of(expr, terms, named) for terms in (expr.args, [-term for term in expr.args]))
    return _of(expr, expr.args, named)


def _of(expr: Any, args: Sequence[Any], named: bool) -> str:
    inside = [_structure(arg, named) for arg in args]
    return f"{type(expr).__name__}({','.join(sorted(inside) if isinstance(expr, Add | Mul | And | Or) else inside)})"
