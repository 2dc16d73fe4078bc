"""How the inputs of a layer are drawn: each is a function of a random generator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Draw = Callable[[np.random.Generator], np.ndarray]


def normal(*shape: int) -> Draw:
    return lambda rng: rng.normal(size=shape)


def uniform(low: float, high: float, *shape: int) -> Draw:
    return lambda rng: rng.uniform(low, high, shape)


def integers(high: int, *shape: int) -> Draw:
    return lambda rng: rng.integers(0, high, shape)


def booleans(*shape: int) -> Draw:
    return lambda rng: rng.random(shape) < 0.7


def masks(*shape: int) -> Draw:
    """Booleans of which the first along the last axis is true, so that no row is masked throughout."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        mask = rng.random(shape) < 0.7
        mask[..., 0] = True
        return mask

    return draw
