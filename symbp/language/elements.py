"""A tensor in brackets -> a Read: its positions looked up, its axes unified with the indices that run over them."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from sympy import Integer

from symbp.language.affine import ZERO, affine
from symbp.language.axes import Axis, Space
from symbp.language.frames import Frame, Use
from symbp.language.functions import FUNCTIONS, MATRIX, REDUCTIONS
from symbp.language.kinds import use
from symbp.language.names import index_name
from symbp.language.recurrence import earlier_or_start, steps_on
from symbp.language.targets import places
from symbp.language.trees import Affine, Fixed, Pad, Position, Read, Tree, Variable

if TYPE_CHECKING:
    from symbp.language.expression import Expression

INDEX_FORMS = "a subscript is an index, a whole number, a sum of indices (i*stride + p), or an element of an integer tensor"


def element(expression: Expression, node: ast.Subscript, padded: bool = False) -> Tree:
    """The element; where it is one of a recurrence's earlier steps, with what stands before the first."""
    variable = subscripted(expression, node.value)
    positions = [position(expression, place, number, str(variable)) for number, place in enumerate(places(node))]
    found = read(expression.frame, variable, tuple(p for p, _ in positions), tuple(s for _, s in positions), node)
    fail, written = partial(expression.frame.fail, node), expression.frame.layer.syntax.written(node)
    value = earlier_or_start(expression, found, node, padded)
    for number, (place, space) in enumerate(positions):
        if isinstance(place, Affine) and not steps_on(expression, found, number - len(positions), node):
            assert isinstance(space, Axis)
            guarded = expression.branches > 0 or value is not found
            expression.equation.uses.append(Use(place, space, padded, guarded, written, fail))
    return value


def pad(expression: Expression, node: ast.Call) -> Tree:
    """An element of a tensor that is continued outside."""
    if node.keywords or not 1 <= len(node.args) <= 2:
        expression.frame.fail(node, "pad takes an element, and the value outside if it is not 0: pad(x[i-1]), pad(x[i-1], -inf)")
    inner = node.args[0]
    if not isinstance(inner, ast.Subscript):
        expression.frame.fail(inner, "pad is of an element of a tensor: pad(x[i-1])")
    for place in places(inner):
        if is_literal(place) and isinstance(place, ast.UnaryOp):
            expression.frame.fail(place, "a negative number counts from the end, which is never outside; pad is of places that may be")
    found = element(expression, inner, padded=True)
    assert isinstance(found, Read)
    fill = expression.branch(node.args[1]) if len(node.args) == 2 else ZERO
    if not isinstance(fill, Fixed):
        expression.frame.fail(node.args[1], "what stands outside is a number, a constant of the layer, inf or -inf")
    return Pad(found, fill)


def subscripted(expression: Expression, node: ast.expr) -> Variable:
    """The tensor before the brackets."""
    frame = expression.frame
    if isinstance(node, ast.Name):
        found = frame.values.get(node.id)
        if isinstance(found, Variable):
            return found
        what = "a constant" if node.id in frame.values else "an index here"
        frame.fail(node, f"{node.id} is {what}, not a tensor, and has no axes")
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    if not isinstance(node, ast.Call) or name in FUNCTIONS or name in REDUCTIONS:
        frame.fail(node, "only a tensor, or a layer called on whole tensors, has axes; give this a name in an equation of its own")
    layer = frame.layer.scope.get(name)
    if name in MATRIX:
        return expression.calls.matrix(expression, node, name)
    if layer is None:
        frame.fail(node, expression.unknown(name))
    if layer.elementwise:
        frame.fail(node, f"{name} is elementwise and has no axes of its own; write {name}(x[n]), not {name}(x)[n]")
    return expression.calls.whole(expression, node, layer)


def position(expression: Expression, node: ast.expr, number: int, tensor: str) -> tuple[Position, Space]:
    frame = expression.frame
    name = index_name(node)
    if name and name not in frame.values:
        if name == "..." and number:
            frame.fail(node, "... stands for leading axes and comes first: x[...,i]")
        run = expression.active(name, node, f"axis {name} of {tensor}")
        expression.equation.sized.add(name)
        return run, run.space
    return placed(expression, node), Axis(frame.session.hint(1000, f"{tensor}{number}".lower()))


def placed(expression: Expression, node: ast.expr) -> Position:
    """A whole number, a gather, or a sum of indices."""
    if is_literal(node):
        value = expression.value(node)
        if not isinstance(value, Fixed) or not isinstance(value.value, Integer):
            expression.frame.fail(node, INDEX_FORMS)
        return int(value.value)
    if isinstance(node, ast.Subscript) or (isinstance(node, ast.Name) and isinstance(expression.frame.values.get(node.id), Variable)):
        return gathered(expression, node)
    if not isinstance(node, ast.BinOp | ast.UnaryOp | ast.Name | ast.Call):
        expression.frame.fail(node, INDEX_FORMS)
    form = affine(expression, node)
    if form.terms or not isinstance(form.rest, Fixed) or not isinstance(form.rest.value, Integer):
        return form
    if form.rest.value < 0:
        expression.frame.fail(node, f"position {form.rest.value} is before the first; only a number that stands alone counts from the end")
    return int(form.rest.value)


def gathered(expression: Expression, node: ast.expr) -> Read:
    """An element of an integer tensor."""
    value = expression.value(node)
    if not isinstance(value, Read):
        expression.frame.fail(node, INDEX_FORMS)
    use(expression, value.variable, "integer", node, "is used as a subscript, but its value is no whole number")
    return value


def is_literal(node: ast.expr) -> bool:
    """A number as it is written, with or without a sign."""
    inner = node.operand if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not) else node
    return isinstance(inner, ast.Constant) and inner.value is not ...


def read(frame: Frame, variable: Variable, positions: tuple[Position, ...], spaces: tuple[Space, ...], node: ast.expr) -> Read:
    """An element; the first read fixes the rank of the tensor."""
    frame.fit(variable, spaces, node)
    return Read(variable, positions)
