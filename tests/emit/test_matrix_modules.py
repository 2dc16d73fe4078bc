"""Modules of layers with determinants and inverses."""

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

import symbp

TEXTS = {
    "det": "f(K): y = det(K)",
    "logdet": "f(K): y = logdet(K)",
    "inv": "f(K): a = inv(K)",
    "gauss": "f(K, y): L = logdet(K) + sum(y[i]*inv(K)[i,j]*y[j], i, j)",
}


@cache
def source(name: str) -> str:
    return symbp.layer(TEXTS[name]).source()


@cache
def module(name: str) -> Any:
    return symbp.layer(TEXTS[name]).load()


def positive(*lead: int) -> np.ndarray:
    factor = np.random.default_rng(0).normal(size=(*lead, 3, 3))
    return factor @ factor.swapaxes(-1, -2) + np.eye(3)


@pytest.mark.parametrize("lead", [(), (4,), (2, 0), (2, 3)])
def test_matrices_stand_behind_any_leading_axes(lead: tuple[int, ...]) -> None:
    K = positive(*lead)
    y, residuals = module("logdet").forward(K)
    assert np.allclose(y, np.linalg.slogdet(K)[1], rtol=1e-13)
    upstream = np.random.default_rng(1).normal(size=lead)
    assert np.allclose(module("logdet").backward(upstream, residuals).K, upstream[..., None, None] * np.linalg.inv(K), rtol=1e-12)


def test_the_gradient_of_an_inverse_is_two_products() -> None:
    assert re.search(r"dK = -\(a\.swapaxes\(-1, -2\) @ da @ a\.swapaxes\(-1, -2\)\)  # \(2\)", source("inv"))


def test_a_determinant_of_zero_is_a_value_and_only_its_gradient_needs_an_inverse() -> None:
    y, residuals = module("det").forward(np.ones((2, 2)))
    assert y == 0
    with pytest.raises(np.linalg.LinAlgError, match=r"^f: a matrix is singular, it has no inverse$"):
        module("det").backward(1.0, residuals)
    assert "LinAlgError where a matrix has no inverse" in source("det")


def test_an_inverse_that_forward_computes_is_kept_for_backward() -> None:
    assert source("gauss").count("_inverse(K)") == 1
    K, y = positive(), np.array([1.0, -2, 0.5])
    loss, residuals = module("gauss").forward(K, y)
    inverse = np.linalg.inv(K)
    assert loss == pytest.approx(np.linalg.slogdet(K)[1] + y @ inverse @ y, rel=1e-13)
    gradients = module("gauss").backward(2.0, residuals)
    assert np.allclose(gradients.K, 2 * (inverse - np.outer(inverse @ y, inverse @ y)), rtol=1e-12)
    assert np.allclose(gradients.y, 4 * inverse @ y, rtol=1e-12)


def test_float32_stays_float32() -> None:
    for name in ("det", "logdet", "inv"):
        y, residuals = module(name).forward(positive(2).astype(np.float32))
        assert {y.dtype, module(name).backward(np.ones_like(y), residuals).K.dtype} == {np.dtype(np.float32)}
