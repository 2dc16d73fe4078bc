"""Is a backward pass right? By central differences, as in the book, and by symbp's check of a layer written by hand.

Run: python examples/gradient_check.py
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

import symbp
from symbp.check import check
from symbp.generated import affine, sigmoid


def central_differences(f, x, h):
    """The slope of the number f(x) in each element of x."""
    slopes = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        slopes[place] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


print("The step h: too large and the curve bends, too small and rounding takes over.")
x = np.array([-2.0, 0.5, 3.0])
y, residuals = sigmoid.forward(x)
dx = sigmoid.backward(np.ones(3), residuals).x
for h in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10):
    slopes = central_differences(lambda x: sigmoid.forward(x)[0].sum(), x, h)
    print(f"  h = {h:.0e}   largest difference from backward {np.abs(slopes - dx).max():.1e}")

print("\nEvery input of a layer, with an upstream gradient that is not all ones.")
rng = np.random.default_rng(0)
inputs = {"x": rng.normal(size=(5, 4)), "W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}
dy = rng.normal(size=(5, 3))
gradients = affine.backward(dy, affine.forward(**inputs)[1])
for name, value in inputs.items():
    slopes = central_differences(lambda moved, name=name: (dy * affine.forward(**inputs | {name: moved})[0]).sum(), value, 1e-4)
    print(f"  d{name}: largest difference {np.abs(slopes - getattr(gradients, name)).max():.1e}")


class Gradients(NamedTuple):
    x: np.ndarray


def forward(x):
    y = 1 / (1 + np.exp(-x))
    return y, y


def backward(dy, y, wrt=("x",)):
    return Gradients(dy * y * (1 + y))  # a slip of the pen: it should be 1 - y


print("\nA backward pass written by hand, with a wrong sign, against the forward equation.")
print(check(symbp.catalog["sigmoid"].definition.program, SimpleNamespace(forward=forward, backward=backward)))
