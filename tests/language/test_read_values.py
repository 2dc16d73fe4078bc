"""What is read means what NumPy computes: the exact interpreter on .program and on .nodes, against the mathematics written in NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from symbp.ir import run
from symbp.language import Definition, read

LAYERS = """
sigmoid(x):        y = 1/(1 + exp(-x))
affine(x, *, W, b):  y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]
softmax(x):          y[...,k] = exp(x[...,k]) / sum(exp(x[...,j]), j)
layer_norm(x, *, gamma, beta, eps=1e-5):
    mu[...]  = mean(x[...,d], d)
    v[...]   = mean((x[...,d] - mu[...])**2, d)
    y[...,d] = gamma[d]*(x[...,d] - mu[...])/sqrt(v[...] + eps) + beta[d]
cross_entropy(z, t): L = -mean(log(softmax(z)[n, t[n]]), n)
attention(q, k, v):
    s[h,i,j] = where(j <= i, sum(q[h,i,d]*k[h,j,d], d)/sqrt(size(d)), -inf)
    o[h,i,e] = sum(softmax(s)[h,i,j]*v[h,j,e], j)
two_layer_net(x, t, *, W1, b1, W2, b2): a = sigmoid(affine(x, W1, b1)); L = cross_entropy(affine(a, W2, b2), t)
silu(x): y = x*sigmoid(x)
leaky(x, slope=0.1): y = where(x > 0, x, slope*x)
neuron(x, w): y[n] = silu(sum(x[n,i]*w[i], i))
gate(x, c=3): y = leaky(x, slope=c) + leaky(x) + leaky(-x, slope=c/2)
norm(x, *, g, b): y = layer_norm(x, gamma=g, beta=b, eps=0.5)
residual(x, *, W, b): h = x + leaky(affine(x, W, b)); y = softmax(h)*h
mse(p, t): L = mean((p[...] - t[...])**2, ...)
pool(x, kernel=2): y[n] = max(x[n,p], p=kernel)
first(x): y[i] = x[i,0] - x[i,-1]
trace(s): y = sum(s[i,i], i)
embedding(t, *, E): y[...,d] = E[t[...],d]
masked(x, m): y[i] = where(m[i] or x[i] > 0, x[i], -1)
segment(x, dst, *, w): y[i] = w[i]*sum(where(dst[e] == i, x[e], 0), e)
extremes(x): a[n] = prod(x[n,i], i) + min(x[n,i], i); b[n] = logsumexp(x[n,i], i); k[n] = argmax(x[n,i], i); c[n] = x[n,k[n]]
functions(x): y = log1p(x**2) + expm1(x) + abs(x) + sign(x) + erf(x) + gammaln(x**2 + 1) + digamma(x**2 + 1) + minimum(x, 0, 1) + pi/4
"""
RANDOM = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape)


def softmax(x: np.ndarray) -> np.ndarray:
    return special.softmax(x, axis=-1)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return special.expit(x)


def layer_norm(x: np.ndarray, g: np.ndarray, b: np.ndarray, eps: float) -> np.ndarray:
    return g * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps) + b


def cross_entropy(z: np.ndarray, t: np.ndarray) -> Any:
    return -special.log_softmax(z, axis=-1)[np.arange(len(t)), t].mean()


def attention(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    scores = q @ k.swapaxes(1, 2) / np.sqrt(q.shape[-1])
    return softmax(np.where(np.tri(q.shape[1], k.shape[1], dtype=bool), scores, -np.inf)) @ v


def leaky(x: np.ndarray, slope: float = 0.1) -> np.ndarray:
    return np.where(x > 0, x, slope * x)


def residual(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    h = x + leaky(x @ W + b)
    return softmax(h) * h


T, MASK, DST = np.array([2, 0, 1, 1]), np.array([True, False, True, False, False]), np.array([2, 0, 2, 1])
CASES: dict[str, tuple[dict[str, Any], Callable[..., Any]]] = {
    "sigmoid": ({"x": normal(2, 3)}, sigmoid),
    "affine": ({"x": normal(2, 1, 3), "W": normal(3, 4), "b": normal(4)}, lambda x, W, b: x @ W + b),
    "softmax": ({"x": normal(2, 3)}, softmax),
    "layer_norm": ({"x": normal(2, 5), "gamma": normal(5), "beta": normal(5)}, lambda x, g, b: layer_norm(x, g, b, 1e-5)),
    "cross_entropy": ({"z": normal(4, 3), "t": T}, cross_entropy),
    "attention": ({"q": normal(2, 3, 4), "k": normal(2, 3, 4), "v": normal(2, 3, 2)}, attention),
    "two_layer_net": (
        {"x": normal(4, 5), "t": T, "W1": normal(5, 2), "b1": normal(2), "W2": normal(2, 3), "b2": normal(3)},
        lambda x, t, W1, b1, W2, b2: cross_entropy(sigmoid(x @ W1 + b1) @ W2 + b2, t),
    ),
    "silu": ({"x": normal(3)}, lambda x: x * sigmoid(x)),
    "neuron": ({"x": normal(2, 3), "w": normal(3)}, lambda x, w: (x @ w) * sigmoid(x @ w)),
    "gate": ({"x": normal(4)}, lambda x: leaky(x, 3) + leaky(x) + leaky(-x, 1.5)),
    "norm": ({"x": normal(2, 5), "g": normal(5), "b": normal(5)}, lambda x, g, b: layer_norm(x, g, b, 0.5)),
    "residual": ({"x": normal(2, 3), "W": normal(3, 3), "b": normal(3)}, residual),
    "mse": ({"p": normal(2, 3), "t": normal(2, 3)}, lambda p, t: ((p - t) ** 2).mean()),
    "pool": ({"x": normal(3, 2)}, lambda x: x.max(1)),
    "first": ({"x": normal(3, 4)}, lambda x: x[:, 0] - x[:, -1]),
    "trace": ({"s": normal(3, 3)}, np.trace),
    "embedding": ({"t": T.reshape(2, 2), "E": normal(3, 2)}, lambda t, E: E[t]),
    "masked": ({"x": normal(5), "m": MASK}, lambda x, m: np.where(m | (x > 0), x, -1)),
    "segment": ({"x": normal(4), "dst": DST, "w": normal(3)}, lambda x, dst, w: w * np.bincount(dst, x, 3)),
    "functions": (
        {"x": normal(3)},
        lambda x: np.log1p(x**2) + np.expm1(x) + np.abs(x) + np.sign(x) + special.erf(x) + special.gammaln(x**2 + 1)
        + special.digamma(x**2 + 1) + np.minimum(x, 0) + np.pi / 4,
    ),
    "extremes": (
        {"x": normal(2, 3)},
        lambda x: {"a": x.prod(1) + x.min(1), "b": special.logsumexp(x, axis=1), "k": x.argmax(1), "c": x.max(1)},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def layers() -> dict[str, Definition]:
    return {definition.name: definition for definition in read(LAYERS)}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", ["program", "nodes"])
def test_what_is_read_is_what_numpy_computes(name: str, form: str, layers: dict[str, Definition]) -> None:
    inputs, compute = CASES[name]
    program = getattr(layers[name], form)
    values = run(program, inputs)
    expected = compute(*inputs.values())
    expected = expected if isinstance(expected, dict) else {program.outputs[-1].name: expected}
    for output, value in expected.items():
        np.testing.assert_allclose(values[output].astype(float), value, rtol=1e-12, atol=1e-13)


def test_indices_are_numbers_in_comparisons_and_products() -> None:
    text = "band(x, m): y[i,j] = where(0 <= i - j <= 2 and not (i == j), x[i] + x[j], 0)*m*(i - j)"
    x = normal(4)
    i, j = np.mgrid[:4, :4]
    expected = np.where((i > j) & (i - j <= 2), x[i] + x[j], 0) * 0.5 * (i - j)
    for program in (read(text)[0].program, read(text)[0].nodes):
        np.testing.assert_allclose(run(program, {"x": x, "m": 0.5})["y"].astype(float), expected, rtol=1e-12)


def test_named_conditions_and_whole_numbers_are_what_numpy_computes() -> None:
    text = "f(x, t): m[i,j] = j <= i and x[j] > 0; s[i] = minimum(t[i] + 1, 3); y[i] = sum(where(m[i,j], x[j], 0), j)*x[s[i]]"
    x, t = normal(4), np.array([2, 0, 1, 3])
    mask = np.tri(4, dtype=bool) & (x > 0)
    expected = np.where(mask, x, 0).sum(1) * x[np.minimum(t + 1, 3)]
    for program in (read(text)[0].program, read(text)[0].nodes):
        np.testing.assert_allclose(run(program, {"x": x, "t": t})["y"].astype(float), expected, rtol=1e-12)


def test_scalars_are_elementwise_inputs_too() -> None:
    [shopping] = read("shopping(apple, count, tax): price = apple*count*tax")
    assert float(run(shopping.program, {"apple": 200, "count": 5, "tax": 1.1})["price"][()]) == pytest.approx(1100)


def test_elementwise_inputs_broadcast_as_in_numpy() -> None:
    [shifted] = read("shifted(x, a, b): y = a*x + b")
    x, a, b = normal(2, 3), normal(3), normal(2, 1)
    for program in (shifted.program, shifted.nodes):
        np.testing.assert_allclose(run(program, {"x": x, "a": a, "b": b})["y"].astype(float), a * x + b, rtol=1e-12)


def test_leading_axes_may_be_none(layers: dict[str, Definition]) -> None:
    x = normal(3)
    np.testing.assert_allclose(run(layers["softmax"].program, {"x": x})["y"].astype(float), softmax(x), rtol=1e-12)


def test_a_mean_over_no_axes_is_the_value() -> None:
    [_, definition] = read("mse(p, t): L = mean((p[...] - t[...])**2, ...)\ng(p, t): s = sum(p[i], i); r = sum(t[i], i); L = mse(s, r)")
    assert float(run(definition.program, {"p": [1, 2], "t": [4]})["L"][()]) == 1
