"""What comes back through a maximum that is only a shift: exp(x - m)/Σ exp(x - m) does not depend on m, whatever m is."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

import sympy
from sympy import Add, Expr, Mul

from symbp.algebra.match import canonical
from symbp.algebra.restating import Restated
from symbp.ir import Bracket, Equation, Reduce, reads
from symbp.ir.derivation import Phrase

CANCELS = (Phrase("shift cancels"),)
MOST_EQUATIONS = 24  # that a proof may rest on


def without_shifts(equation: Equation, shifts: Container[str], definitions: Mapping[str, Equation]) -> Iterator[Restated]:
    """The equation without what it sends to the position of a maximum: of all such positions, then of each."""
    found = {name for name in reads([equation.value]) if name in shifts}
    rests_on = _needed(equation, definitions) if found else ()
    if 0 < len(rests_on) <= MOST_EQUATIONS:
        for names in (found, *([{name} for name in sorted(found)] if len(found) > 1 else [])):
            kept = Add(*(term for term in Add.make_args(equation.value) if not _is_sent_to(term, names)))
            if kept != equation.value:
                yield Restated(kept, rests_on, reason=CANCELS)


def shifts(equations: Iterable[Equation]) -> set[str]:
    """The positions of those maxima that an exponent reads."""
    equations = tuple(equations)
    exponents = [power.args[0] for e in equations for power in e.value.atoms(sympy.exp)]
    named = [e.value for e in equations if e.name in reads(exponents) and isinstance(e.value, Reduce)]
    maxima = {canonical(node) for node in (*named, *(r for exponent in exponents for r in exponent.atoms(Reduce)))}
    positions = (e for e in equations if isinstance(e.value, Reduce) and e.value.op in ("argmax", "argmin"))
    return {e.name for e in positions if canonical(_extreme(e.value)) in maxima}


def _extreme(position: Reduce) -> Reduce:
    return Reduce(position.op.removeprefix("arg"), position.body, *position.indices)


def _is_sent_to(term: Expr, names: set[str]) -> bool:
    return any(isinstance(factor, Bracket) and reads([factor]) & names for factor in Mul.make_args(term))


def _needed(equation: Equation, definitions: Mapping[str, Equation]) -> tuple[Equation, ...]:
    """The equations that the value is made of, each after those that it reads; none if one is a recurrence."""
    names, latest = set[str](), reads([equation.value])
    while latest := {name for name in latest if name in definitions} - names:
        names |= latest
        latest = reads(definitions[name].value for name in latest)
    needed = tuple(e for name, e in definitions.items() if name in names)  # in their order
    return () if any(e.loop is not None for e in needed) else needed
