"""Which forward equations can say anything about an expression: an index of their rules by the tensors that they mention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Expr

from symbp.algebra.identities import definitions
from symbp.algebra.mining import mined, settled_sums
from symbp.algebra.renaming import Renaming
from symbp.ir import Equation, Program, elements, numbering, reads

GENERATIONS = 3  # of rules that apply only to what another rule brings in


@dataclass(frozen=True)
class Known:
    """The equations of a forward program with the tensors that their rules are about."""

    program: Program
    rules: tuple[Mention, ...]
    readers: dict[str, tuple[int, ...]]  # the places of the rules about a tensor
    places: dict[str, int]  # where each equation stands

    @classmethod
    def of(cls, program: Program) -> Known:
        """The rules of every equation, and of several together, by what they mention."""
        rules = [rule for e in program.equations for rule in (*mentioned(e), *settled(e, program))]
        readers: dict[str, tuple[int, ...]] = {}
        for place, rule in enumerate(rules):
            for name in sorted(rule.names):
                readers[name] = (*readers.get(name, ()), place)
        return cls(program, tuple(rules), readers, {e.name: k for k, e in enumerate(program.equations)})

    def about(self, names: Iterable[str]) -> tuple[Equation, ...]:
        """The equations, in order, with a rule that mentions no other tensors than these and those that such rules bring in."""
        reached, found, done = set(names), set[str](), set[int]()
        latest = set(reached)
        for _ in range(GENERATIONS):
            candidates = {place for name in latest for place in self.readers.get(name, ())} - done
            ready = {place for place in candidates if self.rules[place].names <= reached}
            equations = {e for place in ready for e in self.rules[place].equations} - found
            latest = {name for e in equations for name in (e, *reads([self.program.definitions[e].value]))} - reached
            found, reached, done = found | equations, reached | latest, done | ready
        return tuple(self.program.definitions[name] for name in sorted(found, key=self.places.__getitem__))

    def joins(self, one: set[str], other: set[str]) -> bool:
        """Whether a rule mentions tensors of both, each of which the other lacks."""
        places = {place for name in one - other for place in self.readers.get(name, ())}
        return any(names <= one | other and not names <= one for names in (self.rules[place].names for place in places))


@dataclass(frozen=True)
class Mention:
    """What a rule is about."""

    names: frozenset[str]  # the tensors in its pattern
    equations: tuple[str, ...]  # that it follows from


def mentioned(equation: Equation) -> tuple[Mention, ...]:
    """The rules that the equation gives by itself."""
    names = Renaming.of([equation.target, equation.value])
    with numbering(anew=True):
        rules = mined(names.hidden_equation(equation))
    return tuple(Mention(_read(rule.pattern, names), (equation.name,)) for rule in rules)


def settled(equation: Equation, program: Program) -> tuple[Mention, ...]:
    """The sums that the equation settles together with those before it."""
    group = definitions(equation, program)
    if not group:
        return ()
    names = Renaming.of(expr for e in group for expr in (e.target, e.value))
    with numbering(anew=True):
        rules = settled_sums(tuple(map(names.hidden_equation, group)))
    owners = {names.hidden(e.target.head).name: e.name for e in group}
    return tuple(Mention(_read(rule.pattern, names), tuple(owners[e.name] for e in rule.rests_on)) for rule in rules)


def _read(pattern: Expr, names: Renaming) -> frozenset[str]:
    return frozenset(names.old[e.head].name for e in elements(pattern))
