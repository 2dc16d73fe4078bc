"""What a printer is given: everything a module says, as array operations and strings."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Rational

from symbp.plan.arrays import Array, Assign, Statement


@dataclass(frozen=True)
class Argument:
    """One tensor of the signature."""

    name: str
    axes: tuple[str, ...]  # ("...", "i"); a fixed length is its digits
    kind: str  # real, integer, boolean
    parameter: bool  # kept by the class, not handed to its forward


@dataclass(frozen=True)
class Keyword:
    """One constant of the signature."""

    name: str
    default: Rational
    kind: str  # real; or a whole number: length (of an axis), step or offset (of positions along one)


@dataclass(frozen=True)
class Field:
    """One value that forward saves."""

    name: str
    kind: str  # array, int, shape, dtype, float
    value: Array  # what forward puts there
    axes: tuple[str, ...] | None = None  # of a tensor of the equations
    definition: Array | None = None  # of a temporary


@dataclass(frozen=True)
class Group:
    """Lines that only some gradients need."""

    gradients: tuple[str, ...]  # input names; all of them: the lines always run
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class ModulePlan:
    """What a printer needs to write the module, in the order in which it needs it."""

    name: str
    text: str
    called: tuple[str, ...]  # the texts of the layers that it calls, each after those that it calls itself
    doc: str
    elementwise: bool
    arguments: tuple[Argument, ...]
    constants: tuple[Keyword, ...]
    outputs: tuple[tuple[str, tuple[str, ...]], ...]
    ranges: tuple[tuple[str, Array], ...]  # integer inputs, and the length that their values stay below
    lengths: tuple[Assign, ...]  # that forward needs
    checks: tuple[Array, ...]  # calls that raise where positions or lengths do not fit
    forward: tuple[Statement, ...]
    residuals: tuple[Field, ...]
    prelude: tuple[Assign, ...]  # the lengths that backward needs
    upstream: tuple[tuple[str, Array], ...]  # cotangent, shape
    dtype: Array  # of the layer, as backward knows it
    backward: tuple[Group, ...]
    gradients: tuple[str, ...]  # input names
    kinks: bool  # whether a convention decides a derivative somewhere
    parts: tuple[str, ...] = ()  # inputs that are broadcast together, where others are not: one of each shape
    joint: str = ""  # an input of the shape that these are broadcast to, if there is one
