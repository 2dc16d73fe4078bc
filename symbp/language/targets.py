"""What each left side is, by the text alone: a plain target, one of several places of a scatter, or the start of a recurrence."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from symbp.language.syntax import EquationSyntax, Syntax, base_name


@dataclass(frozen=True)
class Recurrence:
    """A target that its own steps read: at earlier steps of one axis, or at later ones."""

    axis: int  # counted from the last, which is -1
    step: int  # -1 where it reads earlier steps, 1 where later ones
    starts: Mapping[int, EquationSyntax]  # how far before the first step (after the last) -> the equation that says what is there


@dataclass(frozen=True)
class Assignment:
    """All equations that assign one name."""

    name: str
    equations: tuple[EquationSyntax, ...]  # in order; those of starts apart
    starts: tuple[EquationSyntax, ...] = ()

    @property
    def scattered(self) -> bool:
        """Its places are not simply all of the target's axes."""
        return len(self.equations) > 1 or any(not is_plain(e.target) or e.padded for e in self.equations)


def assignments(syntax: Syntax, ahead: frozenset[str]) -> dict[str, Assignment]:
    """The equations of each target, in the order of the last of each; ``ahead`` are the names that are read before that."""
    found: dict[str, list[EquationSyntax]] = {}
    for equation in syntax.equations:
        found.setdefault(base_name(equation.target), []).append(equation)
    return {name: assignment(syntax, name, equations, name in ahead) for name, equations in found.items()}


def assignment(syntax: Syntax, name: str, equations: Sequence[EquationSyntax], ahead: bool) -> Assignment:
    starts = tuple(e for e in equations if any(start_step(p, ahead) for p in places(e.target)))
    others = tuple(e for e in equations if e not in starts)
    if not others:
        syntax.fail(starts[0].target, f"{name} has a start, and no equation for its steps: {name}[t] = ... {name}[t-1]")
    if len(others) > 1 and all(is_plain(e.target) for e in others):
        line = others[0].target.lineno
        syntax.fail(others[1].target, f"{name} is assigned twice, first in line {line}; give each value a name of its own")
    if starts and not (len(others) == 1 and isinstance(others[0].target, ast.Subscript) and is_plain(others[0].target)):
        syntax.fail(others[-1].target, f"{name} has a start, so all its steps are one equation: {name}[t] = ... {name}[t-1]")
    return Assignment(name, others, starts)


def recurrence(syntax: Syntax, found: Assignment, reads: Iterable[ast.Subscript]) -> Recurrence | None:
    """How a target that is read ahead, or has starts, goes from step to step."""
    reads, starts = tuple(reads), [(e, *start_place(syntax, e, found.name)) for e in found.starts]
    if not reads and not starts:
        return None
    shifts = [shifted_axes(read) for read in reads]
    axis, step = starts[0][1:3] if starts else common_axis(syntax, found.name, reads, shifts)
    for read, axes in zip(reads, shifts, strict=True):
        if axes.get(axis, 0) * step <= 0:
            syntax.fail(read, misread(found.name, read, axes, axis, step))
    steps: dict[int, EquationSyntax] = {}
    for equation, other, direction, far in starts:
        if (other, direction) != (axis, step):
            only = "on one axis, and all before the first step or all after the last"
            syntax.fail(equation.target, f"the starts of {found.name} stand {only}")
        if far in steps:
            syntax.fail(equation.target, f"this start of {found.name} is assigned twice, first in line {steps[far].target.lineno}")
        steps[far] = equation
    return Recurrence(axis, step, steps)


def common_axis(syntax: Syntax, name: str, reads: Sequence[ast.Subscript], shifts: Sequence[Mapping[int, int]]) -> tuple[int, int]:
    """The first axis on which all reads go back, or all go on."""
    for axis, step in shifts[0].items():
        if all((other.get(axis) or 0) * step > 0 for other in shifts):
            return axis, 1 if step > 0 else -1
    syntax.fail(reads[-1], f"{name} is read at no common axis at earlier steps, or at later ones alone; one index goes from step to step")


def misread(name: str, read: ast.Subscript, axes: Mapping[int, int], axis: int, step: int) -> str:
    """What is wrong with a read of another step than the starts are for."""
    count = len(places(read))
    if axis not in axes:
        return f"{name} starts at axis {count + axis}, and is read at an earlier or later step of axis {count + next(iter(axes))}"
    before, sign = ("before", "-") if step < 0 else ("after", "+")
    return f"{name} is read here before it is assigned; this recurrence reads steps {before}, such as [t{sign}1]"


def shifted_axes(read: ast.Subscript) -> dict[int, int]:
    """The axes, counted from the last, that are read at an index plus or minus a number, and that number."""
    nodes = places(read)
    return {number - len(nodes): by for number, node in enumerate(nodes) if (by := shift(node))}


def shift(node: ast.expr) -> int:
    """k of ``t + k``, 0 for anything else."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
        return 0
    number, index = (node.left, node.right) if isinstance(node.left, ast.Constant) else (node.right, node.left)
    if not isinstance(index, ast.Name) or (index is node.right and isinstance(node.op, ast.Sub)):
        return 0
    return whole_number(number) * (1 if isinstance(node.op, ast.Add) else -1)


def start_place(syntax: Syntax, equation: EquationSyntax, name: str) -> tuple[int, int, int]:
    """The axis of a start, counted from the last, its direction, and how far from the first or last step it is."""
    nodes = places(equation.target)
    found = [(number - len(nodes), step) for number, node in enumerate(nodes) if (step := start_step(node, True))]
    if len(found) > 1:
        syntax.fail(nodes[found[1][0]], f"a start of {name} stands before the first step of one axis")
    for node in nodes:
        if not start_step(node, True) and not isinstance(node, ast.Name) and not is_dots(node):
            syntax.fail(node, f"the other axes of a start are indices: {name}[-1,n,k]")
    [(axis, step)] = found
    return axis, -1 if step < 0 else 1, abs(step)


def start_step(node: ast.expr, ahead: bool) -> int:
    """-k for the place k before the first step, k for the place k after the last, size(t) being the first of those; else 0."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -whole_number(node.operand)
    if not ahead:
        return 0
    if is_size(node):
        return 1
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and is_size(node.left):
        return 1 + whole_number(node.right)
    return 0


def whole_number(node: ast.expr) -> int:
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else 0


def is_size(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "size"


def is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def is_plain(target: ast.expr) -> bool:
    """Whether all places are indices, or there are none."""
    return all(isinstance(place, ast.Name) or is_dots(place) for place in places(target))


def places(node: ast.expr) -> Sequence[ast.expr]:
    """What stands in the brackets after a name."""
    if not isinstance(node, ast.Subscript):
        return []
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
