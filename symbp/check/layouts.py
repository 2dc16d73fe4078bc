"""Axis lengths to try a Program at: tiny, and different where they are free, so that axes cannot be mixed up."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import mpmath
import numpy as np
import sympy
from sympy import Expr

from symbp.ir import Bracket, Derived, Element, Index, Leading, Node, Padded, Program, Reduce, Size, Tensor, Where
from symbp.ir.interpret import Machine, constant_values

Layout = dict[Expr, Any]  # an int for a Size, a tuple of ints for a Leading

CANDIDATES = 60
WINDOWED = 240  # where lengths have to be such that windows fit
AFFORDABLE = 20_000  # nodes that the interpreter evaluates in one run
WIDEST = (4, 6, 9, 12)  # how long an axis may be, tried in turn
ALIKE: tuple[tuple[int, ...], ...] = ((2,), (), (2, 3))
MIXED: tuple[tuple[int, ...], ...] = ((3, 1), (2,), (), (1, 2), (3, 2))  # any of them broadcast together


def is_elementwise(program: Program) -> bool:
    """Whether every tensor has the leading axes alone, and each value comes from the elements at its own place, wherever that is."""
    shapes = {t.shape for t in program.tensors.values()}
    plain = all(len(shape) == 1 and isinstance(shape[0], Leading) for shape in shapes)
    return plain and not any(_knows_its_place(e.value) for e in program.equations)


def _knows_its_place(expr: Any) -> bool:
    """Whether a reduction, a length or an index used as a number stands in expr."""
    if isinstance(expr, Element):
        return False
    return isinstance(expr, Reduce | Index | Size) or any(map(_knows_its_place, expr.args))


def leadings(program: Program) -> tuple[Leading, ...]:
    """The Leadings of the inputs, in order, those apart that follow from others."""
    return tuple(dict.fromkeys(size for t in program.inputs for size in t.shape if isinstance(size, Leading) and not size.parts))


def sizes(program: Program) -> tuple[Size, ...]:
    """The free axis lengths of the inputs, in order."""
    found = (s for t in program.inputs for size in t.shape for s in sorted(size.free_symbols, key=str))
    return tuple(dict.fromkeys(s for s in found if isinstance(s, Size) and not isinstance(s, Leading | Derived)))


def derived(program: Program) -> tuple[Derived, ...]:
    """The lengths that follow from others, in a fixed order."""
    return tuple(sorted((size for size in spans(program) if isinstance(size, Derived)), key=str))


def spans(program: Program) -> set[Expr]:
    """The lengths of all indices and of all axes of targets and inputs."""
    found = {i.size for e in program.equations for i in (*e.target.atoms(Index), *e.value.atoms(Index))}
    return found | {size for tensor in program.tensors.values() for size in tensor.shape}


def _pairs(program: Program, assignment: Layout) -> int:
    """How many reductions are over two terms only: a normalisation of two has hardly a gradient."""
    reduced = {i.size for e in program.equations for r in e.value.atoms(Reduce) for i in r.indices}
    return sum(assignment.get(size) == 2 for size in reduced)


def machine_at(program: Program, layout: Layout, constants: Mapping[str, Any]) -> Machine:
    """What evaluates lengths at a layout; leading axes that it says nothing of have length one."""
    lengths = dict.fromkeys(leadings(program), (1,)) | layout
    return Machine({}, lengths, constant_values(program, constants))


def shape_of(tensor: Tensor, machine: Machine) -> tuple[int, ...]:
    """The shape of a tensor, its leading axes spread out."""
    lengths = (machine.length(size) for size in tensor.shape)
    return tuple(itertools.chain(*(n if isinstance(n, tuple) else (n,) for n in lengths)))


def layouts(program: Program, constants: Mapping[str, Any], rng: np.random.Generator) -> Iterator[Layout]:
    """Layouts that the program can be run at, the most telling first; shapes of leading axes take turns."""
    assignments = _assignments(program, constants, rng)
    patterns = _leading_patterns(program)
    for k in range(max(len(patterns), len(assignments)) if assignments else 0):
        yield assignments[k % len(assignments)] | patterns[k % len(patterns)]


def _leading_patterns(program: Program) -> list[Layout]:
    many = leadings(program)
    if len(many) <= 1:
        return [dict.fromkeys(many, shape) for shape in ALIKE]
    turns = [[MIXED[(k + turn) % len(MIXED)] for k in range(len(many))] for turn in range(2)]
    return [dict.fromkeys(many, (2, 2)), *(dict(zip(many, turn, strict=True)) for turn in turns), dict.fromkeys(many, ())]


def _assignments(program: Program, constants: Mapping[str, Any], rng: np.random.Generator) -> list[Layout]:
    names = sizes(program)
    if not names:
        return [{}]
    windowed, fitting = bool(derived(program)), list[Layout]()
    for widest in WIDEST:
        drawn = {tuple(int(n) for n in rng.integers(2, widest + 1, len(names))) for _ in range(WINDOWED if windowed else CANDIDATES)}
        found = [dict(zip(names, lengths, strict=True)) for lengths in sorted(drawn)]
        fitting += [a for a in found if _fits(program, a, constants)]
        if any(not windowed or not (_clashes(program, a) or _single(program, a, constants)) for a in fitting):
            break
    return sorted(fitting, key=lambda a: _rank(program, a, constants, windowed))


def _rank(program: Program, assignment: Layout, constants: Mapping[str, Any], windowed: bool) -> tuple[int, ...]:
    """What tells most comes first; of windows, whose sums are long, what can be afforded."""
    cost, single = work(program, assignment, constants), _single(program, assignment, constants)
    if windowed and cost > AFFORDABLE:
        return 1, single, cost
    return 0, single, _clashes(program, assignment), _pairs(program, assignment), cost


def _single(program: Program, assignment: Layout, constants: Mapping[str, Any]) -> int:
    """How many windows stand at one place only: it does not matter how far apart they would be."""
    machine = machine_at(program, assignment, constants)
    return sum(machine.length(size) == 1 for size in derived(program))


def _clashes(program: Program, assignment: Layout) -> int:
    """How many pairs of axes of one tensor have one length although they need not."""
    pairs = (pair for t in program.inputs for pair in itertools.combinations(t.shape, 2))
    return sum(a != b and assignment.get(a) == assignment.get(b, 0) for a, b in pairs)


def _fits(program: Program, assignment: Layout, constants: Mapping[str, Any]) -> bool:
    """Whether every axis that follows from these lengths has one place at least, and what is always read lies inside its array."""
    machine = machine_at(program, assignment, constants)
    try:
        lengths = [_length(machine, size) for size in sorted(spans(program), key=sympy.default_sort_key)]
    except ValueError:  # no window fits
        return False
    return all(n >= 1 and n == int(n) for n in lengths) and all(_reads_inside(machine, e.value) for e in program.equations)


def _reads_inside(machine: Machine, node: Any) -> bool:
    """Whether all positions made of indices and numbers that are read in any case are positions of their axes."""
    if isinstance(node, Element) and not all(_is_inside(machine, *pair) for pair in zip(node.position, node.head.shape, strict=True)):
        return False
    parts = node.args[0].position if isinstance(node, Padded) else node.args[:1] if isinstance(node, Where) else node.args
    return all(_reads_inside(machine, part) for part in parts)


def _is_inside(machine: Machine, position: Expr, size: Expr) -> bool:
    """An affine position is largest and smallest where each of its indices is first or last."""
    if isinstance(position, Index) or position.has(Node):
        return True
    indices = sorted(position.atoms(Index), key=str)
    ends = itertools.product(*((0, machine.length(i.size) - 1) for i in indices))
    found = [machine.evaluate(position, dict(zip(indices, at, strict=True))) for at in ends]
    length = machine.length(size)
    return all((-length if position.is_Integer else 0) <= at < length for at in found)


def _length(machine: Machine, size: Expr) -> Any:
    length = machine.evaluate(size, {})
    return length if isinstance(length, int | mpmath.mpf) else 0


def work(program: Program, layout: Layout, constants: Mapping[str, Any]) -> int:
    """About how many nodes the interpreter evaluates in one run."""
    machine = machine_at(program, layout, constants)

    def nodes(expr: Any) -> int:
        inside = 1 + sum(nodes(arg) for arg in expr.args)
        return inside * _places(machine, expr.indices) if isinstance(expr, Reduce) else inside

    return sum(nodes(e.value) * _places(machine, sorted(e.target.atoms(Index), key=str)) for e in program.equations)


def _places(machine: Machine, indices: Any) -> int:
    return math.prod(math.prod(n) if isinstance(n, tuple) else n for n in (machine.length(i.size) for i in indices))


def integer_bounds(program: Program) -> dict[str, tuple[Expr, ...]]:
    """For every integer input, the lengths that its values stay below: of the axes it indexes and the indices it meets."""
    bounds: dict[str, dict[Expr, None]] = {t.name: {} for t in program.inputs if t.kind == "integer"}
    for expr in (part for e in program.equations for part in (e.target, e.value)):
        for name, size in itertools.chain(_gathered(expr), _compared(expr)):
            if name in bounds:
                bounds[name][size] = None
    return {name: tuple(found) for name, found in bounds.items()}


def _gathered(expr: Expr) -> Iterator[tuple[str, Expr]]:
    for element in sorted(expr.atoms(Element), key=sympy.default_sort_key):
        for position, size in zip(element.position, element.head.shape, strict=True):
            yield from ((inner.name, size) for inner in position.atoms(Element))


def _compared(expr: Expr) -> Iterator[tuple[str, Expr]]:
    for node in sorted(expr.atoms(Bracket, sympy.core.relational.Relational), key=sympy.default_sort_key):
        sides = (node.args, node.args[::-1])
        for left, right in sides:
            lengths = [i.size for i in sorted(right.atoms(Index), key=str)] if not right.has(Element) else []
            lengths += [right + 2] if right.is_Integer else []
            yield from ((element.name, size) for element in left.atoms(Element) for size in lengths)
