"""Window layers against PyTorch at random geometries, and the manners that they owe their caller."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from geometries import GEOMETRIES, Arrays, Constants, Draw, module

EACH = 72  # which makes a thousand of them


def difference(found: np.ndarray, expected: np.ndarray) -> float:
    assert found.shape == expected.shape
    return float(np.max(np.abs(found - expected), initial=0)) / max(1.0, float(np.max(np.abs(expected), initial=0)))


@pytest.mark.parametrize("name", GEOMETRIES)
def test_both_passes_agree_with_pytorch_at_random_geometries(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test")
    for seed in range(EACH):
        geometry = GEOMETRIES[name](Draw(seed))
        tensors = {key: torch.tensor(array, requires_grad=True) for key, array in geometry.arrays.items()}
        expected = geometry.expected(torch.nn.functional, tensors)
        y, residuals = module(name).forward(*geometry.arrays.values(), **geometry.constants)
        dy = np.random.default_rng(seed).normal(size=y.shape)
        expected.backward(torch.tensor(dy))
        gradients = module(name).backward(dy, residuals)
        errors = [difference(y, expected.detach().numpy())]
        errors += [difference(getattr(gradients, key), tensor.grad.numpy()) for key, tensor in tensors.items()]
        assert max(errors) < 1e-12, (seed, geometry.constants, {key: array.shape for key, array in geometry.arrays.items()})


def test_there_are_a_thousand_geometries() -> None:
    assert EACH * len(GEOMETRIES) >= 1000


# ---------------------------------------------------------------- manners

NAMES = [*GEOMETRIES]


def called(name: str, arrays: Arrays, constants: Constants) -> tuple[np.ndarray, ...]:
    """The output, and the gradients for an upstream of ones."""
    y, residuals = module(name).forward(*arrays.values(), **constants)
    return y, *module(name).backward(np.ones_like(y), residuals)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_batch_has_empty_results_and_gradients_of_zeros(name: str) -> None:
    geometry = GEOMETRIES[name](Draw(3))
    x = geometry.arrays["x"]
    arrays = geometry.arrays | {"x": x[:0] if x.ndim > 1 else x.reshape(1, -1)[:0]}
    y, dx, *others = called(name, arrays, geometry.constants)
    assert (y.size, dx.shape) == (0, arrays["x"].shape)
    assert all(not other.any() for other in others)


@pytest.mark.parametrize("name", NAMES)
def test_memory_layout_makes_no_difference(name: str) -> None:
    geometry = GEOMETRIES[name](Draw(5))
    expected = called(name, geometry.arrays, geometry.constants)
    for lay in (np.asfortranarray, lambda a: np.repeat(a, 2, axis=-1)[..., ::2], lambda a: a[..., ::-1].copy()[..., ::-1]):
        found = called(name, {key: lay(array) for key, array in geometry.arrays.items()}, geometry.constants)
        assert max(map(difference, found, expected)) < 1e-13


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32(name: str) -> None:
    geometry = GEOMETRIES[name](Draw(6))
    single = {key: array.astype(np.float32) for key, array in geometry.arrays.items()}
    found, expected = called(name, single, geometry.constants), called(name, geometry.arrays, geometry.constants)
    assert {array.dtype for array in found} == {np.dtype(np.float32)}
    assert max(map(difference, found[:1], expected)) < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_arguments_may_be_read_only_and_results_are_arrays_of_their_own(name: str) -> None:
    geometry = GEOMETRIES[name](Draw(8))
    for array in geometry.arrays.values():
        array.flags.writeable = False
    found = called(name, geometry.arrays, geometry.constants)
    assert all(array.flags.writeable for array in found)
    assert not any(np.shares_memory(one, other) for one in found for other in geometry.arrays.values())


# ---------------------------------------------------------------- messages

IMAGE, FILTERS, BIAS = np.ones((2, 3, 4, 4)), np.ones((5, 3, 2, 2)), np.ones(5)
REFUSED: dict[str, tuple[str, tuple[Any, ...], Constants]] = {
    "conv2d: stride is 0, expected a whole number, at least 1": ("conv2d", (IMAGE, FILTERS, BIAS), {"stride": 0}),
    "conv2d: padding is -1, expected a whole number, at least 0": ("conv2d", (IMAGE, FILTERS, BIAS), {"padding": -1}),
    "conv2d: dilation is 0, expected a whole number, at least 1": ("conv2d", (IMAGE, FILTERS, BIAS), {"dilation": 0}),
    "max_inside: kernel is 0, expected a whole number, at least 1": ("max_inside", (IMAGE,), {"kernel": 0}),
    "max_inside: axis i would have length -1: what is read along it does not fit into an array": ("max_inside", (IMAGE,), {"kernel": 7}),
    "conv2d: axis i would have length -2: what is read along it does not fit into an array": (
        "conv2d",
        (IMAGE, np.ones((5, 3, 7, 2)), BIAS),
        {},
    ),
    "conv2d: axis c of w has length 2, expected 3 (axis c of x)": ("conv2d", (IMAGE, FILTERS[:, :2], BIAS), {}),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_is_refused_in_words(message: str) -> None:
    name, arrays, constants = REFUSED[message]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        module(name).forward(*arrays, **constants)


def test_an_upstream_of_another_geometry_is_refused() -> None:
    _, residuals = module("conv2d").forward(IMAGE, FILTERS, BIAS)
    with pytest.raises(ValueError, match=r"^conv2d: dy has shape \(2, 5, 4, 4\), expected \(2, 5, 3, 3\)$"):
        module("conv2d").backward(np.ones((2, 5, 4, 4)), residuals)
