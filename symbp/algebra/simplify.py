"""Backward equations in the form a person would write: output forms, cancelled cotangents, factored sums."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from symbp.algebra.cost import cost, divisions, divisors
from symbp.algebra.match import normal
from symbp.algebra.proof import proved
from symbp.algebra.rules import Rule, mine, mined
from symbp.algebra.tidy import tidy
from symbp.calculus import placed
from symbp.ir import Element, Equation, Program, numbering, readable, reads, rename_bound, rewrite_elements
from symbp.ir.derivation import Derivation, Fact, Step


def simplify(derivation: Derivation) -> Derivation:
    """The derivation with its backward program simplified, each rewrite proved and recorded as a step."""
    with numbering():
        forward = derivation.forward
        rules = mine(forward)
        raw = {e.name: e for e in derivation.backward.equations}
        outputs = {t.name for t in derivation.backward.outputs}
        steps: list[Step] = []
        equations = [_simplified(e, rules, forward, steps) for e in raw.values()]
        equations = _without_detours(equations, outputs, rules, forward, steps)
        backward = _numbered(derivation.backward, equations, forward)
        results = tuple(Step("result", e.target, e.value, number=e.number) for e in backward.equations)
        return replace(derivation, backward=backward, steps=(*(s.readable() for s in derivation.steps), *steps, *results))


# ---------------------------------------------------------------- one equation


def _simplified(equation: Equation, rules: tuple[Rule, ...], forward: Program, steps: list[Step]) -> Equation:
    value, used = best(equation.value, rules)
    step = rewritten(equation.target, equation.value, value, used, forward)
    if step is None:
        return equation
    steps.append(step.readable())
    return replace(equation, value=value)


def output_form(program: Program, equation: Equation, slope: Expr) -> Step | None:
    """A local derivative of an equation restated by the value that the equation computes, where that is less work."""
    value, used = best(slope, mined(equation))
    return rewritten(equation.target, slope, value, used, program, cite=False)


def rewritten(target: Element, before: Expr, after: Expr, used: tuple[Rule, ...], forward: Program, cite: bool = True) -> Step | None:
    """The step from before to after by the rules used; None if nothing changes or it cannot be proved."""
    proof = proved(before, after, target, forward) if after != before else None
    if proof is None:
        return None
    facts = tuple(Fact(readable(rule.pattern), readable(rule.value), rule.equation.number if cite else 0) for rule in used)
    return Step("output form" if used else "simplify", target, after, before, facts=facts, proof=proof)


def best(value: Expr, rules: tuple[Rule, ...]) -> tuple[Expr, tuple[Rule, ...]]:
    """The cheapest form that the rules lead to, one at a time, and the rules used. None may add a division."""
    chosen = tidy(normal(value))
    used: list[Rule] = []
    while True:
        applied = [(rule.apply(chosen), rule) for rule in rules if rule not in used]
        trials = [(tidy(form), rule) for form, rule in applied if form is not None]
        better = [(form, rule) for form, rule in trials if _is_better(form, chosen, rule)]
        if not better:
            return chosen, tuple(used)
        chosen, rule = min(better, key=lambda pair: (cost([pair[0]]), str(pair[0])))
        used.append(rule)


def _is_better(form: Expr, than: Expr, rule: Rule) -> bool:
    """Whether it is less work and divides no more, by nothing new but the value that the rule brings in: another
    value, though never 0 in algebra, may have underflowed."""
    own = rule.equation.name
    new = divisors(form) - divisors(than)
    safe = divisions(form) <= divisions(than) and all(own in reads([base]) for base in new)
    return safe and cost([form]) < cost([than])


# ---------------------------------------------------------------- several equations


def _without_detours(
    equations: list[Equation], outputs: set[str], rules: tuple[Rule, ...], forward: Program, steps: list[Step]
) -> list[Equation]:
    """Intermediate cotangents put into the equations that read them, wherever that leaves less work in all or cancels a division."""
    for name in [e.name for e in equations if e.name not in outputs]:
        (equation,) = (e for e in equations if e.name == name)
        readers = [e for e in equations if name in reads([e.value])]
        alias = isinstance(equation.value, Element) or not equation.value.args
        trials: list[Step] = []
        merged = [_simplified(_substituted(e, equation, trials), rules, forward, trials) for e in readers]
        apart, together = [e.value for e in (equation, *readers)], [e.value for e in merged]
        if not readers or alias or cost(together) < 0.99 * cost(apart) or _divides_less(together, apart):
            steps += trials
            equations = [next((m for m in merged if m.name == e.name), e) for e in equations if e.name != name]
    return equations


def _divides_less(values: list[Expr], than: list[Expr]) -> bool:
    """Whether a division cancels: p * (1/p) is nan where p has underflowed, whatever naming 1/p would save."""
    return sum(map(divisions, values)) < sum(map(divisions, than)) and cost(values) < 2 * cost(than)


def _substituted(reader: Equation, equation: Equation, steps: list[Step]) -> Equation:
    value = normal(inline(reader.value, equation))
    steps.append(Step("substitute", reader.target, readable(value), readable(reader.value), reason=f"{equation.target} put in"))
    return replace(reader, value=value)


def inline(expr: Expr, equation: Equation) -> Expr:
    """expr with every element of the equation's target replaced by its value there."""

    def value_at(element: Element) -> Expr:
        if element.name != equation.name:
            return element
        return placed(rename_bound(equation.value), dict(zip(equation.target.position, element.position, strict=True)))

    return rewrite_elements(rename_bound(expr), value_at)


def _numbered(backward: Program, equations: list[Equation], forward: Program) -> Program:
    """The program of these equations, numbered on from the forward pass, with the inputs it really reads."""
    first = len(forward.equations) + 1
    stated = tuple(replace(e, value=readable(e.value), number=n) for n, e in enumerate(equations, first))
    upstream = tuple(t for t in backward.inputs if t.name not in forward.tensors)
    used = reads(e.value for e in stated)
    residuals = tuple(t for name, t in forward.tensors.items() if name in used)
    return replace(backward, inputs=(*upstream, *residuals), equations=stated)
