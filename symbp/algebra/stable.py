"""Forms that neither overflow nor cancel, by rules that are identities; applied after differentiation, so that a kink
which a form adds (the minimum of u and -u) is never differentiated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr, exp, log

from symbp.algebra.cost import operations
from symbp.algebra.proof import proved
from symbp.algebra.renaming import Renaming
from symbp.algebra.search import constants_in
from symbp.algebra.stable_rules import stable, written_out
from symbp.algebra.trial import Constants
from symbp.calculus import stated
from symbp.ir import Element, Equation, Program, Reduce, Tensor, elements, numbering, reads
from symbp.ir.derivation import Derivation, Phrase, Step

LONGEST = 60  # operations in a definition that is still written out inside a logarithm


@dataclass(frozen=True)
class Definition:
    """An equation that holds exponentials, written out, and the equations that it is made of."""

    equation: Equation
    facts: tuple[Equation, ...]


@dataclass(frozen=True)
class Given:
    """What is known of the forward equations."""

    definitions: Mapping[str, Definition]  # those that hold exponentials
    maxima: frozenset[str]  # the names of those that are a maximum: exponents are shifted by one already


@dataclass(frozen=True)
class Stable:
    """A value in its stable form, the rules that led to it and how it was proved; proof is "" if it stays as it was."""

    value: Expr
    rules: tuple[str, ...] = ()
    proof: str = ""


def stabilise(derivation: Derivation) -> Derivation:
    """The derivation with ``stable`` filled: the same equations in the forms that code computes, each change proved."""
    with numbering():
        given = Given(_with_exponentials(derivation.forward), _maxima(derivation.forward))
        forward, said = _stable_program(derivation.forward, derivation.forward, given)
        backward, also_said = _stable_program(derivation.backward, derivation.forward, given)
    steps = (*derivation.steps, *said, *also_said)
    return replace(derivation, stable=(forward, backward), steps=steps)


def _stable_program(program: Program, forward: Program, given: Given) -> tuple[Program, list[Step]]:
    steps: list[Step] = []
    equations = []
    for equation in program.equations:
        found = _stable(equation, given, forward.constants)
        if found.proof:
            value, rules = stated(replace(equation, value=found.value)).value, tuple(map(Phrase, found.rules))
            steps.append(Step("stable form", equation.target, value, equation.value, rules, number=equation.number, proof=found.proof))
            equation = replace(equation, value=value)
        equations.append(equation)
    read = reads(equation.value for equation in equations)
    inputs = program.inputs if program is forward else _inputs(program, forward, read)
    return replace(program, equations=tuple(equations), inputs=inputs), steps


def _inputs(backward: Program, forward: Program, read: set[str]) -> tuple[Tensor, ...]:
    upstream = tuple(t for t in backward.inputs if t.name not in forward.tensors)
    return (*upstream, *(t for name, t in forward.tensors.items() if name in read))


# ---------------------------------------------------------------- one equation


def _stable(equation: Equation, given: Given, constants: Constants) -> Stable:
    """The value in its stable form; what a logarithm reads may be written out."""
    inside = sorted(reads(equation.value.atoms(log))) if equation.value.has(log) else []
    used = [given.definitions[name] for name in inside if name in given.definitions]
    written = tuple(d.equation for d in used)
    facts = tuple(dict.fromkeys(fact for d in used for fact in d.facts))
    names = Renaming.of(expr for e in (equation, *written, *facts) for expr in (e.target, e.value))
    hidden = [tuple(map(names.hidden_equation, group)) for group in (written, facts)]
    few = constants_in([equation.value], (*written, *facts), constants)
    maxima = frozenset(names.hidden(e.head).name for e in elements(equation.value) if e.name in given.maxima)
    found = _stable_hidden(names.hidden(equation.target), names.hidden(equation.value), *hidden, few, maxima)
    return replace(found, value=names.shown(found.value)) if found.proof else found


@lru_cache(maxsize=8_192)
def _stable_hidden(
    target: Element, value: Expr, written: tuple[Equation, ...], facts: tuple[Equation, ...], constants: Constants, maxima: frozenset[str]
) -> Stable:
    """The same under names that say nothing."""
    with numbering(anew=True):
        form, rules = stable(value, {e.name: e for e in written}, maxima)
        proof = proved(value, form, target, facts, constants) if rules else None
    return Stable(form, rules, proof) if proof else Stable(value)


def _maxima(forward: Program) -> frozenset[str]:
    return frozenset(e.name for e in forward.equations if isinstance(e.value, Reduce) and e.value.op == "max")


def _with_exponentials(forward: Program) -> dict[str, Definition]:
    """The equations that hold exponentials, of their own or of values that they are made of point by point."""
    found: dict[str, Definition] = {}
    for equation in forward.equations:
        parts = [] if equation.value.has(Reduce) else [found[name] for name in sorted(reads([equation.value])) if name in found]
        value = written_out(equation.value, {d.equation.name: d.equation for d in parts}) if parts else equation.value
        if value.has(exp) and operations(value) <= LONGEST:
            facts = dict.fromkeys((*(fact for d in parts for fact in d.facts), equation))
            found[equation.name] = Definition(replace(equation, value=value), tuple(facts))
    return found
