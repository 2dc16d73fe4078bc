"""Exact slopes: difference quotients at many digits, also with the choices of a point kept."""

import mpmath
import numpy as np
import pytest
import sympy
from layers_by_hand import ABSOLUTE, RELU, SIGMOID, elementwise, rowmax, softmax

from symbp.check.exact import Exact, unit
from symbp.ir import Where


def slope(program, at, settled=False):
    exact = Exact(program, {})
    return (exact.settled_slope if settled else exact.slope)({"x": at}, {"x": 1.0}, {"y": 1.0})


def test_a_slope_is_right_to_thirty_five_digits():
    with mpmath.workdps(60):
        y = 1 / (1 + mpmath.exp(-1))
        assert abs(slope(SIGMOID, 1.0) - y * (1 - y)) < mpmath.mpf("1e-35")


def test_a_settled_slope_is_the_slope_away_from_kinks():
    assert mpmath.almosteq(slope(SIGMOID, 0.3), slope(SIGMOID, 0.3, settled=True))


def test_a_settled_slope_at_a_kink_is_that_of_the_branch_taken():
    assert slope(RELU, 0.0, settled=True) == 0
    assert mpmath.almosteq(slope(RELU, 0.0), 0.5)


def test_a_settled_slope_of_abs_at_zero_is_zero():
    assert slope(ABSOLUTE, 0.0, settled=True) == 0


def test_a_branch_inside_a_condition_is_settled_too():
    program = elementwise("f", lambda x: Where(Where(x > 0, x, -x) > 1, 3 * x, x))
    assert mpmath.almosteq(slope(program, -1.0, settled=True), 1) and mpmath.almosteq(slope(program, -2.0, settled=True), 3)


def test_the_first_of_equal_maxima_has_the_slope():
    exact, x = Exact(rowmax(), {}), np.ones((1, 3))
    found = [float(exact.settled_slope({"x": x}, {"x": unit((1, 3), (0, k))}, {"y": np.ones(1)})) for k in range(3)]
    assert found == pytest.approx([1, 0, 0])


def test_a_slope_along_a_direction_weighs_outputs_with_the_upstream():
    x, u, v = np.array([0.1, -0.4, 0.7]), np.array([1.0, 2.0, -1.0]), np.array([0.5, -1.0, 2.0])
    p = np.exp(x) / np.exp(x).sum()
    expected = v @ (np.diag(p) - np.outer(p, p)) @ u
    assert float(Exact(softmax(), {}).slope({"x": x}, {"x": u}, {"y": v})) == pytest.approx(expected, rel=1e-13)


def test_sign_has_no_slope():
    assert slope(elementwise("f", sympy.sign), 0.0, settled=True) == 0
