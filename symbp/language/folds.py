"""A reduction -> a Fold: its indices bound, each with the length that the text gives it, if any."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from sympy import Expr, Integer

from symbp.ir import Constant
from symbp.language.affine import check_defaults
from symbp.language.axes import Axis, fix
from symbp.language.functions import RENAMED
from symbp.language.names import index_name
from symbp.language.trees import Fixed, Fold, Run, Tree

if TYPE_CHECKING:
    from symbp.language.expression import Expression


def reduction(expression: Expression, name: str, node: ast.Call) -> Tree:
    if len(node.args) + len(node.keywords) < 2 or not node.args:
        expression.frame.fail(node, f"{name} reduces over an index: {name}(x[i], i)")
    runs = tuple(bind(expression, argument, name) for argument in node.args[1:])
    runs += tuple(ranged(expression, keyword) for keyword in node.keywords)
    if name.startswith("arg") and len(runs) > 1:
        expression.frame.fail(node, f"{name} is over one index")
    body = expression.value(node.args[0])
    del expression.equation.around[-len(runs) :]
    return Fold(name, body, runs)


def bind(expression: Expression, node: ast.expr, reduction: str) -> Run:
    name = index_name(node)
    if not name and reduction in RENAMED:
        expression.frame.fail(node, f"{reduction} reduces over an index; of two values write {RENAMED[reduction]}(a, b)")
    if not name:
        expression.frame.fail(node, f"{reduction} runs over an index here: {reduction}(x[i], i)")
    return running(expression, name, node)


def ranged(expression: Expression, keyword: ast.keyword) -> Run:
    """An index that is given its length: p=3 or p=kernel."""
    assert keyword.arg
    number = length(expression, keyword.value, keyword.arg)
    run = running(expression, keyword.arg, keyword)
    expression.equation.sized.add(keyword.arg)
    assert isinstance(run.space, Axis)
    expression.frame.unified(keyword, f"index {keyword.arg} has", partial(fix, run.space, number))
    return run


def length(expression: Expression, node: ast.expr, name: str) -> Expr:
    """The length that the text gives an index: a number, or a constant of the layer."""
    value = expression.value(node)
    number = value.value if isinstance(value, Fixed) else None
    if not isinstance(number, Constant) and not (isinstance(number, Integer) and number > 0):
        expression.frame.fail(node, f"the length of {name} is a whole number or a constant of the layer")
    check_defaults(expression, number, node, least=1)
    return number


def running(expression: Expression, name: str, node: ast.AST) -> Run:
    equation = expression.equation
    if run := equation.running(name):
        on_left = run in equation.left
        expression.frame.fail(node, f"index {name} is {'on the left' if on_left else 'bound around this'} already; bind another name")
    run = Run(name, equation.space(name, node))
    equation.bound.add(name)
    equation.around.append(run)
    return run
