"""The chain rule over a Program: one walk from the outputs to the inputs, every step recorded.

The result is again a Program, of the same nodes: cotangents are tensors like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import sympy
from sympy import Add, Expr, Integer

from symbp.calculus.local import partials
from symbp.calculus.sums import pull, times
from symbp.ir import (
    Bracket,
    Cotangent,
    Element,
    Equation,
    Index,
    Leading,
    Program,
    Reduce,
    Tensor,
    Where,
    elements,
    free_indices,
    fresh,
    readable,
    reads,
    rename_bound,
    stem,
)
from symbp.ir.derivation import Step

# Of a program, one of its equations and a local derivative of that: the step that restates it, if there is one.
Form = Callable[[Program, Equation, Expr], Step | None]


def as_it_is(program: Program, equation: Equation, slope: Expr) -> Step | None:
    return None


def sweep(program: Program, wrt: Sequence[str], form: Form = as_it_is) -> tuple[Program, Program, tuple[Step, ...]]:
    """(forward, backward, steps): forward also keeps the positions of maxima; backward's outputs are the cotangents of wrt.

    ``form`` may restate each local derivative of an equation, say by the value that the equation computes.

    Raises:
        DeriveError: a node has no derivative that can be derived; the message names it.
    """
    walk = Walk(program, frozenset(_reached(program, wrt)), form)
    for equation in reversed(program.equations):
        if equation.name in walk.reached:
            walk.close(equation.target.head)
            walk.open(equation)
    gradients = tuple(walk.close(t) for t in program.inputs if t.name in wrt)
    return walk.forward(), walk.backward(gradients), tuple(walk.steps)


def _reached(program: Program, wrt: Sequence[str]) -> set[str]:
    """The real tensors that depend on wrt."""
    reached = {t.name for t in program.inputs if t.name in wrt and t.kind == "real"}
    for equation in program.equations:
        if equation.target.head.kind == "real" and reads([equation.value]) & reached:
            reached.add(equation.name)
    return reached


def _stated(equation: Equation) -> Equation:
    """The equation without marks in the names of its indices: whoever numbers from one again meets none of them."""
    plain: dict[Index, Index] = {}
    for index in equation.target.position:
        names = (stem(index) + (str(k) if k > 1 else "") for k in count(1))
        plain[index] = Index(next(n for n in names if n not in {i.name for i in plain.values()}), index.size)
    value = readable(equation.value.xreplace(plain))
    return replace(equation, target=equation.target.xreplace(plain), value=value)


def cotangent(tensor: Tensor) -> Tensor:
    return Cotangent(f"d{tensor.name}", tensor.shape)


def canonical(program: Program, tensor: Tensor) -> tuple[Index, ...]:
    """One distinct index for each axis of the tensor, called as the user called it where it is assigned or first read."""
    for place in _places(program, tensor):
        if all(isinstance(p, Index) for p in place.position) and len(set(place.position)) == len(place.position):
            return tuple(Index(stem(p), p.size) for p in place.position)
    names: list[str] = []
    for size in tensor.shape:
        name = size.name if isinstance(size, Leading) else size.name.lower()
        names.append(name if name not in names else f"{name}{len(names) + 1}")
    return tuple(Index(name, size) for name, size in zip(names, tensor.shape, strict=True))


def _places(program: Program, tensor: Tensor) -> Iterator[Element]:
    """Where the tensor stands: as a target, then read at indices of the left side, then anywhere."""
    yield from (e.target for e in program.equations if e.target.head == tensor)
    reads = [(r, e.target) for e in program.equations for r in elements(e.value) if r.head == tensor]
    yield from (read for read, target in reads if read.free_symbols - {tensor} <= target.free_symbols)
    yield from (read for read, _ in reads)


@dataclass
class Walk:
    """The reverse sweep so far: contributions wait until all uses of their tensor have been met."""

    program: Program
    reached: frozenset[str]
    form: Form
    waiting: dict[str, list[Expr]] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    positions: dict[Reduce, tuple[str, Equation]] = field(default_factory=dict)  # of maxima, with the equation that reads them
    steps: list[Step] = field(default_factory=list)

    def close(self, tensor: Tensor) -> Tensor:
        """State the whole cotangent of a tensor: the sum of what its uses sent back."""
        total = cotangent(tensor)
        target = Element(total, *canonical(self.program, tensor))
        parts = self.waiting.get(tensor.name, [])
        if tensor in self.program.outputs:
            self.steps.append(Step("upstream", target, target, equal=False))
            return total
        if len(parts) != 1:
            rule = "accumulate" if parts else "zero"
            self.steps.append(Step(rule, target, Add(*parts), equal=False))
        self.equations.append(Equation(target, Add(*parts)))
        return total

    def open(self, equation: Equation) -> None:
        """Send the cotangent of a target back to what its value reads."""
        weight = Element(cotangent(equation.target.head), *equation.target.position)
        self._send(rename_bound(equation.value), weight, equation)

    def _send(self, expr: Expr, weight: Expr, equation: Equation, bound: tuple[Index, ...] = ()) -> None:
        """Send weight times the slope of expr, for every value of the indices that are bound around it."""
        where = f"{self.program.name}, equation {equation.number}: {equation.target}"
        for leaf, slope in partials(expr, where):
            if not self.reached & reads([leaf]):
                continue
            self.steps.append(Step("local derivative", equation.target, slope, expr, operand=leaf, equal=False))
            if restated := self.form(self.program, equation, slope):
                self.steps.append(replace(restated, operand=leaf))
                slope = restated.after
            sent = times(weight, rename_bound(slope))
            if isinstance(leaf, Element):
                self._wait(leaf, sent, bound)
            elif not leaf.op.startswith("arg"):
                self._send(leaf.body, self._through(leaf, sent, equation), equation, (*bound, *leaf.indices))

    def _wait(self, leaf: Element, sent: Expr, bound: tuple[Index, ...]) -> None:
        if leaf.name not in self.reached:
            return
        place = canonical(self.program, leaf.head)
        arrived = pull(leaf.position, place, rename_bound(sent), bound)
        self.steps.append(Step("chain rule", Element(cotangent(leaf.head), *place), arrived, sent, operand=leaf, equal=False))
        self.waiting.setdefault(leaf.name, []).append(arrived)

    def _through(self, node: Reduce, sent: Expr, equation: Equation) -> Expr:
        """What reaches one term of a reduction: all of it for a sum, the chosen term's share for a maximum."""
        if node.op == "sum":
            return sent
        if node.op == "prod":
            others = {i: fresh(i) for i in node.indices}
            same = sympy.And(*(sympy.Eq(i, j) for i, j in others.items()))
            return sent * Reduce("prod", Where(same, 1, rename_bound(node.body.xreplace(others))), *others.values())
        flat: Expr = Integer(0)
        for index in node.indices:
            flat = flat * index.size + index
        return times(sent, Bracket(flat, self._position(node, equation)))

    def _position(self, node: Reduce, equation: Equation) -> Element:
        if node not in self.positions:
            free = tuple(i for i in equation.target.position if i in free_indices(node))
            free += tuple(i for i in free_indices(node) if i not in free)
            taken = {*self.program.tensors, *(position.name for _, position in self.positions.values())}
            names = (f"{equation.name}_arg{node.op}{k or ''}" for k in range(len(self.positions) + 1))
            head = Tensor(next(n for n in names if n not in taken), tuple(i.size for i in free), "integer")
            value = Reduce(f"arg{node.op}", node.body, *node.indices)
            self.positions[node] = equation.name, Equation(Element(head, *free), value)
        return self.positions[node][1].target

    def forward(self) -> Program:
        """The program with an equation for each position that backward reads, before the equation that needs it."""
        equations: list[Equation] = []
        for equation in self.program.equations:
            equations += [_stated(position) for reader, position in self.positions.values() if reader == equation.name]
            equations.append(equation)
        return replace(self.program, equations=tuple(equations))

    def backward(self, gradients: tuple[Tensor, ...]) -> Program:
        upstream = tuple(cotangent(t) for t in self.program.outputs if t.kind == "real")
        known = self.forward().tensors
        used = reads(e.value for e in self.equations)
        residuals = tuple(t for name, t in known.items() if name in used)
        return Program(
            f"{self.program.name}_backward", (*upstream, *residuals), tuple(map(_stated, self.equations)), gradients, self.program.constants
        )
