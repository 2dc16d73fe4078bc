"""Recurrences and functions of matrices, as Programs written by hand."""

from __future__ import annotations

import sympy
from sympy import Expr, exp, log, tanh
from windowed import D, K, N, P, T, d, k, layer, n, p, real, t, total

from symbp.ir import Element, Equation, Index, Inverse, Loop, Padded, Program, Reduce, Tensor, Where, validate

Pair = tuple[Element, Expr]
step, back = Loop(0, t), Loop(0, t, reverse=True)


def recurrent(
    name: str, inputs: tuple[Tensor, ...], loop: Loop, inside: tuple[tuple[Element, Expr], ...], *after: tuple[Element, Expr]
) -> Program:
    equations = [Equation(target, value, loop=loop) for target, value in inside] + [Equation(*pair) for pair in after]
    numbered = tuple(Equation(e.target, e.value, number, loop=e.loop) for number, e in enumerate(equations, 1))
    return validate(Program(name, inputs, numbered, (numbered[-1].target.head,)))


def rnn() -> Program:
    x, V, U, b, start = real("x", T, N, D), real("V", D, K), real("U", K, K), real("b", K), real("h0", N, K)
    s, j = real("h", T, N, K), Index("j", K)
    before = Where(sympy.Eq(t, 0), Element(start, n, j), Element(s, t - 1, n, j))
    value = tanh(total(Element(x, t, n, d) * Element(V, d, k), d) + total(before * Element(U, j, k), j) + Element(b, k))
    return recurrent("rnn", (x, V, U, b, start), step, ((Element(s, t, n, k), value),))


def rnn_last_step() -> Program:
    x, U, s, j = real("x", T, K), real("U", K, K), real("h", T, K), Index("j", K)
    value = tanh(Element(x, t, k) + total(Padded(Element(s, t - 1, j)) * Element(U, j, k), j))
    return recurrent("rnn_last_step", (x, U), step, ((Element(s, t, k), value),), (Element(real("y", K), k), Element(s, -1, k) ** 2))


def reversed_rnn() -> Program:
    x, start, U, s, j = real("x", T, K), real("h0", K), real("U", K, K), real("h", T, K), Index("j", K)
    before = Where(sympy.Eq(t, T - 1), Element(start, j), Element(s, t + 1, j))
    value = tanh(Element(x, t, k) + total(before * Element(U, j, k), j))
    return recurrent("reversed_rnn", (x, start, U), back, ((Element(s, t, k), value),))


def lstm() -> Program:
    x, h0, c0 = real("x", T, D), real("h0", K), real("c0", K)
    gates = {name: (real(f"V{name}", D, K), real(f"U{name}", K, K)) for name in "ifgo"}
    s, cell, j = real("h", T, K), real("c", T, K), Index("j", K)
    before = Where(sympy.Eq(t, 0), Element(h0, j), Element(s, t - 1, j))
    inside = []
    for name, (V, U) in gates.items():
        z = Element(real(f"z{name}", T, K), t, k)
        inside.append((z, total(Element(x, t, d) * Element(V, d, k), d) + total(before * Element(U, j, k), j)))
        inside.append((Element(real(name, T, K), t, k), tanh(z) if name == "g" else 1 / (1 + exp(-z))))
    i, f, g, out = (Element(real(name, T, K), t, k) for name in "ifgo")
    inside.append((Element(cell, t, k), f * Where(sympy.Eq(t, 0), Element(c0, k), Element(cell, t - 1, k)) + i * g))
    inside.append((Element(s, t, k), out * tanh(Element(cell, t, k))))
    return recurrent("lstm", (x, h0, c0, *(m for pair in gates.values() for m in pair)), step, tuple(inside))


def second_order() -> Program:
    x, a, h0, h1, s = real("x", T), real("a"), real("h0"), real("h1"), real("s", T)
    one = Where(sympy.Eq(t, 0), Element(h0), Element(s, t - 1))
    two = Where(sympy.Eq(t, 0), Element(h1), Where(sympy.Eq(t, 1), Element(h0), Element(s, t - 2)))
    value = sympy.sin(one) * Element(a) - two * Element(x, t)
    return recurrent("second_order", (x, a, h0, h1), step, ((Element(s, t), value),))


def running_quotient() -> Program:
    """What is divided by is read at the step that comes next: beyond the last there is none."""
    x, s = real("x", T), real("s", T)
    value = Padded(Element(s, t - 1), 1) / Element(x, t) + log(Element(x, t))
    return recurrent("running_quotient", (x,), step, ((Element(s, t), value),))


def filtered() -> Program:
    x, f, s = real("x", T), real("f", P), real("s", T)
    value = Element(x, t) + total(Padded(Element(s, t - 1 - p)) * Element(f, p), p)
    return recurrent("filtered", (x, f), step, ((Element(s, t), tanh(value)),))


def running_maximum() -> Program:
    """Each state is the largest over the places of the one before it, plus a cost of the way."""
    x, cost, s, j = real("x", T, K), real("cost", K, K), real("s", T, K), Index("j", K)
    value = Element(x, t, k) + Reduce("max", Padded(Element(s, t - 1, j)) + Element(cost, j, k), j)
    return recurrent("running_maximum", (x, cost), step, ((Element(s, t, k), value),))


# ---------------------------------------------------------------- matrices

row, column_ = Index("r", K), Index("s", K)


def matrix(tensor: Tensor, *before: Index) -> Element:
    return Element(tensor, *before, row, column_)


def determinant() -> Program:
    A = real("A", N, K, K)
    return layer("determinant", (A,), (Element(real("y", N), n), exp(Reduce("det", matrix(A, n), row, column_)) + Element(A, n, 0, 1)))


def log_determinant() -> Program:
    A, x = real("A", K, K), real("x", K)
    body = matrix(A) * matrix(A) + Where(sympy.Eq(row, column_), 3 + Element(x, row) ** 2, 0)
    return layer("log_determinant", (A, x), (Element(real("y")), Reduce("logdet", body, row, column_) * Element(x, 0)))


def inverse() -> Program:
    A = real("A", N, K, K)
    return layer("inverse", (A,), (Element(real("B", N, K, K), n, row, column_), Inverse(matrix(A, n), row, column_)))


def solve() -> Program:
    A, x, first = real("A", K, K), real("x", K), Index("a", K)
    value = total(Inverse(Element(A, first, column_) ** 2, first, column_) * Element(x, column_), column_)
    return layer("solve", (A, x), (Element(real("y", K), first), value))


def gaussian() -> Program:
    """The logarithm of a normal density: the inverse that is there serves the determinant too."""
    A, x = real("A", K, K), real("x", K)
    B = real("B", K, K)
    value = -Reduce("logdet", matrix(A), row, column_) / 2 - total(Element(x, row) * matrix(B) * Element(x, column_), row, column_) / 2
    return layer("gaussian", (A, x), (matrix(B), Inverse(matrix(A), row, column_)), (Element(real("L")), value))


RECURRENCES = (rnn, rnn_last_step, reversed_rnn, lstm, second_order, running_quotient, filtered, running_maximum)
MATRICES = (determinant, log_determinant, inverse, solve, gaussian)
