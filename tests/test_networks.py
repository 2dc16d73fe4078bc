"""The two-layer network, generated as one module, against the chain of separate layers, central differences and PyTorch."""

from collections.abc import Mapping
from types import ModuleType

import numpy as np
import pytest

import symbp

LABELS = np.array([2, 0, 1, 2, 3, 3, 1])
SHAPES = {"W1": (6, 5), "b1": (5,), "W2": (5, 4), "b2": (4,)}


@pytest.fixture(scope="module")
def net() -> ModuleType:
    return symbp.catalog["two_layer_net"].load()


def pictures() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(len(LABELS), 6))


def parameters() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    return {name: rng.normal(size=shape) for name, shape in SHAPES.items()}


def loss_and_gradients(net: ModuleType, upstream: float = 1.0) -> tuple[float, dict[str, np.ndarray]]:
    loss, residuals = net.forward(pictures(), LABELS, **parameters())
    return loss, net.backward(upstream, residuals)._asdict()


def chained(upstream: float = 1.0) -> tuple[float, dict[str, np.ndarray]]:
    """The same by the classes of the separate layers, one after the other."""
    p = parameters()
    affine, sigmoid, loss = (symbp.catalog[name].load() for name in ("affine", "sigmoid", "cross_entropy"))
    hidden, squash, scores, cost = affine.Affine(p["W1"], p["b1"]), sigmoid.Sigmoid(), affine.Affine(p["W2"], p["b2"]), loss.CrossEntropy()
    value = cost.forward(scores.forward(squash.forward(hidden.forward(pictures()))), LABELS)
    dx = hidden.backward(squash.backward(scores.backward(cost.backward(upstream))))
    slopes = {"W1": hidden.grads["W"], "b1": hidden.grads["b"], "W2": scores.grads["W"], "b2": scores.grads["b"]}
    return value, {"x": dx} | slopes


def test_one_module_and_the_chain_of_layers_have_the_same_loss(net: ModuleType) -> None:
    assert loss_and_gradients(net)[0] == pytest.approx(chained()[0], rel=1e-12)


@pytest.mark.parametrize("upstream", [1.0, -2.5])
@pytest.mark.parametrize("name", ["x", *SHAPES])
def test_one_module_and_the_chain_of_layers_have_the_same_gradients(net: ModuleType, name: str, upstream: float) -> None:
    found, expected = loss_and_gradients(net, upstream)[1], chained(upstream)[1]
    assert found[name] == pytest.approx(expected[name], rel=1e-12, abs=1e-14)


def test_the_labels_have_no_gradient(net: ModuleType) -> None:
    assert set(loss_and_gradients(net)[1]) == {"x", *SHAPES}


def differences(net: ModuleType, name: str, step: float = 1e-5) -> np.ndarray:
    """The slopes of the loss in one parameter, two forward passes an element."""

    def loss(moved: Mapping[str, np.ndarray]) -> float:
        return float(net.forward(pictures(), LABELS, **moved)[0])

    slopes = np.empty(SHAPES[name])
    for place in np.ndindex(slopes.shape):
        ahead, behind = parameters(), parameters()
        ahead[name][place] += step
        behind[name][place] -= step
        slopes[place] = (loss(ahead) - loss(behind)) / (2 * step)
    return slopes


@pytest.mark.parametrize("name", SHAPES)
def test_every_element_of_a_gradient_is_its_central_difference(net: ModuleType, name: str) -> None:
    assert loss_and_gradients(net)[1][name] == pytest.approx(differences(net, name), rel=1e-7, abs=1e-9)


def test_the_network_agrees_with_pytorch(net: ModuleType) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test")
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in {"x": pictures(), **parameters()}.items()}
    hidden = torch.sigmoid(tensors["x"] @ tensors["W1"] + tensors["b1"])
    expected = torch.nn.functional.cross_entropy(hidden @ tensors["W2"] + tensors["b2"], torch.tensor(LABELS))
    expected.backward()
    loss, gradients = loss_and_gradients(net)
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    for name, tensor in tensors.items():
        assert gradients[name] == pytest.approx(tensor.grad.numpy(), rel=1e-11, abs=1e-14)


def test_only_the_gradients_that_are_asked_for_are_computed(net: ModuleType) -> None:
    _, residuals = net.forward(pictures(), LABELS, **parameters())
    some, every = net.backward(1.0, residuals, wrt=("W2",)), net.backward(1.0, residuals)
    assert some.x is None and some.W1 is None
    assert np.array_equal(some.W2, every.W2)


def test_a_network_with_relu_is_one_more_definition() -> None:
    text = symbp.catalog["two_layer_net"].text.replace("sigmoid(", "relu(").replace("two_layer_net", "relu_net")
    relu_net = symbp.layer(text).load()
    for name in SHAPES:
        found = loss_and_gradients(relu_net)[1][name]
        assert found == pytest.approx(differences(relu_net, name), rel=1e-7, abs=1e-9)
