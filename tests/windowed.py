"""Layers with windows, padding and scatters, as Programs written by hand."""

from __future__ import annotations

import sympy
from sympy import Expr, Rational, exp, floor, log, oo, tanh

from symbp.ir import (
    Bracket,
    Constant,
    Derived,
    Element,
    Equation,
    Index,
    Padded,
    Program,
    Reduce,
    Size,
    Tensor,
    Where,
    validate,
)

N, C, E, D, K = map(Size, "NCEDK")
H, W, P, Q, T = map(Size, "HWPQT")
stride, dilation, padding = map(Constant, ("stride", "dilation", "padding"))
DEFAULTS = {stride: Rational(2), dilation: Rational(2), padding: Rational(1)}
n, c, e, d, k, h, w, p, q, t = (Index(size.name.lower(), size) for size in (N, C, E, D, K, H, W, P, Q, T))


def total(body: Expr, *indices: Index) -> Expr:
    return Reduce("sum", body, *indices)


def real(name: str, *shape: Expr) -> Tensor:
    return Tensor(name, shape)


def layer(name: str, inputs: tuple[Tensor, ...], *equations: tuple[Element, Expr], constants: tuple[Constant, ...] = ()) -> Program:
    """One output, that of the last equation."""
    numbered = tuple(Equation(target, value, number) for number, (target, value) in enumerate(equations, 1))
    return validate(Program(name, inputs, numbered, (numbered[-1].target.head,), tuple((c, DEFAULTS[c]) for c in constants)))


def sliding(length: Expr, name: str, window: Expr = P) -> Index:
    """The index of the windows of that width that fit into an axis, ``stride`` apart."""
    return Index(name, Derived(name.upper(), floor((length - window) / stride) + 1))


# ---------------------------------------------------------------- windows


def convolution() -> Program:
    x, f, b = real("x", N, C, H), real("f", E, C, P), real("b", E)
    i = Index("i", Derived("I", floor((H + 2 * padding - dilation * (P - 1) - 1) / stride) + 1))
    y = Element(real("y", N, E, i.size), n, e, i)
    window = Padded(Element(x, n, c, i * stride + p * dilation - padding))
    value = total(window * Element(f, e, c, p), c, p) + Element(b, e)
    return layer("convolution", (x, f, b), (y, value), constants=(stride, dilation, padding))


def convolution_2d() -> Program:
    x, f = real("x", C, H, W), real("f", E, C, P, Q)
    i, j = sliding(H, "i"), sliding(W, "j", Q)
    y = Element(real("y", E, i.size, j.size), e, i, j)
    value = total(Element(x, c, i * stride + p, j * stride + q) * Element(f, e, c, p, q), c, p, q)
    return layer("convolution_2d", (x, f), (y, value), constants=(stride,))


def transposed_convolution() -> Program:
    x, f = real("x", C, H), real("f", C, E, P)
    u = Index("u", Derived("U", (H - 1) * stride + P))
    y = Element(real("y", E, u.size), e, u)
    value = total(Bracket(u, h * stride + p) * Element(x, c, h) * Element(f, c, e, p), c, h, p)
    return layer("transposed_convolution", (x, f), (y, value), constants=(stride,))


def max_pool() -> Program:
    x, i = real("x", N, H), Index("i", Derived("I", H - 2))
    width = Index("p", sympy.Integer(3))
    y = Element(real("y", N, i.size), n, i)
    return layer("max_pool", (x,), (y, Reduce("max", Element(x, n, i + width), width)))


def padded_max_pool() -> Program:
    x, i, j = real("x", H, W), Index("i", Derived("I", floor((H - 1) / 2) + 1)), Index("j", Derived("J", floor((W - 1) / 2) + 1))
    r, s = Index("r", sympy.Integer(3)), Index("s", sympy.Integer(3))
    y = Element(real("y", i.size, j.size), i, j)
    return layer("padded_max_pool", (x,), (y, Reduce("max", Padded(Element(x, 2 * i + r - 1, 2 * j + s - 1), -oo), r, s)))


def average_pool() -> Program:
    x, f, i = real("x", N, H), real("f", P), sliding(H, "i")
    a, y = Element(real("a", N, i.size), n, i), Element(real("y", N, i.size), n, i)
    value = total(Element(x, n, i * stride + p), p) / P
    return layer("average_pool", (x, f), (a, value), (y, a * total(Element(f, p), p)), constants=(stride,))


def upsample() -> Program:
    x, r = real("x", H), Index("r", sympy.Integer(2))
    v = Index("v", Derived("V", 2 * H))
    return layer("upsample", (x,), (Element(real("y", v.size), v), total(Bracket(v, 2 * h + r) * exp(Element(x, h)), h, r)))


def interleave() -> Program:
    a, b, v = real("a", H), real("b", H), Index("v", Derived("V", sympy.Max(2 * H - 1, 2 * H)))
    u, y = Element(real("u", v.size), v), Element(real("y", v.size), v)
    value = total(Bracket(v, 2 * h) * Element(a, h), h) + total(Bracket(v, 2 * h + 1) * Element(b, h), h)
    return layer("interleave", (a, b), (u, value), (y, tanh(u)))


def stack() -> Program:
    a, b, v = real("a", H), real("b", H), Index("v", sympy.Integer(2))
    u, y = real("u", v.size, H), Element(real("y", H), h)
    value = Bracket(v, 0) * Element(a, h) + Bracket(v, 1) * Element(b, h)
    return layer("stack", (a, b), (Element(u, v, h), value), (y, Element(u, 0, h) * Element(u, 1, h) ** 2))


def concatenation() -> Program:
    a, b, v = real("a", H), real("b", W), Index("v", Derived("V", sympy.Max(H, H + W)))
    u, y = Element(real("u", v.size), v), Element(real("y", v.size), v)
    value = total(Bracket(v, h) * Element(a, h), h) + total(Bracket(v, w + H) * Element(b, w), w)
    return layer("concatenation", (a, b), (u, value), (y, exp(u)))


def reversal() -> Program:
    x = real("x", H)
    return layer("reversal", (x,), (Element(real("y", H), h), tanh(Element(x, H - 1 - h)) * Element(x, h)))


def cumulative_sum() -> Program:
    x, before = real("x", H), Index("g", H)
    return layer("cumulative_sum", (x,), (Element(real("y", H), h), total(Where(before <= h, Element(x, before) ** 2, 0), before)))


def differences() -> Program:
    x, i = real("x", H), Index("i", Derived("I", H - 1))
    return layer("differences", (x,), (Element(real("y", i.size), i), log(Element(x, i + 1)) / Element(x, i)))


def delay() -> Program:
    x, f = real("x", T), real("f", P)
    return layer("delay", (x, f), (Element(real("y", T), t), total(Padded(Element(x, t - p), 1) ** 2 * Element(f, p), p)))


def every_second() -> Program:
    x, i = real("x", N, H), Index("i", Derived("I", floor((H - 2) / 2) + 1))
    a, y = real("a", N, i.size), Element(real("y", N, i.size), n, i)
    return layer("every_second", (x,), (Element(a, n, i), Element(x, n, 2 * i + 1)), (y, exp(Element(a, n, i)) * Element(x, n, 2 * i)))


def column() -> Program:
    x = real("x", N, H)
    return layer(
        "column", (x,), (Element(real("y", N), n), Element(x, n, padding) ** 2 * Padded(Element(x, n, padding + 1))), constants=(padding,)
    )


def edges() -> Program:
    x = real("x", H)
    value = Padded(Element(x, 0)) * Padded(Element(x, 99), 3) * Padded(Element(x, -1), 2) + Element(x, -1)
    return layer("edges", (x,), (Element(real("y")), value))


def local_contrast() -> Program:
    """A window of a value that is itself one: reads of reads."""
    x, f, i = real("x", H), real("f", P), Index("i", Derived("I", H - P + 1))
    m = Index("m", Derived("M", H - P - 1))
    a, b = real("a", i.size), Element(real("b", m.size), m)
    z = Element(a, m + 2) / (1 + Element(a, m) ** 2)
    return layer("local_contrast", (x, f), (Element(a, i), total(Element(x, i + p) * Element(f, p), p)), (b, tanh(z)))


def products() -> Program:
    x, i = real("x", H), Index("i", Derived("I", H - P + 1))
    f = real("f", P)
    return layer("products", (x, f), (Element(real("y", i.size), i), Reduce("prod", Element(x, i + p) + Element(f, p), p)))


WINDOWS = (
    convolution, convolution_2d, transposed_convolution, max_pool, padded_max_pool, average_pool, upsample, interleave, stack,
    concatenation, reversal, cumulative_sum, differences, delay, every_second, column, edges, local_contrast, products,
)  # fmt: skip
LENGTHS = {N: 2, C: 2, E: 2, D: 2, K: 2, H: 5, W: 4, P: 2, Q: 3, T: 3}  # windows overlap, and leave places that none reads
