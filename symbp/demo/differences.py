"""Gradients by central differences, in any number of parameters: an oracle that knows the forward pass alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

STEP = 1e-4  # in units of the parameter: the error of the formula, about STEP**2, and of rounding, about 1e-16/STEP, are alike small

Array = np.ndarray
Loss = Callable[[Mapping[str, Array]], float]


def central_differences(loss: Loss, parameters: Mapping[str, Array], step: float = STEP) -> dict[str, Array]:
    """The slope of the loss in every element of every parameter: two forward passes each. Nothing that is passed is changed."""
    moved = {name: np.array(value, dtype=float) for name, value in parameters.items()}
    return {name: _slopes(lambda: loss(moved), array, step) for name, array in moved.items()}


def _slopes(loss: Callable[[], float], array: Array, step: float) -> Array:
    """The slopes of a loss that reads the array, which is left as it was."""
    slopes = np.empty_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + step
        ahead = loss()
        array[place] = kept - step
        slopes[place] = (ahead - loss()) / (2 * step)
        array[place] = kept
    return slopes


def relative_errors(found: Mapping[str, Array], expected: Mapping[str, Array]) -> dict[str, float]:
    """The largest difference in each gradient, relative to that gradient's largest element."""
    return {name: float(np.abs(found[name] - array).max() / np.abs(array).max()) for name, array in expected.items()}
