"""Why backpropagation: the gradient of the two-layer network by central differences and by its backward pass, measured."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from types import ModuleType

import numpy as np

from symbp.demo.differences import Array, central_differences, relative_errors
from symbp.demo.digits import Images, gradients, loss_of, start

BATCH = 16  # images
REPEATS = 20  # of the backward pass, which is too short to be timed once
AGREEMENT = 1e-6  # relative: central differences know no more digits


def show(net: ModuleType, images: Images | None) -> bool:
    """Whether both gradients agree; prints what each of them cost."""
    x, t = batch(images)
    parameters, passes = start(), 0

    def loss(moved: Mapping[str, Array]) -> float:
        nonlocal passes
        passes += 1
        return loss_of(net, moved, x, t)

    begin = perf_counter()
    expected = central_differences(loss, parameters)
    differences = perf_counter() - begin
    begin = perf_counter()
    found = [gradients(net, parameters, x, t) for _ in range(REPEATS)][-1]
    backward = (perf_counter() - begin) / REPEATS
    error = max(relative_errors(found, expected).values())
    count = sum(array.size for array in parameters.values())
    print(f"{count} parameters, {len(t)} {'handwritten digits' if images else 'random pictures'}")
    print(f"central differences   {passes:6} forward passes                   {1e3 * differences:9.2f} ms")
    faster = f"{differences / backward:.0f} times as fast"
    print(f"backpropagation       {1:6} forward pass and 1 backward pass {1e3 * backward:9.2f} ms   {faster}")
    print(f"{'✓' if error <= AGREEMENT else '✗'} they agree to {error:.1e} of the largest gradient of each parameter")
    return error <= AGREEMENT


def batch(images: Images | None) -> tuple[Array, Array]:
    """A few pictures and their labels; drawn at random where there are no digits."""
    if images:
        return images.x[:BATCH], images.t[:BATCH]
    rng = np.random.default_rng(0)
    return rng.uniform(0, 4, (BATCH, 64)), rng.integers(0, 10, BATCH)
