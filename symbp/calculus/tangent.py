"""Forward mode: a Program that carries a change of the inputs along, by the same local derivatives."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sympy import Add, Expr, Integer, Mul

from symbp.calculus.higher import Names, numbered
from symbp.calculus.local import partials
from symbp.calculus.reductions import CRAMER, chosen, cofactor, inverse_slope, other_factors
from symbp.calculus.saved import Saved, stated
from symbp.calculus.sums import total
from symbp.calculus.sweep import Form, as_it_is, reached
from symbp.ir import (
    Element,
    Equation,
    Inverse,
    Padded,
    Program,
    Reduce,
    Tensor,
    Where,
    numbering,
    reads,
    rename_bound,
    validate,
)


def jvp(program: Program, form: Form = as_it_is) -> Program:
    """The layer that computes how the outputs change: its inputs, and ``x_dot`` for each real input x, to its outputs, and
    ``y_dot`` for each real output y. Its equations come first, then those of the tangents; ``form`` may restate a local derivative.

    Raises:
        DeriveError: a node has no derivative that can be derived; the message names it.
    """
    with numbering():
        push = Push(program, frozenset(reached(program, [t.name for t in program.inputs])), form)
        equations = numbered(push.equations())
    dots = push.dots
    inputs = (*program.inputs, *(dots[t.name] for t in program.inputs if t.kind == "real"))
    outputs = (*program.outputs, *(dots[t.name] for t in program.outputs if t.kind == "real"))
    return validate(Program(f"{program.name}_jvp", inputs, equations, outputs, program.constants))


@dataclass
class Push:
    """The forward sweep: of every equation that of its tangent."""

    program: Program
    reached: frozenset[str]
    form: Form
    saved: Saved = field(init=False)
    dots: dict[str, Tensor] = field(init=False)

    def __post_init__(self) -> None:
        self.saved = Saved(self.program)
        self.loops = 1 + max((e.loop.number for e in self.program.equations if e.loop), default=0)
        names = Names({*self.program.tensors, *(constant.name for constant, _ in self.program.constants)})
        outputs = {t.name for t in self.program.outputs if t.kind == "real"}
        moving = [t for t in self.program.tensors.values() if t.name in self.reached | outputs]
        self.dots = {t.name: Tensor(names.unused(f"{t.name}_dot"), t.shape) for t in moving}

    def equations(self) -> tuple[Equation, ...]:
        """Those of the program, with the values that only derivatives read, then those of the tangents."""
        tangents = [self.tangent(e) for e in self.program.equations if e.name in self.dots]
        return (*self.saved.forward().equations, *tangents)

    def tangent(self, equation: Equation) -> Equation:
        """That of a recurrence is one of its own, which runs the same way."""
        target = Element(self.dots[equation.name], *equation.target.position)
        change = self.change(rename_bound(equation.value), equation)
        loop = equation.loop and replace(equation.loop, number=equation.loop.number + self.loops)
        return stated(Equation(target, change, loop=loop))

    def change(self, expr: Expr, equation: Equation) -> Expr:
        """The sum of each local derivative times the change of what it is by."""
        where = f"{self.program.name}, equation {equation.number}: {equation.target}"
        parts = []
        for leaf, slope in partials(expr, where):
            if self.reached & reads([leaf]) and not (isinstance(leaf, Reduce) and leaf.op.startswith("arg")):
                restated = self.form(self.program, equation, slope)
                slope = rename_bound(restated.after if restated else slope)
                parts.append(within(slope, self.of_leaf(leaf, equation)))
        return joined(Add(*parts))

    def of_leaf(self, leaf: Expr, equation: Equation) -> Expr:
        if isinstance(leaf, Element):
            return Element(self.dots[leaf.name], *leaf.position) if leaf.name in self.reached else Integer(0)
        if isinstance(leaf, Padded):
            change = self.of_leaf(leaf.element, equation)
            return Padded(change) if isinstance(change, Element) else change
        if isinstance(leaf, Inverse):
            body, slope, indices = inverse_slope(leaf, self.saved.inverse(leaf, equation))
            return total(slope * self.change(body, equation), indices)
        return self.of_reduction(leaf, equation)

    def of_reduction(self, node: Reduce, equation: Equation) -> Expr:
        """The change of a sum is the sum of changes, that of a maximum the change of the term that is the largest."""
        change = self.change(node.body, equation)
        if node.op == "prod":
            change = change * other_factors(node)
        elif node.op in ("max", "min"):
            change = change * chosen(node, self.saved.position(node, equation))
        elif node.op in CRAMER:
            change = change * cofactor(node, self.saved.inverse(Inverse(node.body, *node.indices), equation))
        return total(rename_bound(change), node.indices)


# ---------------------------------------------------------------- conditions


def within(slope: Expr, change: Expr) -> Expr:
    """slope * change, where the slope is 0 by a condition without a look at the change: it may read what is not there."""
    if isinstance(slope, Where) and 0 in slope.branches:
        return Where(slope.condition, *(branch if branch == 0 else within(branch, change) for branch in slope.branches))
    if isinstance(slope, Add) and any(map(_is_masked, slope.args)):
        return Add(*(within(term, change) for term in slope.args))
    masks = [factor for factor in Mul.make_args(slope) if _is_masked(factor)]
    if masks:
        return Mul(*(factor for factor in Mul.make_args(slope) if factor is not masks[0])) * within(masks[0], change)
    return slope * change


def _is_masked(term: Expr) -> bool:
    return any(isinstance(factor, Where) and 0 in factor.branches for factor in Mul.make_args(term))


def joined(change: Expr) -> Expr:
    """Terms that differ in a condition alone as one: where(c, a, 0) + where(c, 0, b) = where(c, a, b)."""
    found: dict[tuple[Expr, Expr], list[Where]] = {}
    rest = []
    for term in Add.make_args(change):
        masks = [factor for factor in Mul.make_args(term) if isinstance(factor, Where)]
        if len(masks) == 1:
            around = Mul(*(factor for factor in Mul.make_args(term) if factor is not masks[0]))
            found.setdefault((around, masks[0].condition), []).append(masks[0])
        else:
            rest.append(term)
    for (around, condition), masks in found.items():
        branches = zip(*(mask.branches for mask in masks), strict=True)
        rest.append(around * Where(condition, *(joined(Add(*branch)) for branch in branches)))
    return Add(*rest)
