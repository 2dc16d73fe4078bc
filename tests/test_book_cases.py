"""The cases of the book and of the notes after it, to their printed digits; symbp is given the forward equations and nothing else."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sympy

import symbp
from symbp.ir import Element

PRINTED = 0.5e-8  # the notes print eight decimals
EXACT = 1e-15  # relative, a few roundings, where the notes' numbers are exact

NEURON = """
neuron(x, t, *, w):
    z = sum(x[i]*w[i], i)
    a = 1/(1 + exp(-z))
    loss = (t - a)**2/2
"""
X, WEIGHTS, RATE = np.array([0.5, 0.8]), np.array([0.2, 0.4]), 0.1


def load(equations: str) -> ModuleType:
    return symbp.layer(equations).load()


def both_passes(equations: str, /, **values: Any) -> tuple[Any, Mapping[str, Any]]:
    """The result, and the gradient of every input for an upstream gradient of 1."""
    module = load(equations)
    y, residuals = module.forward(**values)
    return y, module.backward(np.ones_like(y), residuals)._asdict()


def equal(expected: Any) -> Any:
    return pytest.approx(expected, rel=4 * EXACT)


# ---------------------------------------------------------------- one neuron, one step


def test_the_neuron_adds_up_its_inputs() -> None:
    assert load("z = sum(x[i]*w[i], i)").forward(X, WEIGHTS)[0] == equal(0.42)


def test_the_neuron_fires() -> None:
    assert load("a = 1/(1 + exp(-z))").forward(0.42)[0] == pytest.approx(0.60348325, abs=PRINTED)


def test_the_neuron_has_its_loss() -> None:
    assert load(NEURON).forward(X, 1, WEIGHTS)[0] == pytest.approx(0.07861277, abs=PRINTED)


def test_the_neuron_has_its_gradient() -> None:
    _, gradients = both_passes(NEURON, x=X, t=1, w=WEIGHTS)
    assert gradients["w"] == pytest.approx([-0.04744149, -0.07590638], abs=PRINTED)


def test_one_step_updates_the_weights_of_the_neuron() -> None:
    _, gradients = both_passes(NEURON, x=X, t=1, w=WEIGHTS)
    updated, _ = load("sgd(w, g, lr=0.01): w_next = w - lr*g").forward(WEIGHTS, gradients["w"], lr=RATE)
    assert updated == pytest.approx([0.20474415, 0.40759064], abs=PRINTED)


def test_the_neuron_of_the_catalog_is_the_neuron_of_the_notes() -> None:
    module = symbp.catalog["neuron"].load()
    loss, residuals = module.forward(X, 1.0, WEIGHTS)
    assert loss == pytest.approx(0.07861277, abs=PRINTED)
    assert module.backward(1.0, residuals).w == pytest.approx([-0.04744149, -0.07590638], abs=PRINTED)


# ---------------------------------------------------------------- local computation


@pytest.mark.parametrize("equations", ["a[o] = 1/(1 + exp(-sum(x[i]*W[i,o], i) - b[o]))", "neurons"])
def test_local_computation_of_a_row_of_neurons(equations: str) -> None:
    a, _ = load(equations).forward(x=X, W=np.array([[0.1, 0.3], [0.2, 0.4]]), b=np.array([0.1, 0.2]))
    assert a == pytest.approx([0.57688526, 0.66150316], abs=PRINTED)


# ---------------------------------------------------------------- graphs of numbers

CHAIN, TREADMILL = "y = x**2; z = 2*y", "y = a*b; z = y*c"


def local_derivatives(equations: str) -> dict[tuple[str, str], sympy.Expr]:
    """(value, operand) -> the derivative of the value by the operand, as recorded in the derivation."""
    steps = symbp.layer(equations).derive().derivation.node_steps
    return {(s.target.name, s.operand.name): s.after for s in steps if s.rule == "local derivative" and s.operand is not None}


def names_in(expression: sympy.Expr) -> sympy.Expr:
    """The expression with every element written as a plain name."""
    return expression.replace(lambda part: isinstance(part, Element), lambda part: sympy.Symbol(part.name))


def test_the_chain_rule_gives_the_value_and_the_slope() -> None:
    assert both_passes(CHAIN, x=3.0) == (18, {"x": 12})


def test_the_local_derivatives_of_the_chain_are_two_and_twice_x() -> None:
    found = {pair: str(names_in(slope)) for pair, slope in local_derivatives(CHAIN).items()}
    assert found == {("z", "y"): "2", ("y", "x"): "2*x"}


@pytest.mark.parametrize("form", ["∂z/∂y = 2", "∂y/∂x = 2·x", "dz·∂z/∂y", "dy·∂y/∂x"])
def test_the_derivation_of_the_chain_rule_prints_each_factor(form: str) -> None:
    assert form in str(symbp.layer(CHAIN).derive())


def test_the_treadmill_burns_and_each_factor_has_its_slope() -> None:
    z, gradients = both_passes(TREADMILL, a=50.0, b=3.0, c=1.2)
    assert z == equal(180)
    assert gradients == equal({"a": 3.6, "b": 60, "c": 150})


def test_a_product_sends_back_the_other_side_s_value() -> None:
    found = {pair: str(names_in(slope)) for pair, slope in local_derivatives(TREADMILL).items()}
    assert found == {("z", "y"): "c", ("z", "c"): "y", ("y", "a"): "b", ("y", "b"): "a"}


def test_shopping_costs_1100_and_each_input_has_its_slope() -> None:
    price, gradients = both_passes("apples = apple*count; price = apples*tax", apple=200, count=5, tax=1.1)
    assert price == equal(1100)
    assert gradients == equal({"apple": 5.5, "count": 220, "tax": 1000})


FRUITS = "price = (apple*apple_count + orange*orange_count)*tax"


@pytest.mark.parametrize("equations", [FRUITS, "fruit_shopping"])
def test_two_fruits_cost_715_and_each_input_has_its_slope(equations: str) -> None:
    price, gradients = both_passes(equations, apple=100, apple_count=2, orange=150, orange_count=3, tax=1.1)
    assert price == equal(715)
    assert gradients == equal({"apple": 2.2, "apple_count": 110, "orange": 3.3, "orange_count": 165, "tax": 650})


def test_an_addition_passes_on_what_comes_unchanged() -> None:
    upstream = np.array([0.1, -7.0])
    module = load("y = a + b")
    _, residuals = module.forward(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    for gradient in module.backward(upstream, residuals):
        assert gradient.tolist() == upstream.tolist()


# ---------------------------------------------------------------- gradient check


def test_the_gradient_check_of_the_square_has_the_printed_digits() -> None:
    module, h = load("y = x**2"), 1e-4
    slope = (module.forward(3 + h)[0] - module.forward(3 - h)[0]) / (2 * h)
    _, residuals = module.forward(3.0)
    exact = module.backward(1.0, residuals).x
    assert (f"{slope:.15f}", exact) == ("6.000000000012662", 6)
    assert f"{abs(slope - exact):.2e}" == "1.27e-11"


# ---------------------------------------------------------------- relu

GATE = np.array([[1.0, -0.5], [-2.0, 3.0]])


def test_relu_stops_what_is_not_positive() -> None:
    y, gradients = both_passes("y = maximum(0, x)", x=GATE)
    assert y.tolist() == [[1, 0], [0, 3]]
    assert (gradients["x"] == 0).tolist() == (GATE <= 0).tolist() == [[False, True], [True, False]]


def test_relu_passes_the_upstream_gradient_where_x_is_positive_and_leaves_it_as_it_was() -> None:
    module, upstream = load("relu"), np.array([[5.0, 6.0], [7.0, 8.0]])
    _, residuals = module.forward(GATE)
    assert module.backward(upstream, residuals).x.tolist() == [[5, 0], [0, 8]]
    assert upstream.tolist() == [[5, 6], [7, 8]]


# ---------------------------------------------------------------- the sigmoid, in four nodes

SIGMOID = "y = 1/(1 + exp(-x))"


def test_the_sigmoid_is_four_operations() -> None:
    nodes = symbp.layer(SIGMOID).definition.nodes.equations
    assert len(nodes) == 4 and nodes[-1].name == "y"


def test_the_sigmoid_has_the_four_local_derivatives_of_the_book() -> None:
    u1, u2, u3, y = (equation.name for equation in symbp.layer(SIGMOID).definition.nodes.equations)
    found = {pair: str(names_in(slope)) for pair, slope in local_derivatives(SIGMOID).items()}
    assert found == {(y, u3): f"-1/{u3}**2", (u3, u2): "1", (u2, u1): f"exp({u1})", (u1, "x"): "-1"}


@pytest.mark.parametrize(
    "line",
    [
        "∂y/∂u3 = −1/u3²",
        "= −y²",
        "du3 = dy·∂y/∂u3 = −dy·y²",
        "∂u3/∂u2 = 1",
        "∂u2/∂u1 = exp(u1)",
        "du1 = du2·∂u2/∂u1 = du2·u2",
        "∂u1/∂x = −1",
        "dx = du1·∂u1/∂x = −du1",
        "dx = dy·y²·exp(−x)",
        "= dy·y·(1 − y)",
    ],
)
def test_the_derivation_of_the_sigmoid_prints_every_step(line: str) -> None:
    assert line in str(symbp.layer(SIGMOID).derive())


def test_the_gradient_of_the_sigmoid_is_made_of_the_saved_output_alone() -> None:
    derivation = symbp.layer(SIGMOID).derive().derivation
    assert [t.name for t in derivation.backward.inputs] == ["dy", "y"]


@pytest.mark.parametrize("x", [-3.0, 0.0, 0.42, 5.0])
def test_the_gradient_of_the_sigmoid_is_y_times_one_minus_y(x: float) -> None:
    y, gradients = both_passes(SIGMOID, x=x)
    assert gradients["x"] == pytest.approx(y * (1 - y), rel=4e-16)
    assert gradients["x"] == pytest.approx(y**2 * np.exp(-x), rel=1e-14)


# ---------------------------------------------------------------- the book's layers, as classes and as functions

CLASSES: dict[str, tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]] = {  # class -> data, parameters
    "Mul": ((X, WEIGHTS), ()),
    "Add": ((X, WEIGHTS), ()),
    "Relu": ((GATE,), ()),
    "Sigmoid": ((GATE,), ()),
    "Affine": ((GATE,), (np.eye(2) + 1, X)),
    "CrossEntropy": ((GATE, np.array([1, 0])), ()),
    "Dropout": ((GATE, GATE > 0), ()),
}


def module_of(name: str) -> ModuleType:
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return symbp.catalog[words.removeprefix("_")].load()


@pytest.mark.parametrize("name", CLASSES)
def test_a_layer_of_the_book_is_a_class_and_two_functions_that_agree(name: str) -> None:
    module, (data, parameters) = module_of(name), CLASSES[name]
    layer = getattr(module, name)(*parameters)
    y, residuals = module.forward(*data, *parameters)
    dy = np.cos(np.arange(np.size(y))).reshape(np.shape(y))
    assert np.array_equal(layer.forward(*data), y)
    returned = layer.backward(dy)
    gradients = module.backward(dy, residuals)._asdict()
    found = returned if isinstance(returned, tuple) else (returned,)
    expected = [gradients[key] for key in gradients if key not in layer.params]
    assert [part.tolist() for part in found] == [part.tolist() for part in expected]
    assert {key: part.tolist() for key, part in layer.grads.items()} == {key: gradients[key].tolist() for key in layer.params}


BATCH_NORM = """
batch_norm(x, *, gamma, beta, eps=1e-5):
    mu[d] = mean(x[n,d], n)
    v[d] = mean((x[n,d] - mu[d])**2, n)
    y[n,d] = gamma[d]*(x[n,d] - mu[d])/sqrt(v[d] + eps) + beta[d]
"""


def test_the_batch_norm_of_the_book_needs_its_forward_equations_alone() -> None:
    report = symbp.layer(BATCH_NORM).check()
    assert report, str(report)
