"""Random layers, and those that once went wrong: forward and every gradient against the exact interpreter."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from exact import difference_quotients
from hypothesis import given, settings
from hypothesis import strategies as st

import symbp
from symbp.emit.lines import line
from symbp.ir import Leading, Program, run
from symbp.plan import Call, Name, Update

UNARY = ("exp(-{})", "sqrt(1 + ({})**2)", "log(1 + ({})**2)", "tanh({})", "sigmoid({})", "sin({})", "1/(1 + ({})**2)", "abs({})", "-({})")
BINARY = ("({} + {})", "({} - {})", "({})*({})", "({})*({})", "({})/(2 + tanh({}))", "maximum({}, {})", "minimum({}, {})")
LEAVES = {
    "": ("c", "2", "s"),
    "n": ("u[n]", "n", "pad(u[n+1])", "pad(u[2*n-1], 0.5)"),
    "k": ("v[k]", "v[-1]"),
    "nk": ("x[n,k]", "x[n,k]", "x[n,0]", "v[t[n]]", "x[n,t[n]]", "q[n,n]*v[k]", "pad(x[n-1,k])", "pad(x[n,2*k+1])"),
}
BOUND = {"m": ("u[m]", "q[n,m]"), "j": ("v[j]", "x[n,j]")}


# ---------------------------------------------------------------- random layers


class Writer:
    """Writes one expression over the indices n and k; what it binds are m and j."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw

    def value(self, depth: int, bound: str = "") -> str:
        kind = self.draw.random()
        if depth == 0 or kind < 0.1:
            return self.leaf(bound)
        if kind < 0.35:
            return self.draw.choice(UNARY).format(self.value(depth - 1, bound))
        if kind < 0.7:
            return self.draw.choice(BINARY).format(self.value(depth - 1, bound), self.value(depth - 1, bound))
        if kind < 0.78:
            condition = self.draw.choice(("k <= n", "n != 1", "x[n,k] > 0.9", "not (u[n] < 1)"))
            return f"where({condition}, {self.value(depth - 1, bound)}, {self.value(depth - 1, bound)})"
        return self.reduction(depth, bound)

    def leaf(self, bound: str) -> str:
        choices = [leaf for leaves in LEAVES.values() for leaf in leaves] + [leaf for index in bound for leaf in BOUND[index]] * 3
        return self.draw.choice(choices)

    def reduction(self, depth: int, bound: str) -> str:
        op = self.draw.choice(("sum", "sum", "mean", "max", "min", "prod", "logsumexp"))
        free = [index for index in "mj" if index not in bound]
        if not free:
            return self.leaf(bound)
        if self.draw.random() < 0.1 and op != "logsumexp" and "p" not in bound:
            return f"{op}({self.value(depth - 1, bound)}, p{depth}=3)"
        over = self.draw.sample(free, self.draw.randint(1, len(free)))
        given_length = "*".join(self.draw.choice(BOUND[index]) for index in over)
        return f"{op}({given_length}*({self.value(depth - 1, bound + ''.join(over))}), {', '.join(over)})"


def random_layer(seed: int, depth: int) -> str:
    writer = Writer(random.Random(seed))
    first, second = writer.value(depth), writer.value(depth - 1)
    if seed % 3 == 0:  # a recurrence along n in front of y
        first = f"tanh({first}) + pad(y[n-1,k])*u[n]"
    every = "c*s + q[n,n] + v[t[n]]"  # so that all inputs are read, and t as an index
    return f"f(x, q, u, v, s, t, c=0.5):\n    y[n,k] = {first} + x[n,k] + u[n]\n    z[n] = y[n,0]*({every}) + sum(y[n,k]*({second}), k)"


@given(st.integers(0, 10**6))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_random_layer_is_right(seed: int) -> None:
    compare(random_layer(seed, depth=2))


@pytest.mark.slow
@given(st.integers(0, 10**6))
@settings(max_examples=5_000, deadline=None, derandomize=True)
def test_a_larger_random_layer_is_right(seed: int) -> None:
    compare(random_layer(seed, depth=3))


# ---------------------------------------------------------------- layers that once went wrong

ONCE_WRONG = {
    "an equation that is a constant alone": "f(x, c=0.5): a = c; y = x*a",
    "an equation that is an index alone": "f(x): a[n] = n; y[n] = x[n]*a[n]",
    "a choice between indices": "f(u): y[n] = u[n]*sigmoid(where(u[n] < 1, n, n))",
    "a sum of what does not depend on its index": "f(x, z): y[m] = sum(x[m] + z[n,m], n)",
    "a sum of a gather and of what does not depend on its index": "f(x, t): y[m] = sum(log(x[m]) - x[t[n,m]], n)",
    "a sum over a range that nothing depends on": "f(x, z): y = sum(x/z, p=2) + z",
    "a mean of a square over a range": "f(x, z): y[n] = z[n]*mean(x**2, p=2)**0.5",
    "a product over a range that nothing depends on": "f(x, z): y[d] = prod(x*z[d], p=3)",
    "a mask over a range": "f(x): y[j] = sum(where(p < 1, x[j], 0), p=4)",
    "independent sums in one": "f(x, z): y[k] = z[k]*sum(x[n]*z[h], n, h)",
    "a factor from outside the sum": "f(x, z): y[n,m] = x[m] + sin(mean(z[e]*x[n], e))",
    "a reduction under a bound index": "f(x, z): y[k] = z[k]*sum(x[i]*logsumexp(x[m]*1.5, m), i)",
    "a maximum under a bound index": "f(x): y = sum(max(x[l,j], l)*x[j,j], j)",
    "a product of sums": "f(x, z, w): y[...] = w[...]*prod(z[h]*sum(x[j]*z[h], j), h)",
    "a maximum of a product over two indices": "f(x, z): y = max(z[j]*x[i], j, i)",
    "a maximum over leading axes": "f(x, z): y[m] = max(x[...]*z[m], ...)",
    "a maximum over leading axes and another": "f(x, z): y[d] = max(x[...,m]*z[d,m], m, ...)",
    "a maximum over leading axes of several": "f(x): y[n] = sum(max(x[...,n,h], ...), h)",
    "a gather behind leading axes": "f(x, t): y[...,m] = x[...,t[m]]",
    "a gather between axes": "f(x, t, z): y[...,m,n] = x[...,t[m],n]*z[n,m]",
    "a triple diagonal": "f(x): y[k] = sum(x[k,k,k]*x[k,j,k], j)",
    "a mask at a position counted from the end": "f(x, z): y[j] = where(j <= 1, x[j]*z[j], z[j]); w[j] = x[j]*y[-1]",
    "an index as a number at a position counted from the end": "f(x): y[k] = minimum(x[k] + k, 4*x[k]); w = cosh(y[-1])",
    "functions of constants alone": "f(x, c=0.5): y = x*sigmoid(c) + log(1 + exp(c))*maximum(c, 0)**2*x",
    "an index around one that is renamed": "f(x, z): y[d] = max(sum(x[i]*logsumexp(where(i == 1, x[n], z[d,l]), l), i), n)",
    "two passes that number their indices": (
        "f(x, y, s, t, r): v[j] = minimum(max(x[l]*(2 + y[j]), l), s**3 + x[j] - softmax(y)[t[j]]);"
        " w[j,n] = sin((x[j] - v[j]) - (x[r[j,n]] + x[j])); u = v[1] + tanh(s)"
    ),
    "two masks added": "f(x): y[n] = sum(minimum(x[e,h,n], x[h,e,n]) - x[h,e,n]*x[e,h,n], h, e)",
    "a sum over two axes of one length, divided by one": "f(x): y = sum(x[n,m] - x[m,n]**2, n, m)/size(n)",
    "a position as a number": "f(x): a[n] = argmax(x[n,k], k); y[n] = x[n,0]*tanh(a[n])",
    "a function of a constant that math lacks": "f(x, c=0.5): y = x - sign(c)",
    "a branch that is complex elsewhere": "f(x, z): y = where(x >= 0, maximum(sqrt(x)*z, log(x) + 3), z)",
    "a second set of leading axes": "f(x, z, w): y[...] = x[...]*2; v[...,k] = z[k]*w[...]",
    "a mean over two axes, one of them contracted first": "f(x, q, v): y[n] = mean(q[n,m]*v[j]*(q[n,m] - x[n,j]), m, j)",
    "a padded value in an exponent": "f(x): y[k] = x[k]/(1 + exp(x[k]*pad(x[k+1])))",
    "a maximum in a branch that is seldom taken": "f(q, v): y[n] = where(q[n] > 1.1, sigmoid(max(v[j]*v[j], j)), 1)",
    "a maximum in the lesser of two values": "f(q, v): y[n] = maximum(3*q[n]**2, 3*sigmoid(max(v[j]*v[j], j)) - 2.5)",
    "a maximum under conditions that seldom hold together": (
        "f(x, q, u, v, s, t, c=0.5): y[n,k] = maximum(sigmoid(exp(-q[n,n]*v[k])), sigmoid(max(v[j]*v[j], j))) + x[n,k] + u[n];"
        " z[n] = y[n,0]*(c*s + q[n,n] + v[t[n]]) + sum(y[n,k]*(-(where(x[n,k] > 0.9, c, pad(x[n-1,k])))), k)"
    ),
    "an axis as long as a constant": "f(x, kernel=2): size(p) = kernel; y[n,p] = x[n+p]",
    "a position one further": "f(x, t): s[i] = t[i] + 1; y[i] = x[s[i]]",
    "a position that a condition chooses": "f(x, t): s[i] = where(x[t[i]] > 1, 1, 0); y[i] = x[s[i]]",
    "one position for all": "f(x, t): s[i] = 1; y[i] = x[s[i]]*x[t[i]]*x[i]",
    "positions moved by one": "f(x, t): s[i+1] = t[i]; y[i] = x[s[i]]",
}


@pytest.mark.parametrize("text", ONCE_WRONG.values(), ids=ONCE_WRONG)
def test_what_once_went_wrong_is_right(text: str) -> None:
    compare(text)


OVERFLOWED = {
    "logsumexp of a product": "f(x, z): y[n] = logsumexp(z[d]*x[n], d)",
    "logsumexp, times something": "f(x, z): y[n] = x[n]*logsumexp(z[d]*x[n], d)",
    "a softmax average by its temperature": "f(x, v, T): y = sum(v[k]*exp(x[k]*T), k)/sum(exp(x[j]*T), j)",
    "a softmax written out, and more": "f(x, z): y[n] = x[n]*exp(z[n])/sum(exp(z[j]), j) + 3*z[n]",
    "a softmax of a softmax's argument": "f(x, T): y[k] = softmax(x)[k]*exp(x[k]*T)/sum(exp(x[j]*T), j)",
}


@pytest.mark.parametrize("text", OVERFLOWED.values(), ids=OVERFLOWED)
def test_what_once_overflowed_does_not(text: str) -> None:
    compare(text, scale=500)


def test_a_term_is_not_had_from_the_sum_by_subtraction() -> None:
    module = symbp.layer("y = exp(-x) + exp(sin(z))").load()
    _, residuals = module.forward(-60.0, 0.5)
    assert module.backward(1.0, residuals).z == pytest.approx(np.exp(np.sin(0.5)) * np.cos(0.5), rel=1e-14)


def test_an_index_as_a_number_keeps_float32() -> None:
    assert symbp.layer("y[j] = x[j] + j").load().forward(np.ones(3, np.float32))[0].dtype == np.float32


def test_a_line_that_has_nowhere_to_break_stands_in_brackets() -> None:
    statement = Update(Call("item", (Name("place" * 12),), (0,)), 1, Name("value" * 8), 10)
    assert line(statement, "    ")[1:] == ["        " + "value" * 8, "    )  # (10)"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("f(x, z): y[d] = prod(x[...]*z[d,n], ..., n)", "name the axes instead of ...")],
)
def test_what_has_no_module_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(symbp.SymbpError, match=said.replace(".", r"\.")):
        symbp.layer(text).source()


# ---------------------------------------------------------------- the oracle


def compare(text: str, scale: float = 1.0) -> None:
    """Forward and backward of the generated module, in float64, with the exact values and difference quotients."""
    layer = symbp.layer(text)
    program, module = layer.definition.program, layer.load()
    arrays = sample(program, scale)
    outputs, residuals = module.forward(**arrays)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    exact = run(program, {name: array.astype(object) for name, array in arrays.items()})
    for tensor, found in zip(program.outputs, outputs, strict=True):
        assert_close(found, exact[tensor.name], f"{tensor.name} of {text}")
    draw = np.random.default_rng(1)
    upstream = {t.name: draw.normal(size=np.shape(found)) for t, found in zip(program.outputs, outputs, strict=True)}
    gradients = module.backward(*upstream.values(), residuals)
    for name, slopes in difference_quotients(program, arrays, upstream).items():
        assert_close(getattr(gradients, name), slopes, f"d{name} of {text}")


def assert_close(found: Any, exact: np.ndarray, what: str) -> None:
    expected = exact.astype(float)
    assert np.shape(found) == expected.shape, what
    assert np.abs(found - expected).max() <= 1e-9 * max(1, np.abs(expected).max()), what


def sample(program: Program, scale: float) -> dict[str, np.ndarray]:
    """Positive values apart from each other; every axis has two or three places, and an integer names one of the first two."""
    draw = np.random.default_rng(0)
    sizes = sorted({size for t in program.inputs for size in t.shape}, key=str)
    lengths = {size: (2, 2) if isinstance(size, Leading) else (2 + place % 2,) for place, size in enumerate(sizes)}

    def one(tensor: Any) -> np.ndarray:
        shape = sum((lengths[size] for size in tensor.shape), ())
        return scale * draw.uniform(0.2, 1.8, shape) if tensor.kind == "real" else draw.integers(0, 2, shape)

    return {tensor.name: np.asarray(one(tensor)) for tensor in program.inputs}


def test_a_nan_that_a_condition_looks_at_is_a_nan_of_the_branch_for_what_does_not_hold() -> None:
    for text in ("y = where(x > 0, x, exp(x/2) - 1)", "y = where(x <= 0, 0, log(x))", "y = where(x < 1, x, 1/x)"):
        assert np.isnan(symbp.layer(text).load().forward(np.array([1.0, np.nan]))[0][1]), text
