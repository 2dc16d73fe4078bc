"""The faults of the usual teaching code, each of which generated layers do not have."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from torch_layers.losses import LAYERS as LOSSES

import symbp
from symbp.demo.differences import central_differences

DRAW = np.random.default_rng(11)
REAL, POSITIVE = DRAW.normal(size=(4, 3)), DRAW.uniform(0.1, 0.9, (4, 3))


def load(name: str) -> ModuleType:
    return symbp.catalog[name].load()


# ---------------------------------------------------------------- losses that ignore the upstream gradient


def test_every_loss_of_the_catalog_is_tested() -> None:
    assert set(LOSSES) == set(symbp.catalog.families()["losses"])


@pytest.mark.parametrize("upstream", [2.0, -0.5, 0.0])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_honours_the_upstream_gradient(name: str, upstream: float) -> None:
    module, draw = load(name), np.random.default_rng(11)
    _, draws, _ = LOSSES[name]
    _, residuals = module.forward(**{key: one(draw) for key, one in draws.items()})
    gradients = module.backward(1.0, residuals)
    assert any(map(np.any, gradients))
    for one, scaled in zip(gradients, module.backward(upstream, residuals), strict=True):
        assert scaled == pytest.approx(upstream * one, rel=1e-15)


# ---------------------------------------------------------------- a forward and a backward that are not of the same function


def saturated(logits: np.ndarray) -> float:
    return float(load("cross_entropy").forward(logits, np.array([0]))[0])


def test_the_backward_of_a_saturated_softmax_is_the_slope_of_its_own_forward() -> None:
    logits, module = np.array([[0.0, 16.0, 0.0]]), load("cross_entropy")
    _, residuals = module.forward(logits, np.array([0]))
    found = module.backward(1.0, residuals).z
    expected = central_differences(lambda moved: saturated(moved["z"]), {"z": logits})["z"]
    assert found == pytest.approx(expected, abs=1e-10)
    assert found[0, 0] == pytest.approx(-1.000, abs=5e-4)


@pytest.mark.parametrize("gap", [16.0, 40.0, 800.0])
def test_the_loss_of_a_hopeless_case_is_the_gap_and_not_a_constant_that_was_added(gap: float) -> None:
    assert saturated(np.array([[0.0, gap, 0.0]])) == pytest.approx(gap + np.log1p(2 * np.exp(-gap)), rel=1e-15)


# ---------------------------------------------------------------- gradients written into the caller's array

INPUTS: dict[str, dict[str, Any]] = {
    "relu": {"x": REAL},
    "sigmoid": {"x": REAL},
    "tanh": {"x": REAL},
    "softmax": {"x": REAL},
    "mul": {"a": REAL, "b": POSITIVE},
    "add": {"a": REAL, "b": POSITIVE},
    "dropout": {"x": REAL, "mask": REAL > 0},
    "affine": {"x": REAL, "W": POSITIVE[:3], "b": REAL[0]},
}


@pytest.mark.parametrize("name", INPUTS)
def test_the_caller_s_upstream_gradient_is_never_overwritten(name: str) -> None:
    module = load(name)
    y, residuals = module.forward(**INPUTS[name])
    dy = np.ones_like(y)
    dy.flags.writeable = False  # a write would raise
    gradients = module.backward(dy, residuals)
    assert np.all(dy == 1)
    assert not any(np.shares_memory(dy, part) and part.flags.writeable for part in gradients)


@pytest.mark.parametrize("name", INPUTS)
def test_the_caller_s_inputs_are_never_overwritten(name: str) -> None:
    module, given = load(name), {key: np.array(value) for key, value in INPUTS[name].items()}
    y, residuals = module.forward(**given)
    module.backward(np.ones_like(y), residuals)
    assert all(np.array_equal(given[key], value) for key, value in INPUTS[name].items())


@pytest.mark.parametrize("name", INPUTS)
def test_backward_may_be_called_twice(name: str) -> None:
    module = load(name)
    y, residuals = module.forward(**INPUTS[name])
    first, second = (module.backward(np.ones_like(y), residuals) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


# ---------------------------------------------------------------- relu'(0) = 0 in one place and 1 in another

ZERO_KINKS = {
    "the layer of the catalog": "relu",
    "written the other way round": "y = where(x > 0, x, 0)",
    "inside another layer": "y = 3*relu(x)",
    "in index notation": "y[n] = relu(x[n])",
}


@pytest.mark.parametrize("equations", ZERO_KINKS.values(), ids=ZERO_KINKS)
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
def test_the_derivative_of_relu_at_zero_is_zero_everywhere(equations: str, kind: type) -> None:
    module = symbp.layer(equations).load()
    y, residuals = module.forward(np.array([0, -0.0, 0], dtype=kind))
    assert module.backward(np.ones_like(y), residuals).x.tolist() == [0, 0, 0]


def test_the_derivative_of_relu_at_zero_is_zero_in_the_class_too() -> None:
    layer = load("relu").Relu()
    layer.forward(np.zeros(2))
    assert layer.backward(np.ones(2)).tolist() == [0, 0]


# ---------------------------------------------------------------- numerical gradients of an integer array that are silently 0


def square_of(moved: dict[str, np.ndarray]) -> float:
    return float(load("square").forward(moved["x"])[0].sum())


def test_a_numerical_gradient_of_an_integer_array_is_not_zero() -> None:
    x = np.array([3, -2])
    assert central_differences(square_of, {"x": x})["x"] == pytest.approx([6, -4], abs=1e-9)
    assert x.dtype == np.int64 and x.tolist() == [3, -2]


def test_a_gradient_of_an_integer_array_is_not_rounded() -> None:
    module = symbp.layer("y = x**2/4").load()
    y, residuals = module.forward(np.array([3, -2]))
    assert y.tolist() == [2.25, 1]
    assert module.backward(np.ones(2), residuals).x.tolist() == [1.5, -1]


def test_an_integer_upstream_gradient_is_promoted() -> None:
    module = load("sigmoid")
    _, residuals = module.forward(np.zeros(2))
    assert module.backward(np.array([1, 2]), residuals).x.tolist() == [0.25, 0.5]


# ---------------------------------------------------------------- state that one call leaves for another


def test_two_forward_passes_do_not_disturb_each_other() -> None:
    module = load("mul")
    _, first = module.forward(2.0, 3.0)
    _, second = module.forward(20.0, 30.0)
    assert (module.backward(1.0, first).a, module.backward(1.0, second).a) == (3, 30)


def test_a_backward_pass_that_ignores_the_upstream_gradient_is_caught() -> None:
    """The check is what keeps the faults away, so it has to see this one."""
    mse = symbp.catalog["mse"]
    module = ModuleType("mse")
    exec(mse.source(), module.__dict__)
    assert mse.check(module)
    backward = module.backward
    module.backward = lambda dL, residuals, **options: backward(np.ones_like(dL), residuals, **options)  # type: ignore[attr-defined]
    assert {"linear in upstream", "backward"} <= {row.name for row in mse.check(module).failures}
