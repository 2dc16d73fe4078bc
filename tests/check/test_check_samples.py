"""Sizes and values that a Program is tried at."""

import numpy as np
import pytest
import sympy
from layers_by_hand import DOTS, REST, affine, elementwise, leaky, picked, product, softmax
from sympy import Rational, acosh, asin, floor, log

from symbp.check.exact import Exact
from symbp.check.layouts import integer_bounds, is_elementwise, layouts, machine_at, shape_of
from symbp.check.samples import altered_constants, draw_samples
from symbp.ir import Bracket, Constant, Element, Equation, Index, Program, Reduce, Size, Tensor, Where, validate


def convolution():
    """y[i] = sum(x[i*stride+p]*w[p], p)."""
    length, width, stride = Size("I"), Size("P"), Constant("stride")
    out = floor((length - width) / stride) + 1
    i, p = Index("i", out), Index("p", width)
    x, w, y = Tensor("x", (length,)), Tensor("w", (width,)), Tensor("y", (out,))
    value = Reduce("sum", Element(x, i * stride + p) * Element(w, p), p)
    return validate(Program("convolution", (x, w), (Equation(Element(y, i), value, 1),), (y,), ((stride, Rational(1)),)))


def pooling(width=3):
    """y[i] = max(x[i+p], p=kernel)."""
    length, kernel = Size("I"), Constant("kernel")
    i, p = Index("i", length - kernel + 1), Index("p", kernel)
    x, y = Tensor("x", (length,)), Tensor("y", (length - kernel + 1,))
    value = Reduce("max", Element(x, i + p), p)
    return validate(Program("pooling", (x,), (Equation(Element(y, i), value, 1),), (y,), ((kernel, Rational(width)),)))


def segments():
    """y[i] = sum(where(dst[e] == i, x[e], 0), e), with i as long as w."""
    edges, nodes = Size("E"), Size("I")
    e, i = Index("e", edges), Index("i", nodes)
    x, dst, w, y = Tensor("x", (edges,)), Tensor("dst", (edges,), "integer"), Tensor("w", (nodes,)), Tensor("y", (nodes,))
    value = Reduce("sum", Where(sympy.Eq(Element(dst, e), i), Element(x, e), 0), e) * Element(w, i)
    return validate(Program("segments", (x, dst, w), (Equation(Element(y, i), value, 1),), (y,)))


LAYERS = {p.name: p for p in (affine(), convolution(), leaky(), picked(), pooling(), product(), segments(), softmax())}


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_case_can_be_evaluated_again(name):
    samples = draw_samples(LAYERS[name], seed=0)
    assert samples.ordinary and not samples.problem
    for case in samples.ordinary + samples.altered + samples.extreme:
        again = Exact(LAYERS[name], case.constants, case.regime.digits).values(case.arrays)
        assert all(np.array_equal(again[key], case.values[key]) for key in again)


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_the_same_seed_draws_the_same_values(name):
    one, two = (draw_samples(LAYERS[name], seed=4).ordinary for _ in range(2))
    assert [{k: a.tolist() for k, a in case.arrays.items()} for case in one] == [{k: a.tolist() for k, a in c.arrays.items()} for c in two]


def test_another_seed_draws_other_values():
    one, two = (draw_samples(affine(), seed=seed).ordinary[0].arrays["x"] for seed in (0, 1))
    assert one.shape != two.shape or not np.array_equal(one, two)


def test_axes_of_one_tensor_have_different_lengths():
    layout = next(layouts(affine(), {}, np.random.default_rng(0)))
    assert layout[Size("I")] != layout[Size("O")]


def test_leading_axes_are_none_one_and_two():
    ranks = {len(layout[DOTS]) for layout in layouts(softmax(), {}, np.random.default_rng(0))}
    assert ranks == {0, 1, 2}


def test_inputs_of_an_elementwise_layer_are_broadcast():
    shapes = {(np.shape(c.arrays["a"]), np.shape(c.arrays["b"])) for c in draw_samples(product(), seed=0).ordinary}
    assert {((2, 2), (2, 2)), ((3, 1), (2,)), ((2,), ())} <= shapes


def test_a_window_fits_into_its_array():
    for case in draw_samples(convolution(), seed=0).ordinary:
        assert case.arrays["x"].size >= case.arrays["w"].size


def test_a_window_wider_than_any_small_axis_finds_a_longer_axis():
    assert all(case.arrays["x"].size >= 8 for case in draw_samples(pooling(8), seed=0).ordinary)


def test_integers_stay_within_the_axis_that_they_index():
    assert integer_bounds(picked()) == {"t": (Size("K"),)}
    for case in draw_samples(picked(), seed=0).ordinary:
        assert case.arrays["t"].max() < case.arrays["p"].shape[1]


def test_integers_stay_within_the_range_of_the_index_that_they_are_compared_with():
    assert integer_bounds(segments()) == {"dst": (Size("I"),)}


def test_integers_compared_with_a_number_reach_it():
    x, n = Tensor("x", (DOTS,)), Tensor("n", (DOTS,), "integer")
    y = Tensor("y", (DOTS,))
    program = Program("f", (x, n), (Equation(Element(y, REST), Where(sympy.Eq(Element(n, REST), 4), Element(x, REST), 0)),), (y,))
    assert integer_bounds(program) == {"n": (6,)}


def test_integers_in_a_bracket_stay_within_its_range():
    size, many = Size("I"), Size("N")
    i, n = Index("i", size), Index("n", many)
    x, t, y = Tensor("x", (size,)), Tensor("t", (many,), "integer"), Tensor("y", (many, size))
    program = Program("f", (x, t), (Equation(Element(y, n, i), Bracket(Element(t, n), i) * Element(x, i)),), (y,))
    assert integer_bounds(program) == {"t": (size,)}


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: log(x), "values in (0.1, 0.9)"),
        (lambda x: asin(x), "values in (0.1, 0.9)"),
        (lambda x: acosh(x), "values in (1.1, 3)"),
        (lambda x: x**3, "normal values"),
    ],
)
def test_the_domain_is_found(function, words):
    many = [case.regime.name for case in draw_samples(elementwise("f", function), seed=0).ordinary if case.arrays["x"].size > 5]
    assert many[0] == words


def test_constants_are_tried_at_other_values():
    assert altered_constants(leaky()) == {"alpha": 0.0125}
    assert altered_constants(convolution()) == {"stride": 2}
    assert draw_samples(convolution(), seed=0).altered[0].constants == {"stride": 2}


def test_a_layer_is_elementwise_if_nothing_is_reduced_or_indexed():
    assert is_elementwise(product()) and is_elementwise(elementwise("f", log))
    assert not is_elementwise(affine()) and not is_elementwise(leaky())
    assert not is_elementwise(elementwise("f", lambda x: x * DOTS))


def test_leading_axes_are_spread_out_in_a_shape():
    machine = machine_at(softmax(), {DOTS: (2, 3), Size("I"): 4}, {})
    assert shape_of(Tensor("x", (DOTS, Size("I"))), machine) == (2, 3, 4)
