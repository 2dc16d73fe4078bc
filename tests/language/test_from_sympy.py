"""SymPy's expressions become texts of the language, or are refused by name."""

import re
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Eq, Expr, Idx, IndexedBase, Integer, Product, Sum, Symbol, symbols

from symbp.errors import ReadError
from symbp.ir import run
from symbp.language import from_sympy, read

x, w, n, m = symbols("x w n m")
i, j, o = Idx("i", n), Symbol("j", integer=True), Symbol("o", integer=True)
X, W, b = IndexedBase("X"), IndexedBase("W"), IndexedBase("b")

TEXTS: list[tuple[dict[str, Any], str]] = [
    ({"y": x * sympy.exp(x) / (1 + sympy.exp(x))}, "f(x):\n    y = x*exp(x)/(exp(x) + 1)\n"),
    ({"y": sympy.Piecewise((x, x > 0), (x / 10, True))}, "f(x):\n    y = where(x > 0, x, x/10)\n"),
    ({"y": sympy.Max(x, 0) - sympy.sqrt(w)}, "f(w, x):\n    y = -sqrt(w) + maximum(0, x)\n"),
    ({"y": sympy.Abs(x) + sympy.loggamma(w)}, "f(w, x):\n    y = abs(x) + gammaln(w)\n"),
    ({"y": sympy.polygamma(0, x) * 0.25}, "f(x):\n    y = 0.25*digamma(x)\n"),
    ({"y": Sum(X[j, i] * W[i, o], i) + b[o]}, "f(W, X, b):\n    y[j,o] = b[o] + sum(W[i,o]*X[j,i], i)\n"),
    ({"mu": Sum(X[j], (j, 0, m - 1)) / m}, "f(X):\n    mu = sum(X[j], j)/size(j)\n"),
    ({"y": Product(X[o, j], (j, 0, 2))}, "f(X):\n    y[o] = prod(X[o,j], j=3)\n"),
    ({"y": Eq(IndexedBase("y")[o, j], X[j] * W[o])}, "f(W, X):\n    y[o,j] = W[o]*X[j]\n"),
    ({"a": x * w, "y": sympy.exp(Symbol("a")) + sympy.pi}, "f(w, x):\n    a = w*x\n    y = exp(a) + pi\n"),
    ({"y": sympy.Piecewise((x, (x > 0) & ~(w < 1)), (sympy.E, True))}, "f(w, x):\n    y = where((w >= 1) and (x > 0), x, exp(1))\n"),
    ({"y": Sum(X[2 * o + j] * W[j], (j, 0, 2))}, "f(W, X):\n    y[o] = sum(W[j]*X[j + 2*o], j=3)\n"),
    ({"y": Sum(X[m - 1 - j] * W[j], (j, 0, m - 1))}, "f(W, X):\n    y = sum(W[j]*X[-j + size(j) - 1], j)\n"),
    ({"y": Eq(IndexedBase("y")[i], X[i + 3])}, "f(X):\n    y[i] = X[i + 3]\n"),
    ({"y": X[j] * sympy.KroneckerDelta(j, o) * b[o]}, "f(X, b):\n    y[j,o] = where(j == o, 1, 0)*X[j]*b[o]\n"),
]


@pytest.mark.parametrize(("targets", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_an_expression_is_written_in_the_language_and_read(targets: dict[str, Expr], text: str) -> None:
    assert from_sympy("f", **targets) == text
    assert read(text)[0].name == "f"


REFUSED: list[tuple[Any, str]] = [
    (sympy.floor(x), "f: floor has no derivative rule"),
    (sympy.Function("g")(x), "f: g is not a function of the language"),
    (sympy.zeta(x), "f: zeta is not a function of the language"),
    (sympy.Heaviside(x), "f: Heaviside is not a function of the language"),
    (sympy.I * x, "f: I has no meaning in the language"),
    (sympy.GoldenRatio * x, "f: GoldenRatio has no meaning in the language"),
    (sympy.Derivative(sympy.Function("g")(x), x), "f: Derivative has no meaning in the language"),
    (sympy.Integral(x, x), "f: Integral has no meaning in the language"),
    (sympy.Matrix([x]), "f: y is MutableDenseMatrix, not a SymPy expression"),
    ("__import__('os')", "f: y is str, not a SymPy expression"),
    (sympy.Piecewise((x, x > 0)), "f: a Piecewise needs a last branch (value, True)"),
    (Symbol("a b"), "f: 'a b' is no name of the language"),
    (Sum(X[j], (j, 1, n)), "f: j does not run from 0; an index does"),
    (Sum(X[j], (j, 0, 2 * n)), "f: j runs up to 2*n; the last place is a number, or n - 1"),
    (Eq(x, w), "f: the left of Eq(x, w) is not y with its axes"),
]


@pytest.mark.parametrize(("value", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_has_no_meaning_is_refused_by_name(value: Any, message: str) -> None:
    with pytest.raises(ReadError, match="^" + re.escape(message)):
        from_sympy("f", y=value)


def test_a_layer_needs_an_expression() -> None:
    with pytest.raises(ReadError, match=r"^f: no expression is given"):
        from_sympy("f")


def test_a_number_is_an_expression_but_reads_no_input() -> None:
    with pytest.raises(ReadError, match=r"^f, line 2, column 5: the layer reads no input"):
        read(from_sympy("f", y=Integer(2)))


def test_the_text_means_what_sympy_computes() -> None:
    value = sympy.Piecewise((sympy.sinh(x) ** 2, x < w), (sympy.log(x) / 7, True)) * sympy.Min(x, w)
    [definition] = read(from_sympy("f", y=value))
    for at in ({"x": 0.5, "w": 1.5}, {"x": 2.5, "w": 1.5}):
        assert float(run(definition.program, at)["y"][()]) == pytest.approx(float(value.subs(at)), rel=1e-14)


def test_indexed_sums_mean_what_numpy_computes() -> None:
    [definition] = read(from_sympy("f", y=Sum(X[j, i] * W[i, o], i) + b[o]))
    arrays = {"X": np.ones((2, 3)), "W": np.arange(12.0).reshape(3, 4), "b": np.arange(4.0)}
    found = run(definition.program, arrays)["y"].astype(float)
    np.testing.assert_array_equal(found, arrays["X"] @ arrays["W"] + arrays["b"])
