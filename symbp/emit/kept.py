"""A ModulePlan -> which forward values its backward pass uses, and whether they are saved or computed again: for the reader."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, islice

from sympy import Expr, Integer

from symbp.emit.numpy_text import text
from symbp.ir.derivation import Derivation, Kept
from symbp.plan.arrays import CIRCULAR, POWERS, Array, Assign, Call, Name, names
from symbp.plan.model import Field, ModulePlan
from symbp.plan.passes import read

POINTWISE = (
    CIRCULAR | POWERS | {"add", "subtract", "multiply", "divide", "negative", "square", "abs", "sign", "maximum", "minimum", "where"}
)

Shape = tuple[Expr, ...]


def kept(plan: ModulePlan, derivation: Derivation) -> tuple[Kept, ...]:
    """The arrays that forward saves, then the temporaries that backward computes once more."""
    forward, _ = derivation.stable or (derivation.forward, derivation.backward)
    shapes: dict[str, Shape] = {name: tensor.shape for name, tensor in forward.tensors.items()}
    shapes |= {constant.name: () for constant in plan.constants}
    for statement in plan.forward:
        if isinstance(statement, Assign) and statement.target not in shapes and (shape := _shape(statement.value, shapes)) is not None:
            shapes[statement.target] = shape
    made = {s.target: s.value for s in plan.forward if isinstance(s, Assign) and not s.number}
    saved = [_saved(field, plan, shapes, made) for field in plan.residuals if field.kind == "array"]
    return (*saved, *_again(plan, shapes))


def _saved(field: Field, plan: ModulePlan, shapes: Mapping[str, Shape], made: Mapping[str, Array]) -> Kept:
    code = text(field.definition) if field.definition else ""
    of = tuple(sorted(_sources(field.definition, made))) if field.definition else ()
    return Kept(field.name, _gradients(field.name, plan), shapes.get(field.name), code, of)


def _sources(node: Array, made: Mapping[str, Array]) -> set[str]:
    """The names that it is computed by, by way of temporaries too."""
    found = names(node)
    return found.union(*(_sources(made[name], made) for name in found if name in made))


def _gradients(name: str, plan: ModulePlan) -> tuple[str, ...]:
    wanted = {gradient for group in plan.backward if name in read(group.statements) for gradient in group.gradients}
    return tuple(filter(wanted.__contains__, plan.gradients))


def _again(plan: ModulePlan, shapes: Mapping[str, Shape]) -> tuple[Kept, ...]:
    """The temporaries that both passes compute alike; a truth value takes next to no memory, and a window none."""
    ahead = {s.value for s in plan.forward if isinstance(s, Assign) and not s.number}
    both = ((group, s) for group in plan.backward for s in group.statements if isinstance(s, Assign) and s.value in ahead)
    return tuple(
        Kept(s.target, group.gradients, shape, text(s.value), saved=False) for group, s in both if (shape := _shape(s.value, shapes))
    )


def _shape(node: Array, shapes: Mapping[str, Shape]) -> Shape | None:
    """The shape of an array that is computed point by point, or by a reduction over its last axis; None for any other."""
    if isinstance(node, Name):
        return shapes.get(node.text)
    if not isinstance(node, Call):
        return ()
    inner = [_shape(arg, shapes) for arg in node.args]
    known = [shape for shape in inner if shape is not None]
    if len(known) < len(inner) or not known:
        return None
    if node.function in POINTWISE:
        return _broadcast(known)
    if node.function == "expand":
        return _expanded(known[0], node.options)
    if node.function in ("sum", "max", "min", "mean") and node.options[:1] == (-1,):
        return known[0][:-1]
    return None


def _expanded(shape: Shape, pattern: tuple[object, ...]) -> Shape:
    """The shape with an axis of length 1 for each None."""
    axes = iter(shape)
    taken = sum(part == ":" for part in pattern)
    parts = ((Integer(1),) if p == "None" else (next(axes),) if p == ":" else tuple(islice(axes, len(shape) - taken)) for p in pattern)
    return (*chain.from_iterable(parts), *axes)


def _broadcast(shapes: list[Shape]) -> Shape:
    """The axes counted from the last, each as long as the first that is not 1."""
    rank = max(map(len, shapes))
    padded = [(Integer(1),) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(next((size for size in axis if size != 1), Integer(1)) for axis in zip(*padded, strict=True))
