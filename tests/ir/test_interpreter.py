"""The exact interpreter against plain NumPy, and where it has to refuse."""

import mpmath
import numpy as np
import pytest
import scipy.special
import sympy
from sympy import Rational

from symbp.ir import (
    Bracket,
    Broadcast,
    Constant,
    Element,
    Equation,
    Index,
    Leading,
    Program,
    Reduce,
    Size,
    Tensor,
    Where,
    axis_lengths,
    run,
)
from symbp.ir.functions import expm1, log1p, logaddexp

NI, NJ, DOTS = Size("I"), Size("J"), Leading("...")
i, j, rest = Index("i", NI), Index("j", NJ), Index("...", DOTS)
x, A, t = Tensor("x", (NI,)), Tensor("A", (NI, NJ)), Tensor("t", (NJ,), "integer")
s, v = Tensor("s", ()), Tensor("v", (DOTS,))
rng = np.random.default_rng(0)


def result(target, value, inputs, arrays, constants=(), **options):
    """The values of one equation, as floats."""
    program = Program("f", inputs, (Equation(target, value),), (target.head,), constants)
    table = run(program, arrays, **options)[target.name]
    return np.vectorize(float, otypes=[float])(table)


def vector(value, array, **options):
    return result(Element(Tensor("y", (NI,)), i), value, (x,), {"x": array}, **options)


def scalar(value, inputs, arrays, **options):
    return result(Element(Tensor("y")), value, inputs, arrays, **options)


FUNCTIONS = {
    "exp": (sympy.exp, np.exp),
    "log": (sympy.log, np.log),
    "sqrt": (sympy.sqrt, np.sqrt),
    "sin": (sympy.sin, np.sin),
    "cos": (sympy.cos, np.cos),
    "tan": (sympy.tan, np.tan),
    "asin": (sympy.asin, np.arcsin),
    "acos": (sympy.acos, np.arccos),
    "atan": (sympy.atan, np.arctan),
    "sinh": (sympy.sinh, np.sinh),
    "cosh": (sympy.cosh, np.cosh),
    "tanh": (sympy.tanh, np.tanh),
    "asinh": (sympy.asinh, np.arcsinh),
    "atanh": (sympy.atanh, np.arctanh),
    "erf": (sympy.erf, scipy.special.erf),
    "erfc": (sympy.erfc, scipy.special.erfc),
    "loggamma": (sympy.loggamma, scipy.special.gammaln),
    "digamma": (sympy.digamma, scipy.special.digamma),
    "abs": (sympy.Abs, np.abs),
    "sign": (sympy.sign, np.sign),
    "power": (lambda a: a ** Rational(5, 2), lambda a: a**2.5),
    "reciprocal": (lambda a: 1 / a, lambda a: 1 / a),
    "log1p": (log1p, np.log1p),
    "expm1": (expm1, np.expm1),
    "logaddexp": (lambda a: logaddexp(a, 2 * a), lambda a: np.logaddexp(a, 2 * a)),
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_is_what_numpy_says(name):
    symbolic, numeric = FUNCTIONS[name]
    array = rng.uniform(0.1, 0.9, 4)
    np.testing.assert_allclose(vector(symbolic(Element(x, i)), array), numeric(array), rtol=1e-14)


def test_acosh_is_what_numpy_says_above_one():
    np.testing.assert_allclose(vector(sympy.acosh(Element(x, i)), [1.5, 2.5]), np.arccosh([1.5, 2.5]), rtol=1e-14)


REDUCTIONS = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "argmax": np.argmax, "argmin": np.argmin}


@pytest.mark.parametrize("op", sorted(REDUCTIONS))
def test_a_reduction_is_what_numpy_says(op):
    array = rng.standard_normal((3, 4))
    found = result(Element(Tensor("y", (NI,)), i), Reduce(op, Element(A, i, j), j), (A,), {"A": array})
    np.testing.assert_allclose(found, REDUCTIONS[op](array, axis=1), rtol=1e-14)


def test_argmax_over_two_indices_counts_as_numpy_does():
    array = rng.standard_normal((3, 4))
    assert scalar(Reduce("argmax", Element(A, i, j), i, j), (A,), {"A": array}) == array.argmax()


@pytest.mark.parametrize("op", ["argmax", "argmin"])
def test_the_first_of_equal_extremes_is_the_one(op):
    assert scalar(Reduce(op, Element(x, i), i), (x,), {"x": [2, 2, 2]}) == 0


def test_a_matrix_product_is_what_numpy_says():
    K = Size("K")
    k, B = Index("k", K), Tensor("B", (NJ, K))
    a, b = rng.standard_normal((2, 3)), rng.standard_normal((3, 4))
    found = result(Element(Tensor("y", (NI, K)), i, k), Reduce("sum", Element(A, i, j) * Element(B, j, k), j), (A, B), {"A": a, "B": b})
    np.testing.assert_allclose(found, a @ b, rtol=1e-14)


def test_sums_side_by_side_may_use_one_index():
    sums = Reduce("sum", Element(x, i), i) * Reduce("sum", Element(x, i) ** 2, i)
    assert scalar(sums, (x,), {"x": [1, 2, 3]}) == 6 * 14


def test_a_nested_reduction_does_not_capture_the_index_around_it():
    k = Index("k", NI)
    value = Reduce("sum", Element(x, i) * Reduce("sum", Element(x, k) * Bracket(i, k), k), i)
    assert scalar(value, (x,), {"x": [1, 2, 3]}) == 14


def test_a_bracket_is_one_on_the_diagonal():
    k = Index("k", NI)
    found = result(Element(Tensor("y", (NI, NI)), i, k), Bracket(i, k) * Element(x, i), (x,), {"x": [1, 2, 3]})
    np.testing.assert_array_equal(found, np.diag([1, 2, 3]))


def test_an_index_may_be_used_as_a_number_and_compared():
    np.testing.assert_array_equal(vector(Where(i > 0, i * Element(x, i), -1), [5, 6, 7]), [-1, 6, 14])


def test_a_size_is_the_length_of_its_axis():
    assert scalar(Reduce("sum", Element(x, i), i) / NI, (x,), {"x": [1, 2, 6]}) == 3


def test_leading_axes_are_any_number_of_axes():
    y = Element(Tensor("y", (DOTS,)), rest)
    for shape in ((), (3,), (2, 3)):
        array = rng.standard_normal(shape)
        np.testing.assert_array_equal(result(y, 2 * Element(v, rest), (v,), {"v": array}), 2 * array)


def test_leading_axes_may_be_reduced_over():
    assert scalar(Reduce("sum", Element(v, rest), rest) / DOTS, (v,), {"v": [[1, 2], [3, 6]]}) == 3


def test_broadcasting_is_what_numpy_does():
    ours = Leading("...a"), Leading("...b")
    joint = Leading("...", ours)
    k = Index("...", joint)
    a, b = Tensor("a", (ours[0],)), Tensor("b", (ours[1],))
    value = Element(a, Broadcast(k, ours[0])) - Element(b, Broadcast(k, ours[1]))
    for shapes in (((3, 1), (2,)), ((), (2, 2)), ((2, 1, 2), (3, 1)), ((2,), (2,))):
        arrays = {"a": rng.standard_normal(shapes[0]), "b": rng.standard_normal(shapes[1])}
        found = result(Element(Tensor("y", (joint,)), k), value, (a, b), arrays)
        np.testing.assert_allclose(found, arrays["a"] - arrays["b"], rtol=1e-14)


def test_a_gather_reads_what_numpy_reads():
    found = result(Element(Tensor("y", (NJ,)), j), Element(x, Element(t, j)), (x, t), {"x": [5, 6, 7], "t": [2, 0, 2, 1]})
    np.testing.assert_array_equal(found, [7, 5, 7, 6])


def test_a_scatter_writes_where_the_position_says():
    twice = Tensor("y", (2 * NI,))
    np.testing.assert_array_equal(result(Element(twice, 2 * i + 1), Element(x, i), (x,), {"x": [5, 6]}), [0, 5, 0, 6])


@pytest.mark.parametrize("outside", [3, -1])
def test_a_gather_outside_the_array_raises(outside):
    with pytest.raises(IndexError, match=rf"^x\[t\[j\]\]: position {outside} is outside axis 0 of length 3$"):
        result(Element(Tensor("y", (NJ,)), j), Element(x, Element(t, j)), (x, t), {"x": [5, 6, 7], "t": [0, outside]})


def test_an_affine_read_before_the_array_raises():
    with pytest.raises(IndexError, match=r"^x\[i - 1\]: position -1 is outside axis 0 of length 3$"):
        vector(Element(x, i - 1), [5, 6, 7])


def test_a_negative_number_counts_from_the_end():
    assert scalar(Element(x, -1), (x,), {"x": [5, 6, 7]}) == 7


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 2, 3)])
def test_a_negative_number_counts_from_the_end_behind_leading_axes(shape):
    last = Tensor("u", (DOTS, NI))
    array = rng.standard_normal(shape)
    found = result(Element(Tensor("y", (DOTS,)), rest), Element(last, rest, -1), (last,), {"u": array})
    np.testing.assert_array_equal(found, array[..., -1])


def test_the_branch_not_taken_is_not_looked_at():
    value = Where(i > 0, 1 / Element(x, i - 1), Element(x, i))
    np.testing.assert_array_equal(vector(value, [2, 4, 0]), [2, 0.5, 0.25])


def test_an_infinite_branch_not_taken_leaves_no_trace():
    value = Where(Element(x, i) > 0, sympy.log(Element(x, i)), -sympy.oo)
    np.testing.assert_array_equal(np.exp(vector(value, [0.0, 1.0])), [0, 1])


def test_a_boolean_tensor_is_a_condition():
    mask = Tensor("m", (NI,), "boolean")
    value = Where(sympy.Ne(Element(mask, i), 0), Element(x, i), 0)
    found = result(Element(Tensor("y", (NI,)), i), value, (x, mask), {"x": [1, 2], "m": np.array([True, False])})
    np.testing.assert_array_equal(found, [1, 0])


def test_chained_conditions_are_what_python_says():
    value = Where(sympy.And(Element(x, i) > 0, sympy.Not(Element(x, i) > 2)), 1, 0)
    np.testing.assert_array_equal(vector(value, [-1, 1, 3]), [0, 1, 0])


def test_a_constant_has_its_default_unless_another_is_given():
    c = Constant("c")
    options = {"constants": ((c, Rational(1, 3)),)}
    program = Program("f", (s,), (Equation(Element(Tensor("y")), c * Element(s)),), (Tensor("y"),), options["constants"])
    assert mpmath.almosteq(run(program, {"s": 3})["y"].item(), 1)
    assert run(program, {"s": 3}, {"c": 2})["y"].item() == 6


def test_a_window_of_constant_width_is_what_numpy_says():
    width = Constant("width")
    p, places = Index("p", width), Index("i", NI - width + 1)
    y = Tensor("y", (NI - width + 1,))
    found = result(Element(y, places), Reduce("max", Element(x, places + p), p), (x,), {"x": [3, 1, 4, 1, 5]}, ((width, Rational(2)),))
    np.testing.assert_array_equal(found, [3, 4, 4, 5])


def test_sixty_digits_are_right():
    program = Program("f", (s,), (Equation(Element(Tensor("y")), sympy.exp(Element(s))),), (Tensor("y"),))
    with mpmath.workdps(80):
        assert abs(run(program, {"s": 1})["y"].item() - mpmath.e) < mpmath.mpf("1e-58")


def test_the_digits_may_be_chosen():
    program = Program("f", (s,), (Equation(Element(Tensor("y")), sympy.log(1 + sympy.exp(Element(s)))),), (Tensor("y"),))
    assert run(program, {"s": -800})["y"].item() == 0
    assert mpmath.almosteq(run(program, {"s": -800}, digits=800)["y"].item(), mpmath.exp(-800))


def test_a_float_is_taken_as_the_number_that_it_is():
    program = Program("f", (s,), (Equation(Element(Tensor("y")), 10 * Element(s)),), (Tensor("y"),))
    assert run(program, {"s": 0.1})["y"].item() != 1
    assert run(program, {"s": np.float32(0.5)})["y"].item() == 5


def test_a_value_outside_the_real_numbers_is_nan():
    program = Program("f", (s,), (Equation(Element(Tensor("y")), sympy.log(Element(s)) ** 2),), (Tensor("y"),))
    assert mpmath.isnan(run(program, {"s": -1})["y"].item())


def test_lengths_that_disagree_raise():
    program = Program("f", (x, A), (), ())
    with pytest.raises(ValueError, match=r"^f: axis I of A has length 2, expected 3$"):
        axis_lengths(program, {"x": (3,), "A": (2, 2)})


def test_a_wrong_number_of_axes_raises():
    with pytest.raises(ValueError, match=r"^A has shape \(3,\), expected 2 axes$"):
        axis_lengths(Program("f", (A,), (), ()), {"A": (3,)})


def test_a_length_that_follows_from_nothing_raises():
    with pytest.raises(ValueError, match=r"^the length of axis J follows from no input$"):
        vector(Reduce("sum", Element(x, i) * j, j), [1.0])


def test_the_smaller_of_two_lengths_may_bound_an_index():
    short = Index("i", sympy.Min(NI, NJ, evaluate=False))
    w = Tensor("w", (NJ,))
    assert scalar(Reduce("sum", Element(x, short) * Element(w, short), short), (x, w), {"x": [1, 2, 3], "w": [1, 1]}) == 3


def test_equations_are_evaluated_in_order():
    m, y = Tensor("m"), Tensor("y", (NI,))
    equations = (Equation(Element(m), Reduce("max", Element(x, i), i)), Equation(Element(y, i), Element(x, i) - Element(m)))
    found = run(Program("f", (x,), equations, (y,)), {"x": [1, 5, 3]})
    assert found["m"].item() == 5 and found["y"].tolist() == [-4, 0, -2]


def test_integer_results_are_python_integers():
    y = Tensor("y", (), "integer")
    program = Program("f", (x,), (Equation(Element(y), Reduce("argmax", Element(x, i), i)),), (y,))
    assert type(run(program, {"x": [1, 5, 3]})["y"].item()) is int
