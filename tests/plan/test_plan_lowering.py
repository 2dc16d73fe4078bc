"""Equations in index notation -> array operations: the exact text of the lines, on programs built by hand."""

import pytest
import sympy
from sympy import Expr, exp, log, sqrt

from symbp.emit.lines import line
from symbp.ir import Bracket, Constant, Element, Equation, Index, Leading, Reduce, Size, Tensor, Where
from symbp.plan.arrays import Array, Length, Name, replace, rewrite, walk
from symbp.plan.gathers import statements
from symbp.plan.lower import Lowering

B, D, K, N = (Size(name) for name in "BDKN")
b, d, k, j, n = Index("b", B), Index("d", D), Index("k", K), Index("j", K), Index("n", N)
dots = Index("...", Leading())


def tensor(name: str, *axes: Index, kind: str = "real") -> Element:
    return Element(Tensor(name, tuple(axis.size for axis in axes), kind), *axes)


def total(body: Expr, *bound: Index) -> Expr:
    return Reduce("sum", body, *bound)


def lines(target: Element, value: Expr) -> list[str]:
    """What the equation target = value becomes, each length under the name of its size (rows for leading axes)."""
    found = statements(Lowering(layer="test"), Equation(target, value, 3))
    lengths = {part for s in found for node in s.nodes for part in walk(node) if isinstance(part, Length)}
    named: dict[Array, Array] = {n: Name("rows" if isinstance(n.size, Leading) else str(n.size)) for n in lengths}
    return [row for s in found for row in line(rewrite(s, lambda node: replace(node, named)), "")]


x_nk, y_nk, x_n, x_k = tensor("x", n, k), tensor("y", n, k), tensor("u", n), tensor("v", k)
t_n = tensor("t", n, kind="integer")
CASES = {
    "a missing axis is inserted right of the first": (y_nk, x_nk - x_n, "y = x - u[:, None]"),
    "a missing axis on the left needs nothing": (y_nk, x_nk + x_k, "y = x + v"),
    "narrow factors meet first": (y_nk, 2 * x_n * x_k / N, "y = (2 * u / N)[:, None] * v"),
    "a tensor in another order is transposed": (y_nk, tensor("w", k, n), "y = w.T"),
    "a square of a name is a product": (y_nk, x_nk**2, "y = x * x"),
    "a negative power divides": (y_nk, x_n / x_nk, "y = u[:, None] / x"),
    "half divides": (y_nk, x_nk / 2, "y = x / 2"),
    "a short decimal multiplies": (y_nk, sympy.Rational(44715, 10**6) * x_nk, "y = 0.044715 * x"),
    "a third divides": (y_nk, sympy.Rational(2, 3) * x_nk, "y = 2 * x / 3"),
    "a root of a length is Python's": (y_nk, x_nk / sqrt(K), "y = x / math.sqrt(K)"),
    "a constant adds last": (x_n, sqrt(x_n + Constant("eps")), "u = np.sqrt(u + eps)"),
    "numbers stand first in a sum": (x_n, 1 - x_n, "u = 1 - u"),
    "a mean": (x_n, total(x_nk, k) / K, "u = x.mean(axis=1)"),
    "a mean over leading axes": (x_k, total(tensor("x", dots, k), dots) / dots.size, "v = x.reshape(rows, K).mean(axis=0)"),
    "a maximum of an empty axis is harmless": (x_n, Reduce("max", x_nk, k), "u = x.max(axis=1, initial=-np.inf)"),
    "an inner product": (tensor("s"), total(x_k * tensor("w", k), k), "s = v @ w"),
    "a matrix and a vector": (x_n, total(x_nk * x_k, k), "u = x @ v"),
    "a vector and a matrix": (x_k, total(x_nk * x_n, n), "v = u @ x"),
    "two matrices": (tensor("w", n, d), total(x_nk * tensor("w2", k, d), k), "w = x @ w2"),
    "a transposed right operand": (tensor("w", n, d), total(x_nk * tensor("w2", d, k), k), "w = x @ w2.T"),
    "a batch of matrices": (tensor("w", b, n, d), total(tensor("p", b, n, k) * tensor("q", b, d, k), k), "w = p @ q.swapaxes(-1, -2)"),
    "a product is summed elementwise": (x_n, total(x_nk * tensor("w", n, k), k), "u = (w * x).sum(axis=1)"),
    "a row gather": (tensor("y", n, d), Element(Tensor("E", (K, D)), t_n, d), "y = E[t]"),
    "one element a row": (x_n, Element(Tensor("p", (N, K)), n, t_n), "u = p[np.arange(N), t]"),
    "a constant position": (x_n, Element(Tensor("p", (N, K)), n, 0), "u = p[:, 0]"),
    "the last position of leading axes": (tensor("y", dots), Element(Tensor("p", (dots.size, K)), dots, -1), "y = p[..., -1]"),
    "a diagonal": (x_n, Element(Tensor("p", (N, N)), n, n), "u = p[np.arange(N), np.arange(N)]"),
    "a scatter adds repeated rows": (tensor("E", k, d), total(Bracket(k, t_n) * tensor("g", n, d), n), "E = _scatter_add(t, g, K)"),
    "a maximum of two": (y_nk, Where(x_nk >= 0, x_nk, 0), "y = np.maximum(x, 0)"),
    "a branch not taken is harmless": (y_nk, Where(x_nk > 0, x_nk, exp(x_nk)), "y = np.where(x > 0, x, np.exp(np.minimum(x, 0)))"),
    "a choice times a factor is a choice": (y_nk, x_n * Where(x_nk > 0, 1, 0), "y = np.where(x > 0, u[:, None], 0)"),
    "a mask of indices": (y_nk, Where(sympy.Le(k, n), x_nk, -sympy.oo), "y = np.where(np.arange(K) <= np.arange(N)[:, None], x, -np.inf)"),
    "an index as a number keeps float32": (y_nk, x_nk * n, "y = np.arange(N, dtype=?.dtype)[:, None] * x"),
    "a value that lacks an axis is spread": (y_nk, x_k, "y = np.broadcast_to(v, (N, K))"),
    "nothing is zeros": (y_nk, sympy.Integer(0), "y = np.zeros((N, K), ?.dtype)"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_equation_becomes_the_line_that_an_expert_writes(case: str) -> None:
    target, value, expected = CASES[case]
    assert lines(target, value) == [f"{expected}  # (3)"]


def test_a_bracket_on_an_axis_updates_a_part_of_a_fresh_array() -> None:
    scale = tensor("s")
    assert lines(y_nk, scale * (x_nk - Bracket(k, t_n))) == ["y = s * x  # (3)", "y[np.arange(N), t] -= s  # (3)"]


def test_a_bracket_on_a_constant_position_updates_a_slice() -> None:
    assert lines(y_nk, Bracket(k, 0) * x_n + x_nk) == ["y = x  # (3)", "y[:, 0] += u  # (3)"]


def test_what_a_maximum_is_subtracted_from_stands_beside_it() -> None:
    maximum, row = Reduce("max", x_nk, k), total(exp(x_nk), k)
    assert lines(y_nk, x_nk - maximum - log(row)) == [
        "y = x - x.max(axis=1, initial=-np.inf)[:, None] - np.log(np.exp(x).sum(axis=1))[:, None]  # (3)"
    ]


def test_of_three_operands_a_vector_is_contracted_first() -> None:
    matrix = tensor("A", n, k)
    assert lines(tensor("s"), total(x_n * matrix * x_k, n, k)) == ["s = v @ (u @ A)  # (3)"]
