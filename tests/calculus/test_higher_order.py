"""Derivatives of derivatives: gradients and tangents as layers, against PyTorch's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from torch_layers import COMPARISONS
from torch_layers.draws import Draw, integers, normal

import symbp

torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test")
functional = torch.nn.functional

NAMED = (
    "sigmoid", "tanh", "gelu", "silu", "softplus", "elu", "mul", "div", "logsumexp", "affine", "bilinear", "embedding", "softmax",
    "log_softmax", "layer_norm", "rms_norm", "batch_norm", "l2_normalize", "swiglu", "attention", "attention_causal", "mse", "huber",
    "bce_with_logits", "cross_entropy", "cosine_similarity",
)  # fmt: skip


def recurrent(v: Mapping[str, Any]) -> Any:
    """The textbook recurrence, step by step."""
    state, states = v["h0"], []
    for step in v["x"]:
        state = torch.tanh(step @ v["W"] + state @ v["U"] + v["b"])
        states.append(state)
    return torch.stack(states)


def interleaved(v: Mapping[str, Any]) -> Any:
    return torch.stack([v["a"], torch.tanh(v["b"])], dim=-1).flatten(-2)


WRITTEN: dict[str, tuple[str, Callable[[Mapping[str, Any]], Any], dict[str, Draw]]] = {
    "largest of a row": ("f(x): y[n] = max(x[n,k]*x[n,k], k)", lambda v: (v["x"] ** 2).max(dim=1).values, {"x": normal(3, 4)}),
    "product of a row": ("f(x): y[n] = prod(x[n,k], k)", lambda v: v["x"].prod(dim=1), {"x": normal(3, 4)}),
    "gather": ("f(x, t): y[n] = sin(x[n,t[n]])", lambda v: v["x"][torch.arange(3), v["t"]].sin(), {"x": normal(3, 4), "t": integers(4, 3)}),
    "convolution": (
        "f(x, *, W, b, stride=2, padding=1):\n"
        "    y[n,o,i,j] = sum(pad(x[n,c,i*stride+p-padding,j*stride+q-padding])*W[o,c,p,q], c, p, q) + b[o]",
        lambda v: functional.conv2d(v["x"], v["W"], v["b"], stride=2, padding=1),
        {"x": normal(2, 2, 5, 4), "W": normal(3, 2, 3, 2), "b": normal(3)},
    ),
    "transposed convolution": (
        "f(x, *, W, stride=2): y[n,o,i*stride+p] = sum(x[n,c,i]*W[c,o,p], c)",
        lambda v: functional.conv_transpose1d(v["x"], v["W"], stride=2),
        {"x": normal(2, 2, 3), "W": normal(2, 3, 3)},
    ),
    "maximum pooling": (
        "f(x): y[n,i] = max(x[n,2*i+p], p=3)**2",
        lambda v: functional.max_pool1d(v["x"], 3, 2) ** 2,
        {"x": normal(2, 8)},
    ),
    "interleaved": ("f(a, b): y[n,2*k] = a[n,k]; y[n,2*k+1] = tanh(b[n,k])", interleaved, {"a": normal(2, 3), "b": normal(2, 3)}),
    "recurrence": (
        "f(x, h0, *, W, U, b):\n    h[-1,n,k] = h0[n,k]\n    h[t,n,k] = tanh(sum(x[t,n,d]*W[d,k], d) + sum(h[t-1,n,j]*U[j,k], j) + b[k])",
        recurrent,
        {"x": normal(3, 2, 3), "h0": normal(2, 2), "W": normal(3, 2), "U": normal(2, 2), "b": normal(2)},
    ),
    "logarithm of a determinant": (
        "f(A): y = logdet(A)",
        lambda v: torch.logdet(v["A"]),
        {"A": lambda rng: rng.normal(size=(3, 3)) + 4 * np.eye(3)},
    ),
    "inverse": ("f(A): B = inv(A)", lambda v: torch.linalg.inv(v["A"]), {"A": lambda rng: rng.normal(size=(3, 3)) + 4 * np.eye(3)}),
}

CASES: dict[str, tuple[str, Callable[[Mapping[str, Any]], Any], dict[str, Draw]]] = WRITTEN | {
    name: (name, lambda v, function=COMPARISONS[name][0]: function(torch, v), COMPARISONS[name][1]) for name in NAMED
}


class Case:
    """One layer, the same function in PyTorch, and values for all that it takes."""

    def __init__(self, name: str) -> None:
        text, self.function, draws = CASES[name]
        self.layer, rng = symbp.layer(text), np.random.default_rng(3)
        self.arrays = {key: draw(rng) for key, draw in draws.items()}
        self.real = [key for key, array in self.arrays.items() if array.dtype == float]
        with torch.no_grad():
            shape = tuple(self.output(self.tensors()).shape)
        self.upstream = rng.normal(size=shape)
        self.directions = {key: rng.normal(size=self.arrays[key].shape) for key in self.real}

    def tensors(self) -> dict[str, Any]:
        return {key: torch.tensor(array, requires_grad=key in self.real) for key, array in self.arrays.items()}

    def output(self, tensors: Mapping[str, Any]) -> Any:
        return self.function(tensors)

    def objective(self, *real: Any) -> Any:
        """The output against the upstream cotangent, as a function of the real inputs."""
        given = {key: torch.tensor(array) for key, array in self.arrays.items()} | dict(zip(self.real, real, strict=True))
        return (self.output(given) * torch.tensor(self.upstream)).sum()


def several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def compare(found: Any, expected: Any) -> None:
    expected = expected.detach().numpy()
    scale = max(1.0, np.abs(expected).max(initial=0))
    assert np.shape(found) == expected.shape
    assert np.abs(found - expected).max(initial=0) <= 1e-10 * scale


@pytest.mark.parametrize("name", CASES)
def test_double_backward_is_what_pytorch_computes(name: str) -> None:
    case = Case(name)
    layer = case.layer.vjp()
    module, rng = layer.load(), np.random.default_rng(5)
    tensors = case.tensors()
    bar = torch.tensor(case.upstream, requires_grad=True)
    real = [tensors[key] for key in case.real]
    first = torch.autograd.grad(case.output(tensors), real, bar, create_graph=True)
    outputs, residuals = module.forward(*case.arrays.values(), case.upstream)
    for found, expected in zip(several(outputs), first, strict=True):
        compare(found, expected)
    weights = [rng.normal(size=np.shape(found)) for found in several(outputs)]
    inner = sum((torch.tensor(weight) * one).sum() for weight, one in zip(weights, first, strict=True))
    second = torch.autograd.grad(inner, [*real, bar], allow_unused=True)
    gradients = module.backward(*weights, residuals)
    names = [*case.real, layer.inputs[-1]]
    for key, expected, tensor in zip(names, second, [*real, bar], strict=True):
        compare(getattr(gradients, key), torch.zeros_like(tensor) if expected is None else expected)


@pytest.mark.parametrize("name", CASES)
def test_a_product_with_the_hessian_is_what_pytorch_computes(name: str) -> None:
    case = Case(name)
    module = case.layer.vjp().jvp().load()
    still = np.zeros_like(case.upstream)  # the upstream cotangent does not change
    outputs, _ = module.forward(*case.arrays.values(), case.upstream, *case.directions.values(), still)
    points = tuple(torch.tensor(case.arrays[key]) for key in case.real)
    _, expected = torch.autograd.functional.hvp(case.objective, points, tuple(map(torch.tensor, case.directions.values())))
    for found, one in zip(outputs[len(case.real) :], expected, strict=True):
        compare(found, one)


@pytest.mark.parametrize("name", CASES)
def test_forward_mode_is_what_pytorch_computes(name: str) -> None:
    case = Case(name)
    outputs, _ = case.layer.jvp().load().forward(*case.arrays.values(), *case.directions.values())

    def function(*real: Any) -> Any:
        return case.output({**case.tensors(), **dict(zip(case.real, real, strict=True))})

    points = tuple(torch.tensor(case.arrays[key]) for key in case.real)
    _, expected = torch.autograd.functional.jvp(function, points, tuple(map(torch.tensor, case.directions.values())))
    compare(outputs[1], expected)
