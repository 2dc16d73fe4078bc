"""Programs and modules written by hand: what check is tried on."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import sympy
from sympy import Rational, exp, log, sqrt

from symbp.ir import Broadcast, Constant, Element, Equation, Index, Leading, Program, Reduce, Size, Tensor, Where, validate

DOTS = Leading("...")
REST = Index("...", DOTS)


def gradients(**fields: Any) -> Any:
    return NamedTuple("Gradients", [(name, Any) for name in fields])(**fields)


def module(forward: Callable[..., Any], backward: Callable[..., Any]) -> SimpleNamespace:
    return SimpleNamespace(forward=forward, backward=backward)


def elementwise(name: str, function: Callable[[Any], Any]) -> Program:
    """y[...] = function(x[...])."""
    x, y = Tensor("x", (DOTS,)), Tensor("y", (DOTS,))
    return validate(Program(name, (x,), (Equation(Element(y, REST), function(Element(x, REST)), 1),), (y,)))


SIGMOID = elementwise("sigmoid", lambda x: 1 / (1 + exp(-x)))
RELU = elementwise("relu", lambda x: Where(x > 0, x, 0))
LOGARITHM = elementwise("logarithm", log)
ABSOLUTE = elementwise("absolute", sympy.Abs)
SOFTPLUS = elementwise("softplus", lambda x: log(1 + exp(x)))
PLUS_ONE = elementwise("plus_one", lambda x: x + 1)
NOWHERE = elementwise("nowhere", lambda x: sqrt(-1 - x * x))


def of_two(name: str, function: Callable[[Any, Any], Any]) -> Program:
    """y = function(a, b), broadcast."""
    ours = Leading("...a"), Leading("...b")
    joint = Leading("...", ours)
    k = Index("...", joint)
    a, b, y = Tensor("a", (ours[0],)), Tensor("b", (ours[1],)), Tensor("y", (joint,))
    value = function(Element(a, Broadcast(k, ours[0])), Element(b, Broadcast(k, ours[1])))
    return validate(Program(name, (a, b), (Equation(Element(y, k), value, 1),), (y,)))


def product() -> Program:
    return of_two("product", lambda a, b: a * b)


def total() -> Program:
    return of_two("total", lambda a, b: a + b)


def affine() -> Program:
    rows, columns = Size("I"), Size("O")
    i, o = Index("i", rows), Index("o", columns)
    x, W, b, y = Tensor("x", (DOTS, rows)), Tensor("W", (rows, columns)), Tensor("b", (columns,)), Tensor("y", (DOTS, columns))
    value = Reduce("sum", Element(x, REST, i) * Element(W, i, o), i) + Element(b, o)
    return validate(Program("affine", (x, W, b), (Equation(Element(y, REST, o), value, 1),), (y,)))


def softmax() -> Program:
    k, j = Index("k", Size("K")), Index("j", Size("K"))
    x, y = Tensor("x", (DOTS, Size("K"))), Tensor("y", (DOTS, Size("K")))
    value = exp(Element(x, REST, k)) / Reduce("sum", exp(Element(x, REST, j)), j)
    return validate(Program("softmax", (x,), (Equation(Element(y, REST, k), value, 1),), (y,)))


def picked() -> Program:
    """L = -mean(log(p[n, t[n]]), n)."""
    many, classes = Size("N"), Size("K")
    n = Index("n", many)
    p, t, loss = Tensor("p", (many, classes)), Tensor("t", (many,), "integer"), Tensor("L")
    value = -Reduce("sum", log(Element(p, n, Element(t, n))), n) / many
    return validate(Program("picked", (p, t), (Equation(Element(loss), value, 1),), (loss,)))


def rowmax() -> Program:
    n, k = Index("n", Size("N")), Index("k", Size("K"))
    x, y = Tensor("x", (Size("N"), Size("K"))), Tensor("y", (Size("N"),))
    return validate(Program("rowmax", (x,), (Equation(Element(y, n), Reduce("max", Element(x, n, k), k), 1),), (y,)))


def leaky() -> Program:
    """Two outputs, a boolean mask and a constant: y = where(m, x, alpha*x), z = x*x."""
    n = Index("n", Size("N"))
    alpha = Constant("alpha")
    x, m = Tensor("x", (Size("N"),)), Tensor("m", (Size("N"),), "boolean")
    y, z = Tensor("y", (Size("N"),)), Tensor("z", (Size("N"),))
    first = Where(sympy.Ne(Element(m, n), 0), Element(x, n), alpha * Element(x, n))
    equations = (Equation(Element(y, n), first, 1), Equation(Element(z, n), Element(x, n) ** 2, 2))
    return validate(Program("leaky", (x, m), equations, (y, z), ((alpha, Rational(1, 100)),)))


# ---------------------------------------------------------------- modules that are right


def real(x: Any) -> np.ndarray:
    """Integers as float64, the rest as it is."""
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def expect(right: bool) -> None:
    if not right:
        raise ValueError("the shapes do not fit")


def sigmoid_forward(x: Any) -> Any:
    y = 1 / (1 + np.exp(-real(x)))
    return y, y


def sigmoid_backward(dy: Any, y: Any) -> Any:
    return gradients(x=dy * y * (1 - y))


sigmoid_module = module(sigmoid_forward, sigmoid_backward)


def summed_to(g: Any, shape: tuple[int, ...]) -> Any:
    """g summed over the axes that broadcasting added or stretched."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True).reshape(shape)


def product_forward(a: Any, b: Any) -> Any:
    a, b = real(a), real(b)
    return a * b, (a, b)


def product_backward(dy: Any, residuals: Any) -> Any:
    a, b = residuals
    dy = np.asarray(dy)
    return gradients(a=summed_to(dy * b, a.shape), b=summed_to(dy * a, b.shape))


product_module = module(product_forward, product_backward)


def affine_forward(x: Any, W: Any, b: Any) -> Any:
    x, W, b = real(x), real(W), real(b)
    expect(W.ndim == 2 and b.shape == W.shape[1:])
    return x @ W + b, (x, W)


def affine_backward(dy: Any, residuals: Any) -> Any:
    x, W = residuals
    leading = tuple(range(dy.ndim - 1))
    rows = x.reshape(-1, x.shape[-1]) if x.size else np.zeros((0, x.shape[-1]))
    return gradients(x=dy @ W.T, W=rows.T @ dy.reshape(len(rows), dy.shape[-1]), b=dy.sum(axis=leading) + 0)


affine_module = module(affine_forward, affine_backward)


def softmax_forward(x: Any) -> Any:
    x = real(x)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    y = e / e.sum(axis=-1, keepdims=True)
    return y, y


def softmax_backward(dy: Any, y: Any) -> Any:
    return gradients(x=y * (dy - (dy * y).sum(axis=-1, keepdims=True)))


softmax_module = module(softmax_forward, softmax_backward)


def picked_forward(p: Any, t: Any) -> Any:
    p = real(p)
    expect(p.ndim == 2 and np.shape(t) == p.shape[:1])
    return -np.log(p[np.arange(len(t)), t]).sum() / len(t), (p, t)


def picked_backward(dL: Any, residuals: Any) -> Any:
    p, t = residuals
    dp = np.zeros_like(p)
    rows = np.arange(len(t))
    dp[rows, t] = -dL / p[rows, t] / len(t)
    return gradients(p=dp)


picked_module = module(picked_forward, picked_backward)


def rowmax_forward(x: Any) -> Any:
    x = real(x)
    expect(x.ndim == 2)
    at = x.argmax(axis=1)
    return x[np.arange(len(x)), at], (x, at)


def rowmax_backward(dy: Any, residuals: Any) -> Any:
    x, at = residuals
    dx = np.zeros_like(x)
    dx[np.arange(len(x)), at] = dy
    return gradients(x=dx)


rowmax_module = module(rowmax_forward, rowmax_backward)


def leaky_forward(x: Any, m: Any, alpha: float = 0.01) -> Any:
    x = real(x)
    expect(x.ndim == 1 and np.shape(m) == x.shape)
    factor = np.where(m, x.dtype.type(1), x.dtype.type(alpha))
    return (factor * x, x * x), (x, factor)


def leaky_backward(dy: Any, dz: Any, residuals: Any) -> Any:
    x, factor = residuals
    return gradients(x=dy * factor + 2 * x * dz)


leaky_module = module(leaky_forward, leaky_backward)


def tanh_forward(x: Any) -> Any:
    y = np.tanh(real(x))
    return y, y


def relu_forward(x: Any) -> Any:
    x = real(x)
    return np.where(x > 0, x, x.dtype.type(0)), x > 0


relu_module = module(relu_forward, lambda dy, mask: gradients(x=dy * mask))


def softplus_forward(x: Any) -> Any:
    x = real(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), x


def softplus_backward(dy: Any, x: Any) -> Any:
    return gradients(x=dy * np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))))


softplus_module = module(softplus_forward, softplus_backward)
logarithm_module = module(lambda x: (np.log(real(x)), real(x)), lambda dy, x: gradients(x=dy / x))
absolute_module = module(lambda x: (np.abs(real(x)), np.sign(real(x))), lambda dy, s: gradients(x=dy * s))

RIGHT: dict[str, tuple[Program, Any]] = {
    "sigmoid": (SIGMOID, sigmoid_module),
    "relu": (RELU, relu_module),
    "logarithm": (LOGARITHM, logarithm_module),
    "absolute": (ABSOLUTE, absolute_module),
    "softplus": (SOFTPLUS, softplus_module),
    "product": (product(), product_module),
    "affine": (affine(), affine_module),
    "softmax": (softmax(), softmax_module),
    "picked": (picked(), picked_module),
    "rowmax": (rowmax(), rowmax_module),
    "leaky": (leaky(), leaky_module),
}
