"""Derivations to explain: read and derived by the engine, so that no derivative is typed here."""

from collections.abc import Callable
from functools import cache

import pytest

from symbp import Layer
from symbp.ir.derivation import Derivation
from symbp.language import read

LAYERS = {
    "sigmoid": "sigmoid(x): y = 1/(1 + exp(-x))",
    "relu": "relu(x): y = maximum(0, x)",
    "add": "add(a, b): y = a + b",
    "apple": "apple(apple, count, tax): price = apple*count*tax",
    "fruit": """
fruit(apple, apple_count, orange, orange_count, tax):
    apples = apple*apple_count
    oranges = orange*orange_count
    fruit = apples + oranges
    price = fruit*tax
""",
    "affine": "affine(x, *, W, b): y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]",
    "softmax": "softmax(x): y[n,k] = exp(x[n,k])/sum(exp(x[n,j]), j)",
    "softmax_loss": """
softmax_loss(z, t):
    y[n,k] = exp(z[n,k])/sum(exp(z[n,j]), j)
    L = -mean(log(y[n,t[n]]), n)
""",
    "three_classes": """
three_classes(a1, a2, a3, t1, t2, t3):
    e1 = exp(a1); e2 = exp(a2); e3 = exp(a3)
    S = e1 + e2 + e3
    y1 = e1/S; y2 = e2/S; y3 = e3/S
    L = -(t1*log(y1) + t2*log(y2) + t3*log(y3))
""",
    "length": "length(x): y = abs(x)",
    "largest": "largest(x): y[n] = max(x[n,k], k)",
    "gamma_scale": "gamma_scale(x, *, gamma, w_a): y[n,d] = gamma[d]*x[n,d] + w_a[d]",
}


@cache
def derived(name: str) -> Derivation:
    return Layer(*read(LAYERS[name])).traced


@pytest.fixture(scope="session")
def derivation_of() -> Callable[[str], Derivation]:
    return derived


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``any_layer`` runs over all layers of the table."""
    if "any_layer" in metafunc.fixturenames:
        metafunc.parametrize("any_layer", sorted(LAYERS))
