"""Layers that are linear in each of their inputs."""

from __future__ import annotations

from typing import Any

from torch_layers import Comparison
from torch_layers.draws import Draw, integers, normal, uniform

X, W, B = normal(2, 3, 4), normal(4, 5), normal(5)
MATRICES: dict[str, Draw] = {"a": normal(3, 4), "b": normal(4, 5)}
PICTURE = normal(2, 3, 4, 5)


def addmm(torch: Any, v: dict[str, Any]) -> Any:
    return torch.addmm(v["c"], v["a"], v["b"], beta=v["beta"].item(), alpha=v["alpha"].item())


def lora(torch: Any, v: dict[str, Any]) -> Any:
    return v["x"] @ (v["W"] + v["alpha"] / 2 * v["A"] @ v["B"]) + v["b"]


def maxout(torch: Any, v: dict[str, Any]) -> Any:
    return torch.stack([v["x"] @ matrix + bias for matrix, bias in zip(v["W"], v["b"], strict=True)]).amax(0)


def factorization_machine(torch: Any, v: dict[str, Any]) -> Any:
    pairs = (v["V"] @ v["V"].T).triu(1)
    return v["w0"] + v["x"] @ v["w"] + torch.einsum("ni,ij,nj->n", v["x"], pairs, v["x"])


def cross(torch: Any, v: dict[str, Any]) -> Any:
    return (v["x0"][..., :, None] * v["x"][..., None, :]) @ v["w"] + v["b"] + v["x"]


LAYERS: dict[str, Comparison] = {
    "affine": (lambda torch, v: torch.nn.functional.linear(v["x"], v["W"].T, v["b"]), {"x": X, "W": W, "b": B}, "torch"),
    "linear": (lambda torch, v: torch.nn.functional.linear(v["x"], v["W"], v["b"]), {"x": X, "W": normal(5, 4), "b": B}, "torch"),
    "projection": (lambda torch, v: torch.nn.functional.linear(v["x"], v["W"].T), {"x": X, "W": W}, "torch"),
    "matmul": (lambda torch, v: torch.matmul(v["a"], v["b"]), MATRICES, "torch"),
    "bmm": (lambda torch, v: torch.bmm(v["a"], v["b"]), {"a": normal(2, 3, 4), "b": normal(2, 4, 5)}, "torch"),
    "mv": (lambda torch, v: torch.mv(v["A"], v["x"]), {"A": normal(3, 4), "x": normal(4)}, "torch"),
    "addmm": (addmm, {"c": normal(3, 5), **MATRICES, "beta": uniform(0, 2), "alpha": uniform(0, 2)}, "torch"),
    "dot": (lambda torch, v: torch.dot(v["a"], v["b"]), {"a": normal(6), "b": normal(6)}, "torch"),
    "outer": (lambda torch, v: torch.outer(v["a"], v["b"]), {"a": normal(3), "b": normal(4)}, "torch"),
    "bilinear": (
        lambda torch, v: torch.nn.functional.bilinear(v["x1"], v["x2"], v["W"], v["b"]),
        {"x1": normal(2, 3, 4), "x2": normal(2, 3, 6), "W": normal(5, 4, 6), "b": B},
        "torch",
    ),
    "embedding": (lambda torch, v: torch.nn.functional.embedding(v["t"], v["W"]), {"t": integers(7, 2, 6), "W": normal(7, 3)}, "torch"),
    "embedding_bag": (
        lambda torch, v: torch.nn.functional.embedding_bag(v["t"], v["W"], mode="mean"),
        {"t": integers(7, 3, 6), "W": normal(7, 3)},
        "torch",
    ),
    "low_rank": (
        lambda torch, v: v["x"] @ (v["U"] @ v["V"]) + v["b"],
        {"x": X, "U": normal(4, 2), "V": normal(2, 5), "b": B},
        "formula",
    ),
    "lora": (lora, {"x": X, "W": W, "b": B, "A": normal(4, 2), "B": normal(2, 5), "alpha": uniform(1, 16)}, "formula"),
    "maxout": (maxout, {"x": X, "W": normal(3, 4, 5), "b": normal(3, 5)}, "formula"),
    "factorization_machine": (factorization_machine, {"x": normal(3, 4), "w0": normal(), "w": normal(4), "V": normal(4, 2)}, "formula"),
    "cross_layer": (cross, {"x0": X, "x": X, "w": normal(4), "b": normal(4)}, "formula"),
    "film": (
        lambda torch, v: v["x"] * v["gamma"][:, :, None, None] + v["beta"][:, :, None, None],
        {"x": PICTURE, "gamma": normal(2, 3), "beta": normal(2, 3)},
        "formula",
    ),
    "layer_scale": (lambda torch, v: v["x"] @ torch.diag(v["gamma"]), {"x": X, "gamma": normal(4)}, "formula"),
    "pointwise_conv2d": (
        lambda torch, v: torch.nn.functional.conv2d(v["x"], v["W"][:, :, None, None], v["b"]),
        {"x": PICTURE, "W": normal(6, 3), "b": normal(6)},
        "torch",
    ),
}
