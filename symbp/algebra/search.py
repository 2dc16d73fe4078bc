"""The cheapest form of one expression: what the rules of known equations lead to, within a budget, with a record of all that was tried.

Every search is made, and remembered, under the names of ``renaming``: an expression that was met under other names costs a look-up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy
from sympy import Expr

from symbp.algebra.cost import cost, divisions, divisors, operations
from symbp.algebra.match import normal
from symbp.algebra.mining import mine
from symbp.algebra.outputs import eliminations
from symbp.algebra.proof import proved
from symbp.algebra.renaming import Renaming, sizes_of, symbols_of
from symbp.algebra.rules import Rule
from symbp.algebra.tidy import tidy
from symbp.algebra.trial import Constants
from symbp.ir import Element, Equation, numbering, reads
from symbp.ir.derivation import Candidate, Fact, Phrase

BUDGET = 5_000  # operations, in all the forms that one search may look at; counted, so that it ends alike on every machine


@dataclass(frozen=True)
class Found:
    """The outcome of a search."""

    value: Expr  # the form to use; the one given if there is no better that is proved
    proof: str = ""  # that it equals the one given; "" if it is that, up to names of bound indices
    facts: tuple[Fact, ...] = ()  # that were used, with the place of their equation among the known ones as number, from 1
    rests_on: tuple[int, ...] = ()  # the places of all equations that were used
    tried: tuple[Candidate, ...] = ()
    ended: tuple[Phrase, ...] = ()  # why the search ended early, if it did

    @property
    def cost(self) -> float:
        """The work of computing the value."""
        return cost([self.value])


def simplest(target: Element, value: Expr, known: tuple[Equation, ...], constants: Constants) -> Found:
    """The cheapest form of a value of the target that the known equations lead to."""
    names = Renaming.of([target, value, *(expr for e in known for expr in (e.target, e.value))])
    hidden = tuple(map(names.hidden_equation, known))
    return shown(names, simplest_hidden(names.hidden(target), names.hidden(value), hidden, constants_in([value], known, constants)))


def leads_to(target: Element, before: Expr, after: Expr, known: tuple[Equation, ...], constants: Constants) -> Found:
    """The form after, as the outcome of a search from before: by the facts that this uses, if they prove it."""
    names = Renaming.of([target, before, after, *(expr for e in known for expr in (e.target, e.value))])
    place, start, end = map(names.hidden, (target, before, after))
    hidden, few = tuple(map(names.hidden_equation, known)), constants_in([before, after], known, constants)
    found = simplest_hidden(place, start, hidden, few)
    facts = tuple(hidden[place] for place in found.rests_on)
    with numbering(anew=True):
        proof = proved(start, end, place, facts, few)
    return shown(names, replace(found, value=end, proof="" if proof in (None, "identical") else proof))


def shown(names: Renaming, found: Found) -> Found:
    """The outcome of a search under the names of the layer."""

    def fact(one: Fact) -> Fact:
        return replace(one, left=names.shown(one.left), right=names.shown(one.right), given=tuple(map(names.shown, one.given)))

    def candidate(one: Candidate) -> Candidate:
        return replace(one, form=names.shown(one.form), facts=tuple(map(fact, one.facts)))

    facts, tried = tuple(map(fact, found.facts)), tuple(map(candidate, found.tried))
    return replace(found, value=names.shown(found.value), facts=facts, tried=tried)


def constants_in(values: Sequence[Expr], known: tuple[Equation, ...], constants: Constants) -> Constants:
    """Those of the constants that the values, or the known equations, depend on."""
    if not constants:
        return ()
    symbols = symbols_of([*values, *(e.value for e in known)])
    sizes = {size for symbol in symbols for size in (getattr(symbol, "size", symbol), *sizes_of(symbol))}
    lengths = {part for size in sizes for formula in getattr(size, "formulas", (size,)) for part in formula.free_symbols}
    return tuple(pair for pair in constants if pair[0] in symbols | lengths)


@lru_cache(maxsize=16_384)
def simplest_hidden(target: Element, value: Expr, known: tuple[Equation, ...], constants: Constants) -> Found:
    """The same for an expression under names that say nothing."""
    found = searched(value, known)
    facts = tuple(known[place] for place in found.rests_on)
    with numbering(anew=True):
        proof = proved(value, found.value, target, facts, constants)
    if proof is None:
        tried = tuple(replace(one, refused=one.refused or "not proved") for one in found.tried)
        return Found(value, tried=tried, ended=found.ended)
    return found if proof == "identical" else replace(found, proof=proof)


@lru_cache(maxsize=16_384)
def searched(value: Expr, known: tuple[Equation, ...]) -> Found:
    """The outcome of a search before it is proved."""
    with numbering(anew=True):
        search = Search(known)
        best = search.run(value)
    used = {equation for rule in search.used for equation in rule.rests_on}
    places = tuple(place for place, equation in enumerate(known) if equation in used)
    return Found(best, "", tuple(map(search.fact, search.used)), places, search.record(best), search.ended)


class Search:
    """One search: rules are applied one at a time, the one that helps most first. None may add a division."""

    def __init__(self, known: tuple[Equation, ...]) -> None:
        self.known = known
        self.used: list[Rule] = []
        self.seen: list[tuple[Expr, str, Rule | None, str]] = []  # form, what led to it, why it is no better than the best so far
        self.left = BUDGET

    @property
    def ended(self) -> tuple[Phrase, ...]:
        return () if self.left > 0 else (Phrase("search ended", (BUDGET,)),)

    def run(self, value: Expr) -> Expr:
        """The cheapest form that was reached."""
        plain = self._look(normal(value), "as derived")
        if self.ended:
            return value
        chosen = self._look(tidy(plain), "rational algebra")
        rules = mine(self.known)
        while better := self._better(chosen, [rule for rule in rules if rule not in self.used]):
            chosen, rule = min(better, key=lambda pair: (cost([pair[0]]), str(pair[0])))
            self.used.append(rule)
        for form, rule in () if self.used or self.ended else eliminations(self.known, chosen):
            chosen = self._if_better(tidy(form), chosen, rule)
        return chosen

    def _if_better(self, form: Expr, chosen: Expr, rule: Rule) -> Expr:
        reason = why_not(form, chosen, rule)
        self._look(form, "the kernel eliminated", rule, reason)
        self.used += [] if reason else [rule]
        return chosen if reason else form

    def _better(self, chosen: Expr, rules: list[Rule]) -> list[tuple[Expr, Rule]]:
        found = []
        for rule in rules:
            form = None if self.ended else rule.apply(chosen)
            if form is not None:
                form = tidy(form)
                reason = why_not(form, chosen, rule)
                self._look(form, "a forward value for what it equals", rule, reason)
                found += [] if reason else [(form, rule)]
        return found

    def _look(self, form: Expr, by: str, rule: Rule | None = None, reason: str = "") -> Expr:
        """The form, entered in the record and charged to the budget."""
        self.left -= 1 + operations(form)
        if all(form != other for other, *_ in self.seen):
            self.seen.append((form, by, rule, reason))
        return form

    def fact(self, rule: Rule) -> Fact:
        given = tuple(sorted(rule.given, key=sympy.default_sort_key))
        return Fact(rule.pattern, rule.value, 1 + self.known.index(rule.equation), given)

    def record(self, taken: Expr) -> tuple[Candidate, ...]:
        """All that was looked at."""
        found = []
        for form, by, rule, reason in self.seen:
            why = "" if form == taken else reason or "another form is less work"
            found.append(Candidate(form, cost([form]), by, (self.fact(rule),) if rule else (), why))
        return tuple(found)


def why_not(form: Expr, than: Expr, rule: Rule) -> str:
    """Why a form is no better than another, "" if it is: it must be less work and divide no more, by nothing new but the
    value that the rule brings in. Another value, though never 0 in algebra, may have underflowed."""
    new = divisors(form) - divisors(than)
    if divisions(form) > divisions(than):
        return "adds a division"
    if not all(rule.equation.name in reads([base]) for base in new):
        return "divides by what may have underflowed"
    return "" if cost([form]) < cost([than]) else "is no less work"
