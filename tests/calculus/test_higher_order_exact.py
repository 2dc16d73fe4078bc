"""Gradients and tangents as layers, and theirs again, run in the exact interpreter against difference quotients."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from exact import DIGITS, STEP, cotangents, difference_quotients, sample, tabulated, worst_difference
from recurrent import MATRICES, RECURRENCES, reversed_rnn, rnn
from windowed import LENGTHS, WINDOWS

from symbp.algebra import output_form, simplify
from symbp.calculus import derive, jvp, vjp
from symbp.errors import DeriveError
from symbp.ir import Element, Equation, Program, Tensor, run

Arrays = dict[str, np.ndarray]
PROGRAMS: dict[str, Callable[[], Program]] = {build.__name__: build for build in (*WINDOWS, *RECURRENCES, *MATRICES)}
LONG = ("convolution_2d", "padded_max_pool", "rnn", "lstm")


def pulled(program: Program, arrays: Arrays) -> tuple[Program, Arrays, Any]:
    """(the layer of the gradients, its inputs, how far they are from difference quotients)"""
    upstream = cotangents(program, arrays, program.name)
    layer = vjp(program, simplify(derive(program, program, output_form)))
    given = arrays | dict(zip((t.name for t in layer.inputs if t.name not in arrays), upstream.values(), strict=True))
    expected = difference_quotients(program, arrays, upstream)
    return layer, given, worst_difference(outputs(layer, given, expected), expected)


def pushed(program: Program, arrays: Arrays) -> tuple[Program, Arrays, Any]:
    """(the layer of the tangents, its inputs, how far they are from a difference quotient)"""
    draw = random.Random(program.name)
    real = [t.name for t in program.inputs if t.kind == "real"]
    directions = {name: tabulated(np.shape(arrays[name]), lambda _: mpmath.mpf(draw.randint(-900, 900)) / 1000) for name in real}
    layer = jvp(program, output_form)
    given = arrays | dict(zip((t.name for t in layer.inputs if t.name not in arrays), directions.values(), strict=True))
    expected = along(program, arrays, directions)
    return layer, given, worst_difference(outputs(layer, given, expected), expected)


def outputs(layer: Program, arrays: Arrays, names: Mapping[str, Any]) -> Arrays:
    """The last outputs of the layer, called by these names."""
    values = run(layer, arrays, digits=DIGITS)
    return dict(zip(names, (values[t.name] for t in layer.outputs[-len(names) :]), strict=True))


def along(program: Program, arrays: Arrays, directions: Arrays) -> Arrays:
    """How the real outputs change along the directions, per unit."""
    with mpmath.workdps(DIGITS):

        def moved(sign: int) -> Arrays:
            return run(program, arrays | {name: arrays[name] + sign * STEP * directions[name] for name in directions}, digits=DIGITS)

        ahead, behind = moved(1), moved(-1)
        return {t.name: (ahead[t.name] - behind[t.name]) / (2 * STEP) for t in program.outputs if t.kind == "real"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_layers_of_gradients_and_of_tangents_are_exact(name: str) -> None:
    program = PROGRAMS[name]()
    arrays = sample(program, LENGTHS, name)
    assert pulled(program, arrays)[-1] < 1e-30
    assert pushed(program, arrays)[-1] < 1e-30


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in LONG])
@pytest.mark.parametrize("first", [pulled, pushed])
def test_their_own_gradients_and_tangents_are_exact(name: str, first: Callable[..., Any]) -> None:
    program = PROGRAMS[name]()
    layer, arrays, _ = first(program, sample(program, LENGTHS, name))
    assert pulled(layer, arrays)[-1] < 1e-30
    assert pushed(layer, arrays)[-1] < 1e-30


# ---------------------------------------------------------------- names


def square() -> Program:
    x, y = Tensor("x"), Tensor("y")
    return Program("square", (x,), (Equation(Element(y), Element(x) ** 3, 1),), (y,))


def gradients(program: Program) -> Program:
    return vjp(program, simplify(derive(program, program, output_form)))


def test_a_gradient_is_called_by_its_input_with_bar() -> None:
    layer = gradients(square())
    assert (layer.name, str(layer.inputs), str(layer.outputs)) == ("square_vjp", "(x, y_bar)", "(x_bar,)")
    assert [str(e) for e in layer.equations] == ["x_bar = 3*x**2*y_bar"]


def test_a_tangent_is_called_by_its_value_with_dot() -> None:
    layer = jvp(square())
    assert (layer.name, str(layer.inputs), str(layer.outputs)) == ("square_jvp", "(x, x_dot)", "(y, y_dot)")
    assert [str(e) for e in layer.equations] == ["y = x**3", "y_dot = 3*x**2*x_dot"]


def test_a_name_that_is_taken_gets_a_number() -> None:
    twice = gradients(gradients(square()))
    assert (str(twice.inputs), str(twice.outputs)) == ("(x, y_bar, x_bar_bar)", "(x_bar2, y_bar_bar)")
    assert str(jvp(jvp(square())).inputs) == "(x, x_dot, x_dot2, x_dot_dot)"


def test_equations_of_the_forward_pass_that_no_gradient_needs_are_left_out() -> None:
    layer = gradients(PROGRAMS["max_pool"]())
    assert [e.name for e in layer.equations] == ["y_argmax", "x_bar"]


def test_positions_of_maxima_that_are_there_are_not_computed_again() -> None:
    twice = jvp(jvp(PROGRAMS["max_pool"]()))
    assert [e.name for e in twice.equations if e.target.head.kind == "integer"] == ["y_argmax"]


def test_the_tangents_of_a_recurrence_are_one_that_runs_the_same_way() -> None:
    for build, runs_back in ((rnn, False), (reversed_rnn, True)):
        state, tangent = jvp(build()).equations
        assert (tangent.name, state.loop != tangent.loop, tangent.loop and tangent.loop.reverse) == ("h_dot", True, runs_back)


def test_a_tangent_starts_where_its_value_starts() -> None:
    assert "where(Eq(t, 0), h0_dot[n,j], h_dot[t - 1,n,j])" in str(jvp(rnn()).equations[-1].value)


def test_an_output_that_nothing_moves_has_tangent_zero() -> None:
    x, z, y = Tensor("x"), Tensor("z", (), "integer"), Tensor("y")
    program = Program("f", (x, z), (Equation(Element(y), Element(z) + sympy.Integer(1), 1),), (y,))
    assert str(jvp(program).equations[-1]) == "y_dot = 0"


def test_what_cannot_be_derived_raises_in_forward_mode_too() -> None:
    x, y = Tensor("x"), Tensor("y")
    program = Program("f", (x,), (Equation(Element(y), sympy.floor(Element(x)), 1),), (y,))
    with pytest.raises(DeriveError, match=r"^f, equation 1: y: no derivative of floor"):
        jvp(program)
