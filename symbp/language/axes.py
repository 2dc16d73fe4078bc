"""Axis lengths and leading axes as union-find: shapes in, the same shapes unified.

A shape is a tuple of Axis, with at most one Lead, in front; None while nothing has fixed the rank.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from sympy import Expr

Hint: TypeAlias = "tuple[int, int, str]"  # depth of the call, order of appearance, name of the index: the smallest names the size


class Mismatch(Exception):
    """Two shapes that cannot be the same; the message is completed, with its place, by who catches it."""


@dataclass(eq=False)
class Axis:
    """One axis. ``length`` is a number or a constant, where the text gives it."""

    hint: Hint
    length: Expr | None = None
    parent: Axis | None = None

    @property
    def root(self) -> Axis:
        axis = self
        while axis.parent:
            axis.parent = axis = axis.parent.parent or axis.parent  # halves the way for who comes next
        return axis


@dataclass(eq=False)
class Lead:
    """The leading axes that ``...`` stands for; ``bound`` once they are known to be these."""

    hint: Hint
    bound: tuple[Space, ...] | None = None
    parts: tuple[Lead, ...] = field(default=())  # the leads that it is broadcast from
    name: str = ""  # "" for one that is named when all are known


Space: TypeAlias = "Axis | Lead"
Shape: TypeAlias = "tuple[Space, ...]"


def resolve(shape: Shape) -> Shape:
    """The shape with every bound Lead replaced by what it is bound to."""
    spaces: list[Space] = []
    for space in shape:
        if isinstance(space, Axis):
            spaces.append(space.root)
        elif space.bound is None:
            spaces.append(space)
        else:
            space.bound = resolve(space.bound)  # shortens the way for who comes next
            spaces.extend(space.bound)
    return tuple(spaces)


def unify(one: Shape, other: Shape) -> None:
    """Makes two shapes the same, from the right; a Lead takes what is left over.

    Raises:
        Mismatch: they have different ranks, or one axis has two lengths.
    """
    left, right = list(resolve(one)), list(resolve(other))
    while left and right and isinstance(left[-1], Axis) and isinstance(right[-1], Axis):
        join(left.pop(), right.pop())  # type: ignore[arg-type]
    if left == right:
        return
    if right and isinstance(right[-1], Lead):
        left, right = right, left
    if not (left and isinstance(left[-1], Lead)) or left[-1] in right:
        raise Mismatch(f"{rank(one)}, not {rank(other)}")
    lead = left[-1]
    if len(right) == 1 and isinstance(right[0], Lead):
        right[0].hint = lead.hint = min(lead.hint, right[0].hint)
    lead.bound = tuple(right)


def join(one: Axis, other: Axis) -> None:
    """Makes two axes the same."""
    one, other = one.root, other.root
    if one is other:
        return
    if one.length is not None and other.length is not None and one.length != other.length:
        raise Mismatch(f"length {one.length}, not {other.length}")
    other.parent = one
    one.hint = min(one.hint, other.hint)
    one.length = other.length if one.length is None else one.length


def fix(axis: Axis, length: Expr) -> None:
    """Gives an axis its length."""
    join(axis, Axis(axis.hint, length))


def rank(shape: Shape) -> str:
    """A shape in words: ``2 axes``, ``1 axis or more``."""
    spaces = resolve(shape)
    count = sum(isinstance(space, Axis) for space in spaces)
    words = "1 axis" if count == 1 else f"{count or 'no'} axes"
    more = count != len(spaces)
    return "any number of axes" if more and not count else words + " or more" * more
