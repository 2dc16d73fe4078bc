"""One equation put into those that read it: what they become, and whether that is less work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr, Mul

from symbp.algebra.cost import cost, divisions, operations
from symbp.algebra.known import Known
from symbp.algebra.match import normal
from symbp.algebra.renaming import Renaming
from symbp.algebra.search import Found, constants_in, searched, shown, simplest_hidden
from symbp.algebra.trial import Constants
from symbp.calculus import inlined
from symbp.ir import Element, Equation, free_indices, numbering, reads, rename_bound

WORTH = 0.99  # of the work of two equations: one must be clearly less
DEAREST = 2.0  # how many times the work, if a division cancels


@dataclass(frozen=True)
class Merge:
    """What becomes of the readers of an equation."""

    put_in: tuple[Expr, ...]  # their values with that of the equation put in
    found: tuple[Found, ...]  # the same, simplified
    refused: str = ""  # why it is better not done; "" if it is better done


def better_apart(equation: Equation, readers: tuple[Equation, ...], known: Known) -> str:
    """Why it is not worth trying what becomes of the readers; "" if it is."""
    if equation in readers:
        return "is a recurrence"
    if _is_alias(equation):
        return ""
    if any(reader.loop != equation.loop for reader in readers):
        return "is computed step by step, and read where all steps are known"
    return "" if not _is_read_twice(equation, readers) or _may_pay(equation, readers, known) else "would be computed more than once"


def merged(equation: Equation, readers: tuple[Equation, ...], known: tuple[Equation, ...], constants: Constants) -> Merge:
    """The equation put into its readers; there may be none."""
    names = Renaming.of(expr for e in (equation, *readers, *known) for expr in (e.target, e.value))
    hidden = [tuple(map(names.hidden_equation, group)) for group in ((equation,), readers, known)]
    few = constants_in([e.value for e in (equation, *readers)], known, constants)
    merge = merged_hidden(hidden[0][0], hidden[1], hidden[2], few)
    put_in = () if merge.refused else tuple(map(names.shown, merge.put_in))
    return replace(merge, put_in=put_in, found=tuple(shown(names, one) for one in merge.found))


@lru_cache(maxsize=8_192)
def merged_hidden(equation: Equation, readers: tuple[Equation, ...], known: tuple[Equation, ...], constants: Constants) -> Merge:
    """The same under names that say nothing."""
    with numbering(anew=True):
        put_in = tuple(normal(inline(reader.value, equation)) for reader in readers)
    if equation.name in reads(put_in):
        return Merge((), (), "is read where it cannot be written out")
    found = tuple(searched(value, known) for value in put_in)
    if _is_better(equation, readers, found):
        found = tuple(simplest_hidden(r.target, value, known, constants) for r, value in zip(readers, put_in, strict=True))
    return Merge(put_in, found, "" if _is_better(equation, readers, found) else "is no less work in all")


def _is_read_twice(equation: Equation, readers: tuple[Equation, ...]) -> bool:
    return sum(e.name == equation.name for reader in readers for e in reader.value.atoms(Element)) > 1


def _may_pay(equation: Equation, readers: tuple[Equation, ...], known: Known) -> bool:
    """Whether computing the value at several places might save anything: it has a factor that can leave a sum, or something
    in common with a reader, by itself or by what the forward equations say of the two together."""
    own, others = reads([equation.value]), reads(reader.value for reader in readers) - {equation.name}
    along = set(free_indices(equation.target))
    leaving = any(set(free_indices(factor)) < along for factor in Mul.make_args(equation.value))
    return leaving or bool(own & others) or known.joins(own, others)


def _is_better(equation: Equation, readers: tuple[Equation, ...], found: tuple[Found, ...]) -> bool:
    apart, together = [e.value for e in (equation, *readers)], [one.value for one in found]
    work = sum(cost([value]) for value in together) if _is_read_twice(equation, readers) else cost(together)
    less = work < WORTH * cost(apart) or _divides_less(together, apart) or _reads_shorter(together, apart)
    return not readers or _is_alias(equation) or less


def _is_alias(equation: Equation) -> bool:
    return isinstance(equation.value, Element) or not equation.value.args


def _reads_shorter(values: list[Expr], than: list[Expr]) -> bool:
    """Whether there is less to read, and no more to compute."""
    return sum(map(operations, values)) < sum(map(operations, than)) and cost(values) <= cost(than)


def _divides_less(values: list[Expr], than: list[Expr]) -> bool:
    """Whether a division cancels: p * (1/p) is nan where p has underflowed, whatever naming 1/p would save."""
    return sum(map(divisions, values)) < sum(map(divisions, than)) and cost(values) < DEAREST * cost(than)


def inline(expr: Expr, equation: Equation) -> Expr:
    """expr with every element of the equation's target replaced by its value there."""
    return inlined(rename_bound(expr), equation)
