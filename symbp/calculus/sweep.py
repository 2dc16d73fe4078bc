"""The chain rule over a Program: one walk from the outputs to the inputs, every step recorded.

The result is again a Program, of the same nodes: cotangents are tensors like any other. A recurrence is walked as a whole:
all its equations send before any of their cotangents is stated, and these are a recurrence the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import sympy
from sympy import Add, Expr

from symbp.calculus.local import partials
from symbp.calculus.reductions import CRAMER, INVERSE, chosen, cofactor, inverse_slope, other_factors
from symbp.calculus.saved import Saved, stated
from symbp.calculus.sums import pull, times
from symbp.ir import (
    Cotangent,
    Element,
    Equation,
    Index,
    Inverse,
    Leading,
    Loop,
    Padded,
    Program,
    Reduce,
    Tensor,
    passes,
    reads,
    rename_bound,
    stem,
)
from symbp.ir.derivation import Phrase, Step

# Of a program, one of its equations and a local derivative of that: the step that restates it, if there is one.
Form = Callable[[Program, Equation, Expr], Step | None]


def as_it_is(program: Program, equation: Equation, slope: Expr) -> Step | None:
    return None


def sweep(program: Program, wrt: Sequence[str], form: Form = as_it_is) -> tuple[Program, Program, tuple[Step, ...]]:
    """(forward, backward, steps): forward also keeps the positions of maxima and the inverses of matrices; backward's outputs
    are the cotangents of wrt.

    ``form`` may restate each local derivative of an equation, say by the value that the equation computes.

    Raises:
        DeriveError: a node has no derivative that can be derived; the message names it.
    """
    walk = Walk(program, frozenset(reached(program, wrt)), form)
    for loop, equations in reversed(passes(program.equations)):
        found = [equation for equation in reversed(equations) if equation.name in walk.reached]
        if loop is None:
            for equation in found:
                walk.close(equation.target.head)
                walk.open(equation)
        else:
            walk.recurrence(loop, found)
    gradients = tuple(walk.close(t) for t in program.inputs if t.name in wrt)
    return walk.saved.forward(), walk.backward(gradients), tuple(walk.steps)


def reached(program: Program, wrt: Sequence[str]) -> set[str]:
    """The real tensors that depend on wrt."""
    found = {t.name for t in program.inputs if t.name in wrt and t.kind == "real"}
    for _, equations in passes(program.equations):
        for _ in equations:  # in a recurrence one may read another that stands after it
            found |= {e.name for e in equations if e.target.head.kind == "real" and reads([e.value]) & found}
    return found


def canonical(program: Program, tensor: Tensor) -> tuple[Index, ...]:
    """One distinct index for each axis of the tensor, called as the user called it where it is assigned or first read."""
    for place in _places(program, tensor):
        whole = all(isinstance(p, Index) and p.size == size for p, size in zip(place.position, tensor.shape, strict=True))
        if whole and len(set(place.position)) == len(place.position):
            return tuple(Index(stem(p), p.size) for p in place.position)
    names: list[str] = []
    for size in tensor.shape:
        name = size.name if isinstance(size, Leading) else size.name.lower()
        names.append(name if name not in names else f"{name}{len(names) + 1}")
    return tuple(Index(name, size) for name, size in zip(names, tensor.shape, strict=True))


def _places(program: Program, tensor: Tensor) -> Iterator[Element]:
    """Where the tensor stands: as a target, then read at indices of the left side, then anywhere."""
    if tensor.name in program.definitions:
        yield program.definitions[tensor.name].target
    reads = program.uses.get(tensor, [])
    yield from (read for read, target in reads if read.free_symbols - {tensor} <= target.free_symbols)
    yield from (read for read, _ in reads)


@dataclass(frozen=True)
class Way:
    """How a cotangent comes to a value: the indices that are bound around it, and what its slope rests on."""

    bound: tuple[Index, ...] = ()
    reason: tuple[Phrase, ...] = ()

    def into(self, *indices: Index, reason: tuple[Phrase, ...] = ()) -> Way:
        return Way((*self.bound, *indices), reason or self.reason)


@dataclass
class Walk:
    """The reverse sweep so far: contributions wait until all uses of their tensor have been met."""

    program: Program
    reached: frozenset[str]
    form: Form
    saved: Saved = field(init=False)
    waiting: dict[str, list[Expr]] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.saved = Saved(self.program)
        self.read = reads(e.value for e in self.program.equations if e.name in self.reached)

    def cotangent(self, tensor: Tensor) -> Tensor:
        """That of an output which is read as well is the upstream one and what its uses send back."""
        name = f"d{tensor.name}"
        if tensor in self.program.outputs and tensor.name in self.read:
            names = (f"{name}_total{k or ''}" for k in count())
            name = next(n for n in names if n not in self.program.tensors)
        return Cotangent(name, tensor.shape)

    def close(self, tensor: Tensor, loop: Loop | None = None) -> Tensor:
        """State the whole cotangent of a tensor: the sum of what its uses sent back."""
        whole = self.cotangent(tensor)
        target = Element(whole, *canonical(self.program, tensor))
        parts = list(self.waiting.get(tensor.name, []))
        if tensor in self.program.outputs:
            upstream = Element(upstream_of(tensor), *target.position)
            self.steps.append(Step("upstream", upstream, upstream, equal=False))
            if whole == upstream.head:
                return whole
            parts.insert(0, upstream)
        if len(parts) != 1:
            rule = "accumulate" if parts else "zero"
            self.steps.append(Step(rule, target, Add(*parts), equal=False))
        self.equations.append(Equation(target, Add(*parts), loop=loop))
        return whole

    def open(self, equation: Equation) -> None:
        """Send the cotangent of a target back to what its value reads."""
        weight = Element(self.cotangent(equation.target.head), *equation.target.position)
        self._send(rename_bound(equation.value), weight, equation, Way())

    def recurrence(self, loop: Loop, equations: Sequence[Equation]) -> None:
        """The cotangents of a recurrence, from the last equation to the first, are one that runs the other way."""
        numbers = [e.loop.number for e in (*self.program.equations, *self.equations) if e.loop]
        back = Loop(max(numbers) + 1, Index(stem(loop.index), loop.index.size), not loop.reverse)
        for equation in equations:
            self.open(equation)
        for equation in equations:
            self.close(equation.target.head, back)

    def _send(self, expr: Expr, weight: Expr, equation: Equation, way: Way) -> None:
        """Send weight times the slope of expr, for every value of the indices that are bound around it."""
        where = f"{self.program.name}, equation {equation.number}: {equation.target}"
        for leaf, slope in partials(expr, where):
            if not self.reached & reads([leaf]) or (isinstance(leaf, Reduce) and leaf.op.startswith("arg")):
                continue
            self.steps.append(Step("local derivative", equation.target, slope, expr, operand=leaf, equal=False))
            if restated := self.form(self.program, equation, slope):
                self.steps.append(replace(restated, operand=leaf))
                slope = restated.after
            slope = slope.xreplace({node: self.saved.inverse(node, equation) for node in _inverses(slope)})
            sent = times(weight, rename_bound(slope))
            if isinstance(leaf, Element | Padded):
                self._wait(leaf, sent, equation, way)
            elif isinstance(leaf, Inverse):
                self._through_inverse(leaf, sent, equation, way)
            else:
                self._through(leaf, sent, equation, way)

    def _wait(self, leaf: Element | Padded, sent: Expr, equation: Equation, way: Way) -> None:
        """What is read outside the array is a given number: it meets no place, and nothing comes back."""
        read = leaf.element if isinstance(leaf, Padded) else leaf
        if read.name not in self.reached:
            return
        place = canonical(self.program, read.head)
        step = equation.loop.index if equation.loop and self._is_in(equation.loop, read) else None
        arrived = pull(leaf, place, rename_bound(sent), way.bound, step)
        target = Element(self.cotangent(read.head), *place)
        self.steps.append(Step("chain rule", target, arrived, sent, way.reason, operand=read, equal=False))
        self.waiting.setdefault(read.name, []).append(arrived)

    def _is_in(self, loop: Loop, read: Element) -> bool:
        definition = self.program.definitions.get(read.name)
        return definition is not None and definition.loop == loop

    def _through(self, node: Reduce, sent: Expr, equation: Equation, way: Way) -> None:
        """What reaches one term of a reduction: all of it for a sum, the chosen term's share for a maximum."""
        reason: tuple[Phrase, ...] = ()
        if node.op == "prod":
            sent = sent * other_factors(node)
        elif node.op in ("max", "min"):
            sent = times(sent, chosen(node, self.saved.position(node, equation)))
        elif node.op in CRAMER:
            inverse = self.saved.inverse(Inverse(node.body, *node.indices), equation)
            sent, reason = sent * cofactor(node, inverse), CRAMER[node.op]
        self._send(node.body, sent, equation, way.into(*node.indices, reason=reason))

    def _through_inverse(self, node: Inverse, sent: Expr, equation: Equation, way: Way) -> None:
        """What reaches one element of a matrix from its inverse."""
        body, slope, indices = inverse_slope(node, self.saved.inverse(node, equation))
        self._send(body, sent * slope, equation, way.into(*indices, reason=INVERSE))

    def backward(self, gradients: tuple[Tensor, ...]) -> Program:
        upstream = tuple(upstream_of(t) for t in self.program.outputs if t.kind == "real")
        known = self.saved.forward().tensors
        used = reads(e.value for e in self.equations)
        residuals = tuple(t for name, t in known.items() if name in used)
        equations = tuple(map(stated, self.equations))
        return Program(f"{self.program.name}_backward", (*upstream, *residuals), equations, gradients, self.program.constants)


def _inverses(slope: Expr) -> list[Inverse]:
    return sorted(slope.atoms(Inverse), key=sympy.default_sort_key)


def upstream_of(output: Tensor) -> Tensor:
    """The cotangent of an output, which backward is given."""
    return Cotangent(f"d{output.name}", output.shape)
