"""Sums with brackets, and matrices: the code they become, and that it computes what the interpreter does."""

import numpy as np
import pytest
import sympy
from forwards import at, given, holds, lines, module, program, running, source, tensor, total
from sympy import floor

from symbp.ir import Bracket, Constant, Index, Inverse, Reduce, Size

A, B, D, H, K, N, P, Q, W = map(Size, "ABDHKNPQW")
a, b, d, h, k, n, p, q, w = (Index(size.name.lower(), size) for size in (A, B, D, H, K, N, P, Q, W))
stride, kernel = Constant("stride"), Constant("kernel")
row = tensor("x", n, h)
POOLED = running("i", floor((H - kernel) / stride) + 1)
TAP = Index("p", kernel)


# ---------------------------------------------------------------- sums with brackets

image = tensor("x", n, d, h, w)
u, v = running("u", (H - 1) * stride + P), running("v", (W - 1) * stride + Q)


def test_a_transposed_convolution_is_folded() -> None:
    upward, bias = tensor("w", d, k, p, q), tensor("b", k)
    body = Bracket(u, h * stride + p) * Bracket(v, w * stride + q) * at(image, n, d, h, w) * at(upward, d, k, p, q)
    forward = program(at(tensor("y", n, k, u, v), n, k, u, v), total(body, d, h, w, p, q) + at(bias, k), (image, upward, bias), stride=1)
    assert 'np.einsum("dkpq,ndhw->nkphqw", w, x, optimize=True)' in source(forward)
    assert "{2: (0, (1, stride), U), 3: (0, (1, stride), V)}" in source(forward)
    assert holds(forward, given(forward, N=2, D=2, H=3, W=2, K=3, P=2, Q=3), stride=2)


def test_what_lies_outside_the_axis_is_left_out_of_a_fold() -> None:
    signal, taps, room = tensor("a", k), tensor("b", p), tensor("c", h)
    body = Bracket(h, 2 * k + p - 3) * at(signal, k) * at(taps, p)
    forward = program(at(tensor("y", h), h), at(room, h) * total(body, k, p), (signal, taps, room))
    assert lines(forward).splitlines()[-1] == "y = c * _fold(b[:, None] * a, {0: (-3, (1, 2), H)})  # (1)"
    assert holds(forward, given(forward, K=5, P=3, H=6))


even, third = running("u", 2 * H), running("u", H + K)
other, tail = tensor("z", n, h), tensor("z", n, k)
PARTS = {
    "interleaved": (
        even,
        total(Bracket(even, 2 * h) * at(row, n, h), h) + total(Bracket(even, 2 * h + 1) * at(other, n, h), h),
        (row, other),
        ["y[:, ::2] = x  # (1)", "y[:, 1::2] = z  # (1)"],
    ),
    "one after the other": (
        third,
        total(Bracket(third, h) * at(row, n, h), h) + total(Bracket(third, k + H) * at(tail, n, k), k),
        (row, tail),
        ["y[:, :H] = x  # (1)", "y[:, H:] = z  # (1)"],
    ),
}


@pytest.mark.parametrize("case", PARTS)
def test_parts_of_a_target_are_slices_of_it(case: str) -> None:
    index, value, inputs, expected = PARTS[case]
    forward = program(at(tensor("y", n, index), n, index), value, inputs)
    assert lines(forward).splitlines()[-2:] == expected
    assert holds(forward, given(forward, N=2, H=3, K=4))


def test_a_scatter_that_depends_on_kept_indices_too_adds_values_at_places() -> None:
    labels, room = tensor("t", n, h, kind="integer"), tensor("z", k)
    forward = program(at(tensor("y", n, k), n, k), total(Bracket(k, at(labels, n, h)) * at(row, n, h), h), (row, labels, room))
    assert lines(forward).splitlines()[-1] == "y = _add_at(x, 1, (K,), t)  # (1)"
    assert holds(forward, given(forward, N=2, H=3, K=4) | {"t": [[1, 3, 1], [0, 0, 2]]})


def test_the_gradient_of_a_maximum_goes_to_its_place_in_the_window() -> None:
    across, taps = running("j", floor((W - kernel) / stride) + 1), (TAP, Index("q", kernel))
    rise, places = tensor("g", n, POOLED, across), tensor("at", n, POOLED, across, kind="integer")
    flat = Bracket(taps[0] * kernel + taps[1], at(places, n, POOLED, across))
    body = flat * Bracket(h, POOLED * stride + taps[0]) * Bracket(w, across * stride + taps[1]) * at(rise, n, POOLED, across)
    frame = tensor("x", n, h, w)
    forward = program(at(tensor("dx", n, h, w), n, h, w), total(body, POOLED, across, *taps), (frame, rise, places), kernel=2, stride=2)
    assert "at // kernel + (stride * np.arange(I))[:, None], at % kernel + stride * np.arange(J)" in source(forward).replace(
        "\n       ", ""
    )
    rng = np.random.default_rng(0)
    arrays = {"x": rng.normal(size=(2, 5, 6)), "g": rng.normal(size=(2, 3, 4)), "at": rng.integers(0, 9, (2, 3, 4))}
    assert holds(forward, arrays, kernel=3, stride=1)


HARD = {
    "a kept index stands in the place": (tensor("y", h, k), (h, k), total(Bracket(h, k + d) * at(tensor("b", d), d), d)),
    "what is summed is read beyond its end": (
        tensor("y", p),
        (p,),
        total(Bracket(h, 2 * k + p) * sympy.exp(at(tensor("c", h), h)) * at(tensor("a", k), k), h, k),
    ),
    "the place is a number": (tensor("y", k), (k,), total(Bracket(2, h + p) * at(tensor("e", h, k), h, k) * at(tensor("f", p), p), h, p)),
    "two brackets share an index": (
        tensor("y", h, k),
        (h, k),
        total(Bracket(h, d + p) * Bracket(k, d) * at(tensor("b", d), d) * at(tensor("f", p), p), d, p),
    ),
}


@pytest.mark.parametrize("case", HARD)
def test_other_sums_with_brackets_are_computed_too(case: str) -> None:
    head, position, value = HARD[case]
    every = [tensor("a", k), tensor("b", d), tensor("c", h), tensor("e", h, k), tensor("f", p)]
    forward = program(at(head, *position), value, tuple(every))
    assert holds(forward, given(forward, K=3, D=4, H=5, P=2))


# ---------------------------------------------------------------- matrices

other_a = Index("b", A)
square = tensor("K", n, a, other_a)


@pytest.mark.parametrize("op", ["det", "logdet"])
def test_determinants_are_taken_of_the_last_two_axes(op: str) -> None:
    forward = program(at(tensor("y", n), n), Reduce(op, at(square, n, a, other_a), a, other_a), (square,))
    factor = np.random.default_rng(0).normal(size=(3, 4, 4))
    assert holds(forward, {"K": factor @ factor.swapaxes(1, 2)})


def test_the_logarithm_of_a_negative_determinant_is_nan_and_of_none_minus_infinity() -> None:
    forward = program(at(tensor("y", n), n), Reduce("logdet", at(square, n, a, other_a), a, other_a), (square,))
    with np.errstate(all="ignore"):
        y, _ = module(forward).forward([[[0.0, 1], [1, 0]], [[1, 1], [1, 1]]])
    assert np.array_equal(y, [np.nan, -np.inf], equal_nan=True)


def test_an_inverse_is_numpy_s_and_a_singular_matrix_is_named_as_such() -> None:
    forward = program(at(tensor("y", n, a, other_a), n, a, other_a), Inverse(at(square, n, a, other_a), a, other_a), (square,))
    assert holds(forward, {"K": np.random.default_rng(0).normal(size=(2, 3, 3))})
    with pytest.raises(np.linalg.LinAlgError, match=r"^layer: a matrix is singular, it has no inverse$"):
        module(forward).forward(np.ones((2, 3, 3)))


def test_a_chain_of_matrices_is_two_products() -> None:
    first, second = tensor("F", a, b), tensor("S", a, d)
    value = total(at(first, a, b) * at(second, a, d) * at(tensor("T", k, d), k, d), a, d)
    forward = program(at(tensor("y", b, k), b, k), value, (first, second, tensor("T", k, d)))
    assert lines(forward).splitlines()[-1] == "y = F.T @ S @ T.T  # (1)"
    assert holds(forward, given(forward, A=2, B=3, D=4, K=5))
