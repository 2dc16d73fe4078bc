"""Every layer of the catalog: what it says about itself, that it checks, and that it agrees with PyTorch where PyTorch has it."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symbp
from symbp.catalog import FAMILIES, catalog

FOLDER = Path(symbp.__file__).parent / "catalog"


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_every_file_of_the_catalog_is_a_family() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} - {"__init__"} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_text_and_nothing_else(family: str) -> None:
    docstring, layers = ast.parse((FOLDER / f"{family}.py").read_text(encoding="utf-8")).body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(layers, ast.Assign) and isinstance(layers.value, ast.Constant)


@pytest.mark.parametrize("name", list(catalog))
def test_a_layer_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    description, *rest = catalog[name].definition.doc.splitlines()
    assert description and any(line.startswith("Source: ") for line in rest)


@pytest.mark.parametrize("name", list(catalog))
def test_a_layer_of_the_catalog_checks(name: str) -> None:
    report = catalog[name].check()
    assert report, str(report)


def test_the_catalog_is_read_only() -> None:
    with pytest.raises(TypeError):
        catalog["mine"] = catalog["relu"]  # type: ignore[index]


def test_an_unknown_layer_is_a_key_error() -> None:
    assert "mine" not in catalog
    with pytest.raises(KeyError):
        catalog["mine"]


def test_families_hold_every_layer_once() -> None:
    assert [name for names in catalog.families().values() for name in names] == list(catalog)


def test_the_derivative_of_relu_at_zero_is_zero() -> None:
    relu = catalog["relu"].load()
    _, residuals = relu.forward(np.array([-1.0, 0.0, 1.0]))
    assert relu.backward(np.ones(3), residuals).x.tolist() == [0, 0, 1]


# ---------------------------------------------------------------- against PyTorch

FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {  # name -> the same function of tensors, given torch
    "mul": lambda torch, v: v["a"] * v["b"],
    "add": lambda torch, v: v["a"] + v["b"],
    "sub": lambda torch, v: v["a"] - v["b"],
    "div": lambda torch, v: v["a"] / v["b"],
    "neg": lambda torch, v: -v["x"],
    "exp": lambda torch, v: torch.exp(v["x"]),
    "log": lambda torch, v: torch.log(v["x"]),
    "reciprocal": lambda torch, v: torch.reciprocal(v["x"]),
    "square": lambda torch, v: torch.square(v["x"]),
    "sqrt": lambda torch, v: torch.sqrt(v["x"]),
    "relu": lambda torch, v: torch.relu(v["x"]),
    "sigmoid": lambda torch, v: torch.sigmoid(v["x"]),
    "tanh": lambda torch, v: torch.tanh(v["x"]),
    "softplus": lambda torch, v: torch.nn.functional.softplus(v["x"], threshold=50),
    "affine": lambda torch, v: torch.nn.functional.linear(v["x"], v["W"].T, v["b"]),
    "softmax": lambda torch, v: torch.softmax(v["x"], -1),
    "mse": lambda torch, v: torch.nn.functional.mse_loss(v["y"], v["t"]),
    "bce": lambda torch, v: torch.nn.functional.binary_cross_entropy(v["p"], v["t"].detach()),
    "bce_with_logits": lambda torch, v: torch.nn.functional.binary_cross_entropy_with_logits(v["z"], v["t"]),
    "cross_entropy": lambda torch, v: torch.nn.functional.cross_entropy(v["z"], v["t"]),
    "cross_entropy_one_hot": lambda torch, v: torch.nn.functional.cross_entropy(v["z"], v["t"]),
    "dropout": lambda torch, v: torch.where(v["mask"], v["x"] / (1 - 0.5), 0),
}
SHAPES = {"W": (4, 5), "b": (5,), "x": (2, 3, 4)}  # of affine; other layers take (6, 5) throughout
POSITIVE = {"log", "reciprocal", "sqrt", "div"}


def values(name: str) -> dict[str, np.ndarray]:
    """An array for each input of the layer, inside its domain."""
    draw, arrays = rng(), {}
    for tensor in catalog[name].definition.program.inputs:
        shape = SHAPES[tensor.name] if name == "affine" else (6, 5)[: 1 if (name, tensor.name) == ("cross_entropy", "t") else 2]
        inside = name in POSITIVE or (name, tensor.name) in (("bce", "p"), ("bce", "t"))
        real = draw.uniform(0.1, 0.9, shape) if inside else draw.normal(size=shape)
        arrays[tensor.name] = {"real": real, "integer": draw.integers(0, 5, shape), "boolean": real > 0}[tensor.kind]
    return arrays


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_layer_agrees_with_pytorch_in_both_passes(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test")
    arrays, module = values(name), catalog[name].load()
    tensors = {key: torch.tensor(array, requires_grad=array.dtype == float) for key, array in arrays.items()}
    expected = FUNCTIONS[name](torch, tensors)
    y, residuals = module.forward(**arrays)
    assert y == pytest.approx(expected.detach().numpy(), rel=1e-12, abs=1e-14)
    dy = rng().normal(size=y.shape)
    expected.backward(torch.tensor(dy))
    gradients = module.backward(dy, residuals)._asdict()
    for key in gradients.keys() - ({"t"} if name == "bce" else set()):  # PyTorch has no gradient of its target
        assert gradients[key] == pytest.approx(tensors[key].grad.numpy(), rel=1e-11, abs=1e-13)


# name -> the optimizer of PyTorch with the same defaults, and whether the state of ours is named here, with its start
OPTIMIZERS: dict[str, tuple[Callable[[Any, Any], Any], tuple[str, ...]]] = {
    "sgd": (lambda torch, w: torch.optim.SGD(w, lr=0.01), ()),
    "momentum": (lambda torch, w: torch.optim.SGD(w, lr=0.01, momentum=0.9), ("v",)),
    "nesterov": (lambda torch, w: torch.optim.SGD(w, lr=0.01, momentum=0.9, nesterov=True), ("v",)),
    "adagrad": (lambda torch, w: torch.optim.Adagrad(w, lr=0.01, eps=1e-7), ("h",)),
    "rmsprop": (lambda torch, w: torch.optim.RMSprop(w, lr=0.01, alpha=0.99, eps=1e-8), ("s",)),
    "adam": (lambda torch, w: torch.optim.Adam(w, lr=0.001), ("m", "v")),
    "adamw": (lambda torch, w: torch.optim.AdamW(w, lr=0.001, weight_decay=0.01), ("m", "v")),
}


def test_every_layer_has_its_function_and_every_update_rule_its_optimizer() -> None:
    families = catalog.families()
    assert set(OPTIMIZERS) == set(families["updates"])
    assert set(FUNCTIONS) == set(catalog) - {*families["updates"], *families["networks"], *families["graphs"]}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_update_rule_walks_the_path_of_its_optimizer(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test")
    optimizer_of, names = OPTIMIZERS[name]
    module, draw = catalog[name].load(), rng()
    w = draw.normal(size=(3, 4))
    theirs = torch.tensor(w, requires_grad=True)
    optimizer = optimizer_of(torch, [theirs])
    state = [np.zeros_like(w) for _ in names]
    for step in range(1, 21):
        g = draw.normal(size=w.shape)
        theirs.grad = torch.tensor(g)
        optimizer.step()
        outputs, _ = module.forward(w, g, *state, **({"t": step} if "adam" in name else {}))
        w, *state = outputs if names else (outputs,)
        assert w == pytest.approx(theirs.detach().numpy(), rel=1e-12)
