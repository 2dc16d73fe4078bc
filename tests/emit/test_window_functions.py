"""The functions that modules with windows carry, against loops over every element."""

from collections.abc import Iterator

import numpy as np
import pytest

from symbp.templates import windows

Span = tuple[int, tuple[int, ...], tuple[int, ...]]


def spans(seed: int, many: int = 60) -> Iterator[tuple[Span, int]]:
    """(start, steps, counts) and the length of an axis, often too short, sometimes empty."""
    rng = np.random.default_rng(seed)
    for k in range(many):
        indices = int(rng.integers(1, 4))
        counts = tuple(int(n) for n in rng.integers(0 if k % 5 == 0 else 1, 5, indices))
        steps = tuple(int(n) for n in rng.choice([-3, -2, -1, 1, 2, 3], indices))
        yield (int(rng.integers(-6, 7)), steps, counts), int(rng.integers(0, 12))


def position(span: Span, at: tuple[int, ...]) -> int:
    start, steps, _ = span
    return start + sum(step * k for step, k in zip(steps, at, strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_windows_hold_what_stands_at_their_positions_and_the_fill_elsewhere(seed: int) -> None:
    for span, length in spans(seed):
        x = np.random.default_rng(seed).normal(size=(2, length))
        found = windows._windows(x, {1: span}, fill=7.0)
        assert found.shape == (2, *span[2])
        for at in np.ndindex(span[2]):
            k = position(span, at)
            assert np.array_equal(found[:, *at], x[:, k] if 0 <= k < length else [7, 7])


@pytest.mark.parametrize("seed", range(5))
def test_windows_without_a_fill_never_leave_the_array(seed: int) -> None:
    for span, length in spans(seed):
        x = np.random.default_rng(seed).normal(size=(length, 2))
        if all(0 <= position(span, at) < length for at in np.ndindex(span[2])):
            assert np.array_equal(windows._windows(x, {-2: span}), windows._windows(x, {0: span}, fill=0.0))
        else:
            with pytest.raises(IndexError, match=rf"^layer: an axis of length {length} is read from "):
                windows._windows(x, {0: span})


@pytest.mark.parametrize("seed", range(5))
def test_a_fold_adds_up_what_windows_read(seed: int) -> None:
    for (start, steps, counts), length in spans(seed):
        values = np.random.default_rng(seed).normal(size=(2, *counts, 3))
        expected = np.zeros((2, length, 3))
        for at in np.ndindex(counts):
            k = position((start, steps, counts), at)
            if 0 <= k < length:
                expected[:, k] += values[:, *at]
        assert np.allclose(windows._fold(values, {1: (start, steps, length)}), expected, rtol=1e-14, atol=1e-15)
        assert np.allclose(windows._fold(values, {-2: (start, steps, length)}), expected, rtol=1e-14, atol=1e-15)


def test_two_axes_are_folded_at_once() -> None:
    values = np.random.default_rng(0).normal(size=(2, 3, 4, 2, 5))
    both = windows._fold(values, {1: (-1, (2, 1), 7), 2: (0, (1, 3), 9)})
    first = windows._fold(values, {1: (-1, (2, 1), 7)})
    assert np.allclose(both, windows._fold(first, {2: (0, (1, 3), 9)}), rtol=1e-14)


@pytest.mark.parametrize(("operation", "method"), [(np.add, "sum"), (np.multiply, "prod"), (np.maximum, "max"), (np.minimum, "min")])
def test_a_running_reduction_is_numpy_s(operation: np.ufunc, method: str) -> None:
    seen = windows._windows(np.random.default_rng(0).normal(size=(2, 3, 9)), {2: (0, (1, 2), (3, 4))})
    for axes in ((2,), (3, 0), (-2, -1)):
        assert np.allclose(windows._running(operation, seen, axes), getattr(seen, method)(axis=axes), rtol=1e-14)


def test_nothing_has_a_sum_but_no_maximum() -> None:
    nothing = np.zeros((3, 0, 2))
    assert np.array_equal(windows._running(np.add, nothing, (1,)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"^layer: nothing has no maximum$"):
        windows._running(np.maximum, nothing, (1,))


@pytest.mark.parametrize(("operation", "method"), [(np.maximum, "argmax"), (np.minimum, "argmin")])
def test_the_first_of_equal_extremes_counts_along_all_axes(operation: np.ufunc, method: str) -> None:
    seen = windows._windows(np.random.default_rng(0).integers(0, 3, (4, 11)).astype(float), {1: (0, (1, 2), (4, 4))})
    assert np.array_equal(windows._running_arg(operation, seen, (1,)), getattr(seen, method)(axis=1))
    assert np.array_equal(windows._running_arg(operation, seen, (1, 2)), getattr(seen.reshape(4, -1), method)(axis=1))


@pytest.mark.parametrize("low", [0, -1])
def test_values_are_added_at_places_and_left_out_beyond(low: int) -> None:
    rng = np.random.default_rng(0)
    values, rows, columns = rng.normal(size=(2, 3, 5)), rng.integers(low, 5 + low, (2, 3, 5)), rng.integers(low, 4 + low, 5)
    expected = np.zeros((2, 4 - low, 3 - low))
    for b, n, k in np.ndindex(values.shape):
        if 0 <= rows[b, n, k] < 4 - low and 0 <= columns[k] < 3 - low:
            expected[b, rows[b, n, k], columns[k]] += values[b, n, k]
    found = windows._add_at(values, 2, (4 - low, 3 - low), rows, columns)
    assert np.allclose(found, expected, rtol=1e-14)
    assert windows._add_at(values.astype(np.float32), 2, (4, 3), rows, columns).dtype == np.float32


def test_adding_nothing_and_to_nothing_is_allowed() -> None:
    nowhere = np.zeros((0, 3), int)
    assert windows._add_at(np.zeros((0, 3)), 1, (4,), nowhere).shape == (0, 4)
    assert windows._add_at(np.zeros((2, 0)), 1, (4,), np.zeros((2, 0), int)).tolist() == [[0] * 4] * 2
    assert windows._add_at(np.ones((2, 3)), 1, (0,), np.zeros((2, 3), int)).shape == (2, 0)


def test_elements_at_places_are_the_fill_beyond() -> None:
    table = np.arange(6.0).reshape(2, 3)
    found = windows._read_at(table, -1.0, np.array([[0], [1], [2]]), np.array([-1, 0, 2, 3]))
    assert found.tolist() == [[-1, 0, 2, -1], [-1, 3, 5, -1], [-1, -1, -1, -1]]
