"""Emitted NumPy modules against NumPy written by hand, the complex step, and the manners that every module owes its caller."""

import os
import re
import subprocess
import sys
import types
import warnings
from functools import cache
from typing import Any

import numpy as np
import pytest

from symbp import EmitError, Layer, language

TEXT = """
sigmoid(x): y = 1/(1 + exp(-x))
relu(x): y = maximum(x, 0)
scale(x): y = 2*x
same(x): y = x
mul(x, y): z = x*y
both(x, y): a = x*y; b = x + y
masked(x, mask): y = where(mask, x, 0)
step(x, y): z = where(x > 0, 0.1, 0)*y
elu(x, alpha=1.0): y = where(x > 0, x, alpha*(exp(x) - 1))
shopping(apple, count, tax): price = apple*count*tax
affine(x, *, W, b): y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]
softmax(x): y[...,k] = exp(x[...,k]) / sum(exp(x[...,j]), j)
mse(y, t): L = mean((y[...] - t[...])**2, ...)
layer_norm(x, *, gamma, beta, eps=1e-5):
    mu[...]  = mean(x[...,d], d)
    v[...]   = mean((x[...,d] - mu[...])**2, d)
    y[...,d] = gamma[d]*(x[...,d] - mu[...])/sqrt(v[...] + eps) + beta[d]
cross_entropy(z, t):
    L = -mean(log(softmax(z)[n, t[n]]), n)
attention(q, k, v):
    s[h,i,j] = where(j <= i, sum(q[h,i,d]*k[h,j,d], d)/sqrt(size(d)), -inf)
    o[h,i,e] = sum(softmax(s)[h,i,j]*v[h,j,e], j)
embedding(t, *, E): y[...,d] = E[t[...],d]
longest(x): y[n] = max(x[n,k], k)
peak(x): y = max(x[i,j], i, j)
positions(s, m=0.5): y[i,j] = s[i,j] + m*(i - j)
"""
SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "sigmoid": {"x": (2, 3)},
    "relu": {"x": (2, 3)},
    "scale": {"x": (2, 3)},
    "same": {"x": (2, 3)},
    "mul": {"x": (2, 1, 3), "y": (4, 1)},
    "elu": {"x": (2, 3)},
    "shopping": {"apple": (2,), "count": (), "tax": (3, 1)},
    "affine": {"x": (2, 3, 4), "W": (4, 5), "b": (5,)},
    "softmax": {"x": (2, 3, 4)},
    "mse": {"y": (2, 3), "t": (2, 3)},
    "layer_norm": {"x": (2, 3, 4), "gamma": (4,), "beta": (4,)},
    "attention": {"q": (2, 3, 4), "k": (2, 3, 4), "v": (2, 3, 5)},
    "longest": {"x": (4, 3)},
    "peak": {"x": (4, 3)},
    "positions": {"s": (3, 4)},
}


@cache
def layer(name: str) -> Layer:
    return next(Layer(definition) for definition in language.read(TEXT) if definition.name == name)


@cache
def source(name: str) -> str:
    return layer(name).source()


@cache
def module(name: str) -> Any:
    loaded = types.ModuleType(name)
    exec(compile(source(name), name, "exec"), loaded.__dict__)
    return loaded


def arrays(name: str, dtype: type = np.float64) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {key: rng.normal(size=shape).astype(dtype) for key, shape in SHAPES[name].items()}


@pytest.fixture(autouse=True)
def no_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("name", SHAPES)
def test_backward_agrees_with_the_complex_step_of_forward(name: str) -> None:
    values, rng, step = arrays(name), np.random.default_rng(2), 1e-30
    y, residuals = module(name).forward(*values.values())
    upstream = rng.normal(size=y.shape)
    gradients = module(name).backward(upstream, residuals)
    for key, value in values.items():
        direction = rng.normal(size=value.shape)
        moved = [v + step * 1j * direction if k == key else v + 0j for k, v in values.items()]
        expected = np.sum(upstream * module(name).forward(*moved)[0].imag / step)
        assert np.sum(getattr(gradients, key) * direction) == pytest.approx(expected, rel=1e-12, abs=1e-13)


def test_cross_entropy_is_softmax_minus_one_hot() -> None:
    z, t = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 2, 1, 1])
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    loss, residuals = module("cross_entropy").forward(z, t)
    assert loss == pytest.approx(-np.log(p[np.arange(4), t]).mean(), rel=1e-14)
    assert module("cross_entropy").backward(3.0, residuals).z == pytest.approx(3 * (p - np.eye(3)[t]) / 4, rel=1e-13)


def test_an_embedding_adds_up_the_gradients_of_repeated_rows() -> None:
    t, table = np.array([[1, 3], [1, 1]]), np.random.default_rng(0).normal(size=(5, 2))
    y, residuals = module("embedding").forward(t, table)
    expected = np.zeros((5, 2))
    np.add.at(expected, t, y)
    assert np.array_equal(y, table[t])
    found = module("embedding").backward(y, residuals)
    assert np.allclose(found.E, expected, rtol=1e-14)


def test_a_boolean_mask_lets_through_where_it_holds() -> None:
    y, residuals = module("masked").forward([1.0, 2.0], [True, False])
    assert np.array_equal(y, [1, 0])
    assert np.array_equal(module("masked").backward([5.0, 6.0], residuals).x, [5, 0])


def test_several_outputs_come_as_a_tuple_and_take_a_cotangent_each() -> None:
    (a, b), residuals = module("both").forward(2.0, 3.0)
    assert (a, b) == (6, 5)
    assert module("both").backward(10.0, 1.0, residuals) == (31, 21)


def test_an_input_that_only_a_condition_reads_has_a_gradient_of_zeros() -> None:
    z, residuals = module("step").forward(np.array([1.0, -1.0, 2.0]), 3.0)
    gradients = module("step").backward(z, residuals)
    assert np.array_equal(gradients.x, np.zeros(3))
    assert gradients.y.shape == ()


# ---------------------------------------------------------------- manners


@pytest.mark.parametrize("name", SHAPES)
def test_float32_stays_float32(name: str) -> None:
    y, residuals = module(name).forward(*arrays(name, np.float32).values())
    gradients = module(name).backward(np.ones(y.shape), residuals)
    assert {y.dtype, *(g.dtype for g in gradients)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", SHAPES)
def test_arguments_are_left_alone_and_gradients_are_arrays_of_their_own(name: str) -> None:
    values = arrays(name)
    y, residuals = module(name).forward(*values.values())
    upstream = np.ones(y.shape)
    for array in (upstream, *values.values()):
        array.flags.writeable = False
    gradients = module(name).backward(upstream, residuals)
    given = [upstream, np.asarray(y), *values.values()]
    found = list(map(np.asarray, gradients))
    assert not any(np.shares_memory(g, other) for k, g in enumerate(found) for other in (*given, *found[k + 1 :]))


@pytest.mark.parametrize("name", SHAPES)
def test_memory_layout_makes_no_difference(name: str) -> None:
    values = arrays(name)
    y, residuals = module(name).forward(*values.values())
    strided = [np.asfortranarray(np.repeat(v, 2, axis=-1))[..., ::2] if v.ndim else v for v in values.values()]
    other, again = module(name).forward(*strided)
    assert other == pytest.approx(y, rel=1e-14)
    for a, b in zip(module(name).backward(y, residuals), module(name).backward(y, again), strict=True):
        assert a == pytest.approx(b, rel=1e-13)


@pytest.mark.parametrize("lead", [(), (0,), (2, 0), (1, 2, 3)])
@pytest.mark.parametrize("name", ["affine", "softmax", "layer_norm"])
def test_any_leading_axes_are_accepted_empty_ones_too(name: str, lead: tuple[int, ...]) -> None:
    x, *rest = arrays(name).values()
    x = np.ones((*lead, x.shape[-1]))
    y, residuals = module(name).forward(x, *rest)
    gradients = module(name).backward(y, residuals)
    assert [g.shape for g in gradients] == [x.shape, *(r.shape for r in rest)]


def test_a_softmax_over_nothing_is_nothing() -> None:
    y, residuals = module("softmax").forward(np.zeros((2, 0)))
    assert module("softmax").backward(y, residuals).x.shape == (2, 0)


def test_python_numbers_adapt_to_the_arrays_and_integers_become_float64() -> None:
    assert module("mul").forward(np.ones(2, np.float32), 2.0)[0].dtype == np.float32
    assert module("mul").forward(2, np.array([3]))[0].dtype == np.float64


def test_no_branch_that_is_not_taken_warns() -> None:
    _, residuals = module("elu").forward(np.array([-1e3, 1e3]))
    assert np.array_equal(module("elu").backward(np.ones(2), residuals).x, [0, 1])


# ---------------------------------------------------------------- which gradients


def test_a_gradient_left_out_of_wrt_is_none() -> None:
    y, residuals = module("affine").forward(*arrays("affine").values())
    gradients = module("affine").backward(y, residuals, wrt=("W",))
    assert (gradients.x, gradients.b) == (None, None)
    assert gradients.W.shape == (4, 5)


def test_an_unknown_name_in_wrt_is_refused() -> None:
    y, residuals = module("affine").forward(*arrays("affine").values())
    with pytest.raises(ValueError, match=r"^affine: wrt names V, expected some of x, W, b$"):
        module("affine").backward(y, residuals, wrt=("V",))


# ---------------------------------------------------------------- messages

X, W, BIAS = np.ones((2, 4)), np.ones((4, 5)), np.ones(5)
REFUSED = {
    "axis i of W has length 3, expected 4 (axis i of x)": ("affine", (X, np.ones((3, 5)), BIAS)),
    "W has shape (3,), expected 2 axes (i, o)": ("affine", (X, np.ones(3), BIAS)),
    "x has shape (), expected at least 1 axis (..., i)": ("affine", (1.0, W, BIAS)),
    "x has dtype <U1, expected numbers": ("affine", ("x", W, BIAS)),
    "shapes do not broadcast: x (2,), y (3,)": ("mul", (np.ones(2), np.ones(3))),
    "t has dtype float64, expected integers": ("cross_entropy", (X, np.zeros(2))),
    "t has values from -1 to 0, expected 0 to 3": ("cross_entropy", (X, [0, -1])),
    "t has values from 0 to 4, expected 0 to 3": ("cross_entropy", (X, [0, 4])),
    "mask has dtype int64, expected booleans": ("masked", (X, np.ones(4, np.int64))),
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_wrong_argument_is_named_with_what_was_found_and_expected(message: str) -> None:
    name, values = REFUSED[message]
    with pytest.raises((ValueError, TypeError, IndexError), match=f"^{name}: {re.escape(message)}$"):
        module(name).forward(*values)


def test_an_upstream_of_another_shape_is_refused() -> None:
    _, residuals = module("affine").forward(X, W, BIAS)
    with pytest.raises(ValueError, match=r"^affine: dy has shape \(5,\), expected \(2, 5\)$"):
        module("affine").backward(np.ones(5), residuals)


def test_a_layer_without_a_real_output_has_nothing_to_differentiate() -> None:
    with pytest.raises(EmitError, match=r"^f: no output is real, so there is nothing to differentiate$"):
        Layer(*language.read("f(x): k = argmax(x[i], i)")).source()


def test_a_constant_may_be_called_like_a_shape() -> None:
    assert "np.zeros((N, lead), " in Layer(*language.read("f(x, lead=2): y[n] = max(x[n,p], p=lead)")).source()


# ---------------------------------------------------------------- classes


def test_a_layer_keeps_its_parameters_and_fills_their_gradients() -> None:
    weights = W.copy()
    layer = module("affine").Affine(weights, BIAS)
    y = layer.forward(X)
    assert np.array_equal(layer.backward(y), y @ W.T)
    assert np.array_equal(layer.grads["W"], X.T @ y)
    layer.params["W"] -= 1
    assert np.array_equal(layer.forward(X), np.ones((2, 5)))


def test_a_loss_has_an_upstream_of_one_and_returns_a_gradient_for_each_data_input() -> None:
    layer = module("mse").Mse()
    assert layer.forward([1.0, 2.0], [0.0, 0.0]) == 2.5
    dy, dt = layer.backward()
    assert np.array_equal(dy, [1, 2])
    assert np.array_equal(dt, [-1, -2])


def test_the_book_s_shopping_example() -> None:
    layer = module("shopping").Shopping()
    assert layer.forward(200, 5, 1.1) == pytest.approx(1100)
    assert layer.backward(1.0) == pytest.approx((5.5, 220, 1000))


def test_a_constant_is_a_keyword_of_the_class() -> None:
    assert module("elu").Elu(alpha=2.0).forward(-1e3) == -2


def test_backward_before_forward_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"^sigmoid: call forward before backward$"):
        module("sigmoid").Sigmoid().backward(1.0)


# ---------------------------------------------------------------- the text

NAMES = [definition.name for definition in language.read(TEXT)]


def test_every_module_is_clean_and_at_most_a_hundred_characters_wide(tmp_path: Any) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(source(name))
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,W,I", "--line-length", "100", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_equation_of_the_derivation_is_cited_where_it_is_computed(name: str) -> None:
    programs = (layer(name).derivation.forward, layer(name).derivation.backward)
    results = {tensor.name: str(e.number) for p in programs for tensor in p.outputs for e in p.equations if e.name == tensor.name}
    statements = re.split(r"\n(?= +\w+(?:\[.*\])? [+-]?= )", source(name))
    cited = [
        (statement.split()[0], number) for statement in statements for number in re.findall(r"  # \((\d+)\)$", statement, re.MULTILINE)
    ]
    assert set(results.items()) <= set(cited)
    assert {int(number) for _, number in cited} <= {e.number for p in programs for e in p.equations}


def test_only_what_is_used_is_imported() -> None:
    assert "math" not in source("sigmoid")
    assert "scipy" not in source("cross_entropy")
    assert "from scipy.sparse import csr_matrix" in source("embedding")


def test_the_text_does_not_depend_on_the_hash_seed() -> None:
    code = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r}); import test_emitted_modules as t; print(t.source('attention'))"
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}, check=True) for seed in "12"]
    assert runs[0].stdout == runs[1].stdout


def test_the_sigmoid_module_reads_like_this() -> None:
    text = source("sigmoid")
    start, end = text.index("def backward"), text.index("\n\n\nclass Sigmoid")
    assert text[start:end] == (
        "def backward(dy, residuals) -> Gradients:\n"
        '    """The gradient that dy sends back."""\n'
        "    (y,) = residuals\n"
        '    dy = _upstream("dy", dy, y.shape, y.dtype)\n'
        "    dx = dy * y * (1 - y)  # (2)\n"
        "    return Gradients(dx)"
    )
