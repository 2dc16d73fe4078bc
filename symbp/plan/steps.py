"""An equation of a recurrence at one step: array operations over the axes of its target but that of the loop.

What does not depend on the loop is computed for all steps at once, and a part of that is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Add, Expr, Function, Integer, Mul, Pow

from symbp.ir import Bracket, Element, Equation, Index, Inverse, Padded, Reduce, Tensor, Where, elements, free_indices, reads
from symbp.plan import gathers, lower
from symbp.plan.arrays import Array, Call, Line, Name, Update, every_line, rewrite
from symbp.plan.parts import Parts, trimmed

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering

Axes = tuple[Index, ...]


def lines(parts: Parts, equation: Equation) -> list[Line]:
    """What computes the part of the target that belongs to the step."""
    target = parts.part(equation.target)
    assert target is not None
    step = _Step(parts, tuple(equation.target.position))
    value = step.visit(equation.value, tuple(p for p in target.position if isinstance(p, Index)))
    reduced = Equation(target.value, parts.at(value), equation.number)
    found = every_line(gathers.statements(step.lowering(), reduced))
    return _set_apart([_in_place(parts, next(every_line([rewrite(line, parts.array)]))) for line in found])


def _in_place(parts: Parts, line: Line) -> Line:
    """The line with the part of the target that it is about."""
    place = parts.array(line.place if isinstance(line, Update) else Name(line.target))
    assert isinstance(place, Call)
    return Update(place, line.sign if isinstance(line, Update) else 0, line.value, line.number)


def _set_apart(found: list[Line]) -> list[Line]:
    """Zeros, then several parts that do not overlap: each is set, not added."""
    base, *updates = found
    keys = {update.place.options for update in updates if isinstance(update, Update) and "@" not in update.place.options}
    if not isinstance(base.nodes[-1], Call) or base.nodes[-1].function != "zeros" or len(keys) < len(updates):
        return found
    if len({tuple(k for k, slot in enumerate(key) if isinstance(slot, int)) for key in keys}) != 1:
        return found
    return [base, *(_set(update) for update in updates if isinstance(update, Update))]


def _set(update: Update) -> Update:
    value = update.value if update.sign >= 0 else Call("negative", (update.value,))
    return Update(update.place, 0, value, update.number)


@dataclass
class _Step:
    parts: Parts
    target: Axes  # the axes of the equation's target, that of the loop among them

    def lowering(self) -> Lowering:
        """The layer's, which knows the parts of a tensor as it knows the tensor."""
        own = self.parts.lowering
        names = {made.text: node for made, node in self.parts.stands.items() if isinstance(made, Name)}
        whole = {made: node.args[0] for made, node in names.items() if isinstance(node, Call) and node.function == "item"}
        first = {made for made, node in whole.items() if isinstance(node, Name) and node.text in own.first}
        shifts = {made for made, node in whole.items() if isinstance(node, Name) and node.text in own.shifts}
        return replace(own, first=own.first | first, shifts=own.shifts | shifts)

    def visit(self, expr: Any, order: Axes, guarded: bool = False) -> Any:
        """expr with tensors of the step in place of what depends on the step; guarded where other steps do not get here."""
        index = self.parts.index
        if not expr.has(index) or expr == index:
            return expr
        if part := self.parts.part(expr, guarded):
            return replace(part, position=tuple(self.visit(p, order, guarded) for p in part.position)).value
        if isinstance(expr, Pow) and expr.exp.is_number and expr.exp.could_extract_minus_sign():  # divided by, at every step
            return 1 / self.visit(1 / expr, order, guarded)
        if self._is_steady(expr) and _is_work(expr) and (whole := self._whole(expr, order, guarded)):
            return whole
        if isinstance(expr, Add | Mul):
            return self._terms(expr, order, guarded)
        if isinstance(expr, Reduce):
            choice = expr.body if expr.op == "sum" and isinstance(expr.body, Where) and expr.body.branches[1] == 0 else None
            if choice is not None and self.parts.is_known(choice.condition):
                return self._choice(Where(choice.condition, Reduce("sum", choice.branches[0], *expr.indices), Integer(0)), order)
            return Reduce(expr.op, self.visit(expr.body, (*order, *expr.indices), guarded), *expr.indices)
        if isinstance(expr, Where) and self.parts.is_known(expr.condition):
            return self._choice(expr, order)
        if isinstance(expr, Padded):  # its element alone has no value outside
            position = (self.visit(p, order, guarded) for p in expr.element.position)
            return Padded(Element(expr.element.head, *position), expr.fill)
        return expr.func(*(self.visit(arg, order, guarded) if arg.args else arg for arg in expr.args))

    # ------------------------------------------------------------ sums and products

    def _terms(self, expr: Expr, order: Axes, guarded: bool) -> Expr:
        """Those that do not depend on the loop are taken together."""
        terms = self._left_out(list(expr.args), order) if isinstance(expr, Mul) else list(expr.args)
        at = next((term for term in terms if isinstance(expr, Mul) and self._is_place(term)), None)
        if at is not None:
            condition = lower.equality(at)
            return self._choice(Where(condition, Mul(*(term for term in terms if term is not at)), Integer(0)), order)
        steady = [term for term in terms if self._is_steady(term)]
        together = expr.func(*steady)
        joined = (isinstance(expr, Add) or _is_nested(steady)) and _is_work(together)
        if 1 < len(steady) < len(terms) and joined and together.has(self.parts.index) and self._is_steady(together):
            terms = [*(term for term in terms if term not in steady), together]
        return expr.func(*(self.visit(term, order, guarded) for term in terms))

    def _is_place(self, term: Expr) -> bool:
        """Whether it is a bracket that the number of the step alone decides."""
        return isinstance(term, Bracket) and self.parts.index in term.args and self.parts.is_known(lower.equality(term))

    def _left_out(self, factors: list[Expr], order: Axes) -> list[Expr]:
        """Several factors that are zero at the same steps become one."""
        pads = [f for f in factors if isinstance(f, Padded) and f.fill == 0 and self.parts.part(f)]
        for inside in dict.fromkeys(map(self.parts.inside, pads)):
            opened = [self._opened(factor, inside) for factor in factors]
            group = [new for new, old in zip(opened, factors, strict=True) if new != old]
            if len(group) > 1 and inside != sympy.true:
                rest = [old for new, old in zip(opened, factors, strict=True) if new == old]
                return [self._choice(Where(inside, Mul(*group), Integer(0)), order), *rest]
        return factors

    def _opened(self, factor: Expr, inside: Any) -> Expr:
        """The factor where the number of the step is such that what it reads lies inside."""
        return factor.replace(lambda node: isinstance(node, Padded) and self.parts.inside(node) == inside, lambda node: node.element)

    def _choice(self, choice: Where, order: Axes) -> Expr:
        """A choice between two values by the number of the step: a tensor made up for it."""
        branches = [self.parts.at(self.visit(branch, order, guarded=True)) for branch in choice.branches]
        axes = lower.natural_order(sympy.Tuple(*branches), order)
        label, sizes = self.parts.label(choice), tuple(axis.size for axis in axes)
        then, otherwise = (self._over(branch, axes) for branch in branches)
        node = self.parts.choice(choice.condition, then, otherwise, label)
        return Element(self.parts.made_up(label, node, sizes, signs=choice), *axes)

    def _over(self, branch: Expr, axes: Axes) -> Array:
        """The branch as an array of all the axes."""
        sizes = tuple(axis.size for axis in axes)
        if branch.is_number:
            return self.parts.filled(branch, sizes)
        if not axes:
            return self.parts.array(self.lowering().real(branch, ()).node)
        target = Element(Tensor("branch", sizes), *axes)
        return self.parts.array(gathers.full(self.lowering(), branch, Equation(target, branch)))

    # ------------------------------------------------------------ all steps at once

    def _is_steady(self, expr: Any) -> bool:
        """Whether it is a value that reads tensors, none of which the loop changes; a bracket is a place, no value."""
        if not isinstance(expr, Expr) or any(isinstance(f, Bracket) for term in Add.make_args(expr) for f in Mul.make_args(term)):
            return False
        read = reads([expr])
        return bool(read) and not any(name in self.parts.targets or Name(name) in self.parts.stands for name in read)

    def _whole(self, expr: Expr, order: Axes, guarded: bool) -> Expr | None:
        """The part for the step of what is computed for all steps; none where it has no value at some of them."""
        index, offset = self.parts.index, self._offset(expr) if guarded else Integer(0)
        if offset is None or self._spreads(expr):
            return None
        value = self.parts.lowering.value(expr.xreplace({index: index - offset}), lower.natural_order(expr, (*self.target, *order)))
        rest, node = tuple(axis for axis in value.axes if axis != index), value.node
        if index in value.axes:
            slots = ["#" if axis == index else "..." if lower.leading(axis) else ":" for axis in value.axes]
            node = Call("item", (node, self.parts.number(index + offset)), trimmed(slots))
        return Element(self.parts.made_up("steady", node, tuple(axis.size for axis in rest), value.kind, expr), *rest)

    def _spreads(self, expr: Expr) -> bool:
        """Whether it has more axes than what it is for and what it reads: too much to keep for all steps."""
        axes = set(free_indices(expr))
        return not axes <= set(self.target) and not any(axes <= set(free_indices(element)) for element in elements(expr))

    def _offset(self, expr: Expr) -> Expr | None:
        """How many steps ahead of the step everything in expr is read, if all of it is."""
        index = self.parts.index
        if any(node.has(index) for node in expr.atoms(Padded)) or any(self.parts.is_known(node.condition) for node in expr.atoms(Where)):
            return None
        pairs = [pair for e in expr.atoms(Element) for pair in zip(e.position, e.head.shape, strict=True) if pair[0].has(index)]
        offsets = {position - index for position, _ in pairs}
        plain = len(offsets) == 1 and all(size == index.size for _, size in pairs)
        offset = offsets.pop() if plain else None
        return offset if offset is not None and offset.is_Integer else None


def _is_work(expr: Expr) -> bool:
    """Whether it is more than arithmetic, which is as well done on the little that a step reads."""
    return isinstance(expr, Element | Padded) or expr.has(Function, Reduce, Inverse)


def _is_nested(terms: list[Expr]) -> bool:
    """Whether one of them has all the indices of the others."""
    indices = [set(free_indices(term)) for term in terms]
    return set().union(*indices) in indices
