"""Backward equations in the form a person would write: output forms, cancelled cotangents, factored sums.

``PASSES`` are the passes in their order; each is a plain function from Work to Work, and its docstring is its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from sympy import Expr

from symbp.algebra.conditions import by_output, spared
from symbp.algebra.contractions import contractions, regrouped
from symbp.algebra.cost import cost
from symbp.algebra.independence import independence
from symbp.algebra.known import Known
from symbp.algebra.masks import unmasked
from symbp.algebra.maxima import shifts, without_shifts
from symbp.algebra.merging import Merge, better_apart, merged
from symbp.algebra.restating import Restated, proof_of
from symbp.algebra.search import Found, leads_to, simplest
from symbp.calculus import stated
from symbp.ir import Element, Equation, Program, numbering, readable, reads
from symbp.ir.derivation import Candidate, Derivation, Fact, Phrase, Step


@dataclass(frozen=True)
class Work:
    """The backward equations on their way to the form that is computed."""

    forward: Program
    known: Known  # what the forward equations say about one another
    outputs: frozenset[str]  # the cotangents that backward returns
    equations: tuple[Equation, ...]
    steps: tuple[Step, ...] = ()
    tried: tuple[tuple[str, tuple[Candidate, ...]], ...] = ()  # by cotangent: what was looked at and changed nothing

    @property
    def definitions(self) -> dict[str, Equation]:
        """Every equation by name, forward first."""
        return self.forward.definitions | {e.name: e for e in self.equations}


def simplify(derivation: Derivation) -> Derivation:
    """The derivation with its backward program simplified, each rewrite proved and recorded as a step."""
    forward, backward = derivation.forward, derivation.backward
    work = Work(forward, Known.of(forward), frozenset(t.name for t in backward.outputs), backward.equations)
    with numbering():
        for apply in PASSES:
            work = apply(work)
        backward = _numbered(backward, work.equations, forward)
        impossible = independence(forward, work.equations)
        rewriting = (*work.steps, *([impossible] if impossible else []))
        steps = (*(s.readable() for s in derivation.steps), *rewriting, *_results(backward, work))
    return replace(derivation, backward=backward, steps=steps)


# ---------------------------------------------------------------- passes


def each_by_itself(work: Work) -> Work:
    """Every equation takes the cheapest form that rational algebra and the forward values lead to."""
    equations, steps, tried = [], list(work.steps), list(work.tried)
    for equation in work.equations:
        known = work.known.about(reads([equation.value]))
        found = simplest(equation.target, equation.value, known, work.forward.constants)
        made = _steps(equation.target, equation.value, found, known)
        steps += made
        tried += [] if made else [(equation.name, found.tried)]
        equations.append(replace(equation, value=found.value))
    return replace(work, equations=tuple(equations), steps=tuple(steps), tried=tuple(tried))


def without_detours(work: Work) -> Work:
    """A cotangent on the way is put into the equations that read it, wherever that leaves less work in all or cancels a division."""
    uses = Uses(work.equations)
    steps, tried = list(work.steps), list(work.tried)
    for name in [e.name for e in work.equations if e.name not in work.outputs]:
        equation, readers = uses.equations[name], uses.readers(name)
        if apart := better_apart(equation, readers, work.known):
            whole = Candidate(equation.value, cost([equation.value]), f"{equation.target} put into all that read it", refused=apart)
            tried.append((name, (whole,)))
            continue
        known = work.known.about(reads(e.value for e in (equation, *readers)))
        merge = merged(equation, readers, known, work.forward.constants)
        if merge.refused:
            tried.append((name, _refused(equation, readers, merge)))
            continue
        for reader, value, found in zip(readers, merge.put_in, merge.found, strict=True):
            put_in = Step("substitute", reader.target, readable(value), readable(reader.value), (Phrase("put in", (equation.target,)),))
            steps += [put_in, *_steps(reader.target, value, found, known)]
            uses.change(replace(reader, value=found.value))
        uses.drop(name)
    return replace(work, equations=tuple(uses.equations.values()), steps=tuple(steps), tried=tuple(tried))


def past_shifts(work: Work) -> Work:
    """A maximum that is only subtracted before exponentials, and cancels, gets nothing back."""
    found, definitions = shifts(work.forward.equations), work.definitions
    return _alive(_restating(work, lambda equation: without_shifts(equation, found, definitions))) if found else work


def _alive(work: Work) -> Work:
    """Without the equations that nothing reads any more."""
    values = {e.name: e.value for e in work.equations}
    alive, latest = set[str](), set(work.outputs)
    while latest:
        alive |= latest
        latest = (reads(values[name] for name in latest) & set(values)) - alive
    return replace(work, equations=tuple(e for e in work.equations if e.name in alive))


def without_masks(work: Work) -> Work:
    """A choice of 0 is dropped where there would be 0 anyway: after a softmax of scores that are -inf outside a mask."""
    definitions = work.definitions
    return _restating(work, lambda equation: unmasked(equation, definitions))


def by_forward_sums(work: Work) -> Work:
    """A sum over what forward has summed already is taken over the value that forward has."""
    backward = {e.name: e for e in work.equations if e.loop is None}
    at_hand = reads(e.value for e in work.equations) | {t.name for t in work.forward.outputs}
    known = contractions(e for e in work.forward.equations if e.name in at_hand)
    return _restating(work, lambda equation: regrouped(equation, backward, known)) if known else work


def by_outputs(work: Work) -> Work:
    """A kink is told from the output of an equation where that saves its input: relu(x) is positive where x is."""
    known = spared(work.equations, work.forward.definitions, frozenset(t.name for t in work.forward.outputs))
    return _restating(work, lambda equation: by_output(equation, known)) if known else work


def _restating(work: Work, restated: Callable[[Equation], Iterable[Restated]]) -> Work:
    """Every equation in the first other form that is proved, then simplified."""
    equations, steps = [], list(work.steps)
    for equation in work.equations:
        for other in restated(equation):
            proof = proof_of(equation.target, equation.value, other, work.forward.constants)
            if proof:
                known = work.known.about(reads([other.value]))
                found = simplest(equation.target, other.value, known, work.forward.constants)
                steps += [_restatement(equation, other, proof), *_steps(equation.target, other.value, found, known)]
                equation = replace(equation, value=found.value)
                break
        equations.append(equation)
    return replace(work, equations=tuple(equations), steps=tuple(steps))


PASSES: tuple[Callable[[Work], Work], ...] = (
    *(past_shifts, each_by_itself, without_detours),
    *(without_masks, by_forward_sums, by_outputs),
)


class Uses:
    """Equations by name, in order, and which of them read a tensor."""

    def __init__(self, equations: Iterable[Equation]) -> None:
        self.equations = {e.name: e for e in equations}
        self.places = {name: place for place, name in enumerate(self.equations)}
        self.reading: dict[str, set[str]] = {}
        for equation in self.equations.values():
            self._note(equation)

    def _note(self, equation: Equation) -> None:
        for name in reads([equation.value]):
            self.reading.setdefault(name, set()).add(equation.name)

    def readers(self, name: str) -> tuple[Equation, ...]:
        return tuple(self.equations[reader] for reader in sorted(self.reading.get(name, ()), key=self.places.__getitem__))

    def change(self, equation: Equation) -> None:
        self._forget(equation.name)
        self.equations[equation.name] = equation
        self._note(equation)

    def drop(self, name: str) -> None:
        self._forget(name)
        del self.equations[name]

    def _forget(self, name: str) -> None:
        for read in reads([self.equations[name].value]):
            self.reading[read].discard(name)


# ---------------------------------------------------------------- steps


def output_form(program: Program, equation: Equation, slope: Expr) -> Step | None:
    """A local derivative of an equation restated by the value that the equation computes, where that is less work."""
    found = simplest(equation.target, slope, (equation,), program.constants)
    return _rewrite(equation.target, slope, found, (replace(equation, number=0),)) if found.proof else None


def rewritten(target: Element, before: Expr, after: Expr, forward: Program, known: Known) -> Step | None:
    """The step from before to after by the rules that a search from before uses; None if those do not prove it."""
    facts = known.about(reads([before]))
    found = leads_to(target, before, after, facts, forward.constants)
    return _rewrite(target, before, found, facts).readable() if found.proof else None


def _steps(target: Element, before: Expr, found: Found, known: tuple[Equation, ...]) -> list[Step]:
    """What there is to say of a search: how it rewrote the value, or that it gave up. Nothing if the value stays."""
    if found.proof:
        return [_rewrite(target, before, found, known).readable()]
    return [Step("as derived", target, readable(found.value), reason=found.ended, equal=False, tried=found.tried)] if found.ended else []


def _rewrite(target: Element, before: Expr, found: Found, known: tuple[Equation, ...]) -> Step:
    facts = tuple(Fact(readable(f.left), readable(f.right), known[f.number - 1].number, f.given) for f in found.facts)
    rule = "output form" if facts else "simplify"
    return Step(rule, target, found.value, before, found.ended, facts=facts, proof=found.proof, tried=found.tried)


def _restatement(equation: Equation, other: Restated, proof: str) -> Step:
    rule = "output form" if other.facts else "simplify"
    after = readable(other.value)
    return Step(rule, equation.target, after, readable(equation.value), other.reason, facts=other.facts, proof=proof)


def _refused(equation: Equation, readers: tuple[Equation, ...], merge: Merge) -> tuple[Candidate, ...]:
    """The equations that would have taken the place of this one."""
    pairs = zip(readers, merge.found, strict=False)
    return tuple(Candidate(f.value, f.cost, f"{equation.target} put into {r.target}", refused=merge.refused) for r, f in pairs)


def _numbered(backward: Program, equations: tuple[Equation, ...], forward: Program) -> Program:
    """The program of these equations, numbered on from the forward pass, with the inputs it really reads."""
    first = len(forward.equations) + 1
    named = tuple(replace(stated(e), number=n) for n, e in enumerate(equations, first))
    upstream = tuple(t for t in backward.inputs if t.name not in forward.tensors)
    used = reads(e.value for e in named)
    residuals = tuple(t for name, t in forward.tensors.items() if name in used)
    return replace(backward, inputs=(*upstream, *residuals), equations=named)


def _results(backward: Program, work: Work) -> Iterator[Step]:
    """The equations that the code computes, each with what was tried on it and changed nothing."""
    tried: dict[str, tuple[Candidate, ...]] = {}
    for name, candidates in work.tried:
        tried[name] = (*tried.get(name, ()), *candidates)
    for equation in backward.equations:
        yield Step("result", equation.target, equation.value, number=equation.number, tried=tried.get(equation.name, ()))
