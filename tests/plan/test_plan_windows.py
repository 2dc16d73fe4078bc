"""Affine positions and padding: the code they become, and that it computes what the interpreter does."""

import re

import numpy as np
import pytest
import sympy
from forwards import at, given, holds, lines, module, program, running, source, tensor, total
from sympy import floor, oo

from symbp.ir import Constant, Index, Leading, Padded, Reduce, Size, Tensor, Where

D, H, K, N, P, W = map(Size, "DHKNPW")
d, h, k, n, p, w = (Index(size.name.lower(), size) for size in (D, H, K, N, P, W))
dots = Index("...", Leading("..."))
stride, padding, dilation, kernel, offset = map(Constant, ("stride", "padding", "dilation", "kernel", "offset"))

# ---------------------------------------------------------------- windows

x, filters = tensor("x", n, d, h), tensor("w", k, d, p)
i = running("i", floor((H - P) / stride) + 1)
CONVOLUTION = program(
    at(tensor("y", n, k, i), n, k, i), total(at(x, n, d, i * stride + p) * at(filters, k, d, p), d, p), (x, filters), stride=1
)


def test_a_window_is_a_view_and_meets_the_filters_in_one_contraction() -> None:
    assert lines(CONVOLUTION).splitlines()[-3:] == [
        'I = _fitting("i", (H - P) // stride + 1)',
        "x_windows = _windows(x, {2: (0, (1, stride), (P, I))})",
        'y = np.einsum("ndpi,kdp->nki", x_windows, w, optimize=True)  # (1)',
    ]
    assert holds(CONVOLUTION, given(CONVOLUTION, N=2, D=3, H=7, K=2, P=3), stride=2)


@pytest.mark.parametrize("chosen", [(1, 0, 1), (2, 1, 1), (3, 4, 2), (1, 2, 3)])
def test_padding_is_a_fill_around_the_windows(chosen: tuple[int, int, int]) -> None:
    along = running("i", floor((H + 2 * padding - dilation * (P - 1) - 1) / stride) + 1)
    value = total(Padded(at(x, n, d, along * stride + p * dilation - padding)) * at(filters, k, d, p), d, p)
    forward = program(at(tensor("y", n, k, along), n, k, along), value, (x, filters), stride=1, padding=0, dilation=1)
    assert "x_windows = _windows(x, {2: (-padding, (dilation, stride), (P, I))}, fill=0)" in lines(forward)
    assert "(H + 2 * padding - dilation * (P - 1) - 1) // stride + 1" in lines(forward)
    names = ("stride", "padding", "dilation")
    assert holds(forward, given(forward, N=2, D=2, H=7, K=2, P=3), **dict(zip(names, chosen, strict=True)))


POOLED = running("i", floor((H - kernel) / stride) + 1)
TAP = Index("p", kernel)


@pytest.mark.parametrize(("op", "operation"), [("max", "np.maximum"), ("min", "np.minimum"), ("sum", "np.add"), ("prod", "np.multiply")])
def test_a_reduction_over_windows_takes_one_place_of_them_after_another(op: str, operation: str) -> None:
    value = Reduce(op, at(tensor("x", n, h), n, POOLED * stride + TAP), TAP)
    forward = program(at(tensor("y", n, POOLED), n, POOLED), value, (tensor("x", n, h),), kernel=2, stride=2)
    assert lines(forward).splitlines()[-1] == f"y = _running({operation}, x_windows, (1,))  # (1)"
    assert holds(forward, given(forward, N=2, H=9), kernel=3, stride=2)


def test_the_place_of_a_maximum_counts_along_all_axes_of_the_window() -> None:
    image, across = tensor("x", h, w), running("j", floor((W - kernel) / stride) + 1)
    taps = TAP, Index("q", kernel)
    where = Reduce("argmax", at(image, POOLED * stride + taps[0], across * stride + taps[1]), *taps)
    forward = program(at(tensor("y", POOLED, across), POOLED, across), where + at(image, 0, 0) / 2, (image,), kernel=2, stride=1)
    assert "_running_arg(np.maximum, x_windows, (0, 2))" in lines(forward)
    arrays = {"x": np.random.default_rng(0).integers(0, 3, (5, 6)).astype(float)}
    assert holds(forward, arrays, kernel=3, stride=1)


def test_an_infinite_fill_leaves_maxima_alone() -> None:
    along = running("i", floor((H + 2 * padding - kernel) / stride) + 1)
    value = Reduce("max", Padded(at(tensor("x", n, h), n, along * stride + TAP - padding), -oo), TAP)
    forward = program(at(tensor("y", n, along), n, along), value, (tensor("x", n, h),), kernel=2, stride=2, padding=0)
    assert "fill=-np.inf" in source(forward)
    assert holds(forward, given(forward, N=2, H=6), kernel=3, stride=2, padding=1)


@pytest.mark.parametrize("lead", [(), (2,), (2, 3)])
def test_windows_stand_behind_any_leading_axes(lead: tuple[int, ...]) -> None:
    series, forward_filters = Tensor("x", (dots.size, H)), tensor("w", p)
    value = total(at(series, dots, i * stride + p) * at(forward_filters, p), p)
    forward = program(at(Tensor("y", (dots.size, i.size)), dots, i), value, (series, forward_filters), stride=1)
    rng = np.random.default_rng(0)
    assert holds(forward, {"x": rng.normal(size=(*lead, 7)), "w": rng.normal(size=3)}, stride=2)


# ---------------------------------------------------------------- slices, where one says it better

row = tensor("x", n, h)
odd = running("i", floor((H - 2) / 2) + 1)
less = running("i", H - 1)
SLICES = {
    "every second place, from the second on": (odd, at(row, n, 2 * odd + 1), "x[:, 1::2].copy()"),
    "a slice that leaves something over": (odd, at(row, n, 2 * odd + 1) - at(row, n, 2 * odd), "x[:, 1::2] - x[:, : 2 * I : 2]"),
    "neighbours": (less, at(row, n, less + 1) - at(row, n, less), "x[:, 1:] - x[:, :I]"),
    "backwards": (h, at(row, n, H - 1 - h), "x[:, ::-1].copy()"),
}


@pytest.mark.parametrize("case", SLICES)
def test_one_index_along_an_axis_is_a_slice(case: str) -> None:
    index, value, expected = SLICES[case]
    forward = program(at(tensor("y", n, index), n, index), value, (row,))
    assert lines(forward).splitlines()[-1] == f"y = {expected}  # (1)"
    assert holds(forward, given(forward, N=2, H=7))


def test_a_shift_that_a_condition_keeps_inside_is_padded_in_silence() -> None:
    forward = program(at(tensor("y", n, h), n, h), Where(h > 0, at(row, n, h - 1), 7), (row,))
    assert "_check" not in source(forward).split("def backward")[0].replace("_check_axes", "")
    assert holds(forward, given(forward, N=2, H=5))


def test_a_condition_on_arguments_that_should_keep_positions_inside_is_checked() -> None:
    labels = tensor("t", n, kind="integer")
    forward = program(at(tensor("y", n, h), n, h), Where(at(labels, n) < h, sympy.log(at(row, n, h - 1)), 7), (row, labels))
    arrays = given(forward, N=2, H=5)
    assert holds(forward, {"x": abs(arrays["x"]), "t": [0, 2]})
    with pytest.raises(IndexError, match=r"^layer: axis h of x has length 5, but position -1 is read$"):
        module(forward).forward(arrays["x"], [0, -1])


def test_the_same_index_in_two_positions_is_read_one_by_one() -> None:
    square, taps = tensor("x", h, Index("h2", H)), tensor("w", p)
    short = running("i", H - P + 1)
    value = total(at(square, short + p, short) * at(taps, p), p)
    forward = program(at(tensor("y", short), short), value, (square, taps))
    assert holds(forward, given(forward, H=5, P=2))


def test_rows_by_number_and_windows_along_them_meet() -> None:
    table, labels, taps = tensor("E", h, k), tensor("t", n, kind="integer"), tensor("w", p)
    inner = total(Padded(at(table, at(labels, n), k + p - 1)) * at(taps, p), p)
    forward = program(at(tensor("y", n, k), n, k), inner, (table, taps, labels))
    assert holds(forward, given(forward, H=4, K=5, P=2) | {"t": [3, 0, 3]})


# ---------------------------------------------------------------- messages

series = tensor("x", h)
GAP = running("i", floor((H - P) / stride) + 1)
SMOOTHED = program(
    at(tensor("y", GAP), GAP), total(at(series, GAP * stride + p) * at(tensor("w", p), p), p), (series, tensor("w", p)), stride=1
)
THIRD = program(at(tensor("y", n), n), at(row, n, 2) - at(row, n, 0), (row,))
FOURTH_LAST = program(at(tensor("y", n), n), at(row, n, -4), (row,))
CHOSEN = program(at(tensor("y", n), n), at(row, n, offset), (row,), offset=0)
LOSS = program(at(tensor("y")), total((at(series, less + 1) - at(tensor("t", less), less)) ** 2, less), (series, tensor("t", less)))
REFUSED = {
    "layer: stride is 0, expected a whole number, at least 1": (SMOOTHED, (np.ones(5), np.ones(2)), {"stride": 0}),
    "layer: stride is 1.5, expected a whole number, at least 1": (SMOOTHED, (np.ones(5), np.ones(2)), {"stride": 1.5}),
    "layer: axis i would have length -2: what is read along it does not fit into an array": (SMOOTHED, (np.ones(2), np.ones(5)), {}),
    "layer: axis h of x has length 2, but position 2 is read": (THIRD, (np.ones((3, 2)),), {}),
    "layer: axis h of x has length 3, but position -4 is read": (FOURTH_LAST, (np.ones((3, 3)),), {}),
    "layer: offset is -1, expected a whole number, at least 0": (CHOSEN, (np.ones((3, 3)),), {"offset": -1}),
    "layer: axis h of x has length 3, but position 3 is read": (CHOSEN, (np.ones((3, 3)),), {"offset": 3}),
    "layer: axis i of t has length 5, expected 4": (LOSS, (np.ones(5), np.ones(5)), {}),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_does_not_fit_is_refused_with_its_place(message: str) -> None:
    forward, arrays, constants = REFUSED[message]
    with pytest.raises((ValueError, IndexError), match=f"^{re.escape(message)}$"):
        module(forward).forward(*arrays, **constants)
