"""What a tensor is at one step of a loop: a part of it, or a choice between two by the number of the step.

A[t, n]                             ``A[t]``
Padded(A[t - 1, n], 0)              ``np.zeros(...) if t == 0 else A[t - 1]``
Where(Eq(t, 0), B[n], A[t - 1, n])  ``B if t == 0 else A[t - 1]``
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr

from symbp.ir import Constant, Element, Index, Leading, Padded, Tensor, Where, free_indices
from symbp.plan import arrays, lower
from symbp.plan.arrays import REAL, Array, Call, Length, Name, Number

if TYPE_CHECKING:
    from symbp.plan.lower import Lowering

Position = tuple[Expr, ...]
FACTS = ("positive", "nonnegative")
REAL_SIGN = sympy.Symbol("x", real=True)  # of which nothing is known


@dataclass(frozen=True)
class Part:
    """A tensor made up for what a tensor is at one step, and where that is read."""

    head: Tensor
    position: Position
    fill: Expr | None = None  # what stands outside it, along the axes that are left

    @property
    def value(self) -> Expr:
        element = Element(self.head, *self.position)
        return element if self.fill is None else Padded(element, self.fill)


@dataclass
class Parts:
    """The tensors made up so far, each with the array that it stands for."""

    lowering: Lowering
    index: Index  # of the loop
    name: str  # of the index in the code
    targets: frozenset[str]  # what the loop computes
    stands: dict[Array, Array] = field(default_factory=dict)

    def at(self, expr: Any) -> Any:
        """expr with the number of the step for the index."""
        return expr.xreplace({self.index: Constant(self.name)})

    def is_known(self, condition: sympy.Basic) -> bool:
        """Whether the number of the step alone decides it."""
        return bool(condition.has(self.index)) and lower.is_scalar(self.at(condition))

    def made_up(self, label: str, node: Array, shape: Position, kind: str = "real", signs: Expr = REAL_SIGN) -> Tensor:
        """A tensor that stands for the array; what is known of its sign is known of signs."""
        node, name, k = self.array(node), label, 2
        while self.stands.get(Name(name), node) != node:
            name, k = f"{label}{k}", k + 1
        self.stands[Name(name)] = node
        return Tensor(name, shape, kind, **{fact: True for fact in FACTS if getattr(signs, f"is_{fact}")})

    def array(self, node: Array) -> Array:
        """The array, with those that made-up tensors stand for."""
        return arrays.replace(node, self.stands)

    # ------------------------------------------------------------ parts

    def part(self, expr: Any, guarded: bool = False) -> Part | None:
        """What expr is at the step, where it is a part of a tensor or a choice between parts; guarded where other
        steps do not get here."""
        if isinstance(expr, Where) and self.is_known(expr.condition):
            return self._start(expr)
        element = expr.element if isinstance(expr, Padded) else expr
        if not isinstance(element, Element) or all(spot is None for spot in self._spots(element)):
            return None
        if isinstance(expr, Padded):
            return self._padded(expr)
        own = guarded or element.name in self.targets
        return self._slice(element) if own or all(s in (None, self.index) for s in self._spots(element)) else None

    def _spots(self, element: Element) -> list[Expr | None]:
        """The positions that are known numbers at the step."""
        alone = [free_indices(p) == (self.index,) and not p.has(Element) for p in element.position]
        return [p if known else None for p, known in zip(element.position, alone, strict=True)]

    def _slice(self, element: Element) -> Part:
        spots, shape = self._spots(element), element.head.shape
        known = [spot for spot in spots if spot is not None]
        slots = ["#" if spot is not None else "..." if isinstance(size, Leading) else ":" for spot, size in zip(spots, shape, strict=True)]
        node = Call("item", (Name(element.name), *map(self.number, known)), trimmed(slots))
        left = [k for k, spot in enumerate(spots) if spot is None]
        label = f"{element.name}[{', '.join(map(str, known))}]"
        head = self.made_up(label, node, tuple(shape[k] for k in left), element.head.kind, element)
        return Part(head, tuple(element.position[k] for k in left))

    def _start(self, choice: Where) -> Part | None:
        """One tensor at the first steps, a part of another at the rest."""
        first, rest = (self.part(branch, guarded=True) or _whole(branch) for branch in choice.branches)
        if not first or not rest or (first.position, first.head.shape, first.fill) != (rest.position, rest.head.shape, rest.fill):
            return None
        label = self.label(choice)
        node = self.choice(choice.condition, Name(first.head.name), Name(rest.head.name), label)
        return Part(self.made_up(label, node, rest.head.shape, rest.head.kind, rest.value), rest.position, rest.fill)

    def number(self, spot: Expr) -> Array:
        """A position at the step: t, t - 1, or whatever else its number gives."""
        offset = spot - self.index
        if not offset.is_Integer or offset == 0:
            return self.lowering.scalar(self.at(spot))
        return Call("add" if offset > 0 else "subtract", (Name(self.name), Number(abs(offset))))

    def choice(self, condition: Any, then: Array, otherwise: Array, label: str) -> Call:
        if isinstance(condition, sympy.Lt) and (condition.lhs - self.index).is_Integer:  # t + 1 < T
            condition = sympy.Lt(self.index, condition.rhs - condition.lhs + self.index)
        return Call("choose", (self.lowering.condition(self.at(condition), ()).node, then, otherwise), (label,))

    def label(self, expr: Expr) -> str:
        """What the choice is called: after the target whose earlier or later step it is."""
        found = sorted((e for e in expr.atoms(Element) if any(s not in (None, self.index) for s in self._spots(e))), key=str)
        found = [e for e in found if e.name in self.targets] or found
        if not found:
            return "at_end" if expr.has(self.index.size) else "at_start"
        ahead = any((spot - self.index).could_extract_minus_sign() for spot in self._spots(found[0]) if spot is not None)
        return f"{found[0].name}_{'before' if ahead else 'after'}"

    # ------------------------------------------------------------ padding

    def inside(self, node: Padded) -> Any:
        """When what is padded lies inside its tensor, as far as the number of the step decides it."""
        pairs = zip(self._spots(node.element), node.element.head.shape, strict=True)
        return sympy.And(*(self._inside(spot, size) for spot, size in pairs if spot is not None))

    def _inside(self, spot: Expr, size: Expr) -> Any:
        offset = spot - self.index
        if not offset.is_Integer or size != self.index.size:
            return sympy.And(sympy.Ge(spot, 0), sympy.Lt(spot, size))
        return sympy.Lt(self.index, size - offset) if offset > 0 else sympy.Ge(self.index, -offset)

    def _padded(self, node: Padded) -> Part:
        inside, part = self.inside(node), self._slice(node.element)
        fill = node.fill if any(not isinstance(p, Index | Element) and not p.is_Integer for p in part.position) else None
        if inside == sympy.true:
            return Part(part.head, part.position, fill)
        label, own, outside = self.label(node), Name(part.head.name), self.filled(node.fill, part.head.shape, part.head.kind)
        at_first = inside == sympy.Ge(self.index, 1)
        chosen = self.choice(sympy.Eq(self.index, 0), outside, own, label) if at_first else self.choice(inside, own, outside, label)
        return Part(self.made_up(label, chosen, part.head.shape, part.head.kind, node), part.position, fill)

    def filled(self, value: Expr, shape: Position, kind: str = "real") -> Array:
        """An array of one number; the number itself where there are no axes."""
        number = self.lowering.scalar(self.at(value))
        if not shape:
            return number
        dims = arrays.dims(*(Length(s, "shape") if isinstance(s, Leading) else self.lowering.scalar(s) for s in shape))
        args = (dims,) if value == 0 else (dims, number)
        return Call("zeros" if value == 0 else "full", (*args, REAL) if kind == "real" else args, () if kind == "real" else (kind,))


def _whole(expr: Expr) -> Part | None:
    """A tensor that is the same at every step."""
    element = expr.element if isinstance(expr, Padded) else expr
    return Part(element.head, element.position, expr.fill if isinstance(expr, Padded) else None) if isinstance(element, Element) else None


def trimmed(slots: list[str]) -> tuple[str, ...]:
    """The slots without whole axes at the end, which need no mention."""
    last = max((k for k, slot in enumerate(slots) if slot != ":"), default=-1)
    return tuple(slots if "..." in slots else slots[: last + 1])
