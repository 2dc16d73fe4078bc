"""Training on real handwritten digits, with generated modules for everything that is differentiated or updated.

In go the modules affine, neurons, two_layer_net and momentum, and the 1797 pictures that come with scikit-learn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from types import ModuleType

import numpy as np

from symbp.demo.differences import Array, central_differences, relative_errors
from symbp.demo.modules import Modules, progress

SEED = 0
PIXELS, HIDDEN, CLASSES = 64, 50, 10
BRIGHTEST = 4.0  # pixels, 0 to 16 in the data, go in as 0 to 4
# Chosen by five-fold cross-validation on the training pictures (97.7 %), not on the test pictures.
EPOCHS, BATCH, RATE, ALPHA = 60, 32, 0.1, 0.9
WANTED = 0.97  # of the test pictures
CHECKED = 8  # pictures in the gradient check
AGREEMENT = 1e-6  # relative: central differences know no more digits

Parameters = dict[str, Array]


@dataclass(frozen=True)
class Images:
    x: Array  # (N, 64), to train on
    t: Array  # (N,) their labels
    test_x: Array
    test_t: Array


def images() -> Images | None:
    """Four fifths to train on, one fifth to test, each digit in proportion; None where scikit-learn is missing."""
    try:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
    except ImportError:
        return None
    x, t = load_digits(return_X_y=True)
    x, test_x, t, test_t = train_test_split(x * (BRIGHTEST / 16), t, test_size=0.2, stratify=t, random_state=SEED)
    return Images(x, t, test_x, test_t)


def show(modules: Modules, data: Images) -> bool:
    """Whether the trained network is good enough and its gradients right; prints both."""
    begin = perf_counter()
    parameters = train(modules, data)
    seconds = perf_counter() - begin
    right = classes(modules, parameters, data.test_x) == data.test_t
    good = right.mean() >= WANTED
    print(f"trained on {len(data.t)} pictures, {EPOCHS} epochs of minibatches of {BATCH}, in {seconds:.1f} s")
    print(f"{'✓' if good else '✗'} test accuracy {right.mean():.1%} ({right.sum()} of {right.size} pictures that it has never seen)")
    return bool(good) & gradients_hold(modules["two_layer_net"], parameters, data)


def start() -> Parameters:
    """Small random weights, so that the sums into a neuron are about 1, and biases of zero."""
    rng = np.random.default_rng(SEED)
    weights = {"W1": (PIXELS, HIDDEN), "W2": (HIDDEN, CLASSES)}
    drawn = {name: rng.normal(0, shape[0] ** -0.5, shape) for name, shape in weights.items()}
    return {"W1": drawn["W1"], "b1": np.zeros(HIDDEN), "W2": drawn["W2"], "b2": np.zeros(CLASSES)}


def train(modules: Modules, data: Images, epochs: int = EPOCHS) -> Parameters:
    """The parameters after minibatch descent with momentum."""
    rng = np.random.default_rng(SEED)
    parameters = start()
    velocities = {name: np.zeros_like(value) for name, value in parameters.items()}
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(data.t))
        for chosen in np.array_split(order, range(BATCH, len(order), BATCH)):
            slopes = gradients(modules["two_layer_net"], parameters, data.x[chosen], data.t[chosen])
            for name, slope in slopes.items():
                (parameters[name], velocities[name]), _ = modules["momentum"].forward(
                    parameters[name], slope, velocities[name], lr=RATE, alpha=ALPHA
                )
        progress(f"epoch {epoch} of {epochs}, loss {loss_of(modules['two_layer_net'], parameters, data.x, data.t):.4f}")
    progress()
    return parameters


def loss_of(net: ModuleType, parameters: Mapping[str, Array], x: Array, t: Array) -> float:
    return float(net.forward(x, t, **parameters)[0])


def gradients(net: ModuleType, parameters: Mapping[str, Array], x: Array, t: Array) -> dict[str, Array]:
    """The slope of the loss in each parameter: one forward and one backward pass."""
    _, residuals = net.forward(x, t, **parameters)
    slopes = net.backward(1.0, residuals, wrt=tuple(parameters))
    return {name: getattr(slopes, name) for name in parameters}


def classes(modules: Modules, parameters: Mapping[str, Array], x: Array) -> Array:
    """The most likely digit of each picture."""
    hidden, _ = modules["neurons"].forward(x, parameters["W1"], parameters["b1"])
    scores, _ = modules["affine"].forward(hidden, parameters["W2"], parameters["b2"])
    return np.asarray(scores).argmax(axis=-1)


def gradients_hold(net: ModuleType, parameters: Parameters, data: Images) -> bool:
    """Whether the gradient of every element of every parameter is its central difference, on a few test pictures."""
    x, t = data.test_x[:CHECKED], data.test_t[:CHECKED]
    expected = central_differences(lambda moved: loss_of(net, moved, x, t), parameters)
    errors = relative_errors(gradients(net, parameters, x, t), expected)
    for name, error in errors.items():
        mark = "✓" if error <= AGREEMENT else "✗"
        print(f"{mark} d{name} {parameters[name].shape!s:<9} against central differences: worst relative error {error:.1e}")
    return max(errors.values()) <= AGREEMENT
