"""How alike every row of one matrix is to every row of another, by PyTorch's own distances of rows."""

from __future__ import annotations

import math
from typing import Any

from torch_layers import Comparison
from torch_layers.draws import Draw, normal, uniform

XY: dict[str, Draw] = {"x": normal(5, 3), "y": normal(6, 3)}
GAMMA: dict[str, Draw] = XY | {"gamma": uniform(0.2, 2)}
LENGTH: dict[str, Draw] = XY | {"length": uniform(0.5, 2)}


def distance(torch: Any, v: dict[str, Any], p: float = 2) -> Any:
    return torch.cdist(v["x"], v["y"], p, compute_mode="donot_use_mm_for_euclid_dist")


def product(torch: Any, v: dict[str, Any]) -> Any:
    return v["x"] @ v["y"].T


def gaussian(torch: Any, v: dict[str, Any]) -> Any:
    return torch.exp(-v["gamma"] * distance(torch, v) ** 2)


def cosine(torch: Any, v: dict[str, Any]) -> Any:
    return torch.nn.functional.cosine_similarity(v["x"][:, None], v["y"], dim=-1)


def ard(torch: Any, v: dict[str, Any]) -> Any:
    scaled = {name: v[name] / v["length"] for name in "xy"}
    return v["scale"] ** 2 * torch.exp(-(distance(torch, scaled) ** 2) / 2)


def matern32(torch: Any, v: dict[str, Any]) -> Any:
    r = math.sqrt(3) * distance(torch, v) / v["length"]
    return (1 + r) * torch.exp(-r)


def matern52(torch: Any, v: dict[str, Any]) -> Any:
    r = math.sqrt(5) * distance(torch, v) / v["length"]
    return (1 + r + r**2 / 3) * torch.exp(-r)


def periodic(torch: Any, v: dict[str, Any]) -> Any:
    waves = torch.sin(math.pi * (v["x"][:, None] - v["y"]) / v["period"]) / v["length"]
    return torch.exp(-2 * torch.linalg.vector_norm(waves, 2, -1) ** 2)


def regression(torch: Any, v: dict[str, Any]) -> Any:
    weights = gaussian(torch, v)
    return weights @ v["v"] / weights.sum(1, keepdim=True)


LAYERS: dict[str, Comparison] = {
    "linear_kernel": (product, XY, "formula"),
    "polynomial_kernel": (
        lambda torch, v: (v["gamma"] * product(torch, v) + v["coef0"]) ** 3,
        GAMMA | {"coef0": uniform(0, 2)},
        "formula",
    ),
    "sigmoid_kernel": (
        lambda torch, v: torch.tanh(v["gamma"] * product(torch, v) + v["coef0"]),
        GAMMA | {"coef0": uniform(0, 2)},
        "formula",
    ),
    "cosine_kernel": (cosine, XY, "formula"),
    "rbf_kernel": (gaussian, GAMMA, "formula"),
    "ard_kernel": (ard, XY | {"length": uniform(0.5, 2, 3), "scale": normal()}, "formula"),
    "laplacian_kernel": (lambda torch, v: torch.exp(-v["gamma"] * distance(torch, v, 1)), GAMMA, "formula"),
    "matern12_kernel": (lambda torch, v: torch.exp(-distance(torch, v) / v["length"]), LENGTH, "formula"),
    "matern32_kernel": (matern32, LENGTH, "formula"),
    "matern52_kernel": (matern52, LENGTH, "formula"),
    "rational_quadratic_kernel": (
        lambda torch, v: (1 + (distance(torch, v) / v["length"]) ** 2 / (2 * v["alpha"])) ** -v["alpha"],
        LENGTH | {"alpha": uniform(0.5, 2)},
        "formula",
    ),
    "periodic_kernel": (periodic, LENGTH | {"period": uniform(1, 3)}, "formula"),
    "cauchy_kernel": (lambda torch, v: torch.reciprocal(1 + (distance(torch, v) / v["length"]) ** 2), LENGTH, "formula"),
    "inverse_multiquadric_kernel": (
        lambda torch, v: torch.rsqrt(distance(torch, v) ** 2 + v["c0"] ** 2),
        XY | {"c0": uniform(0.5, 2)},
        "formula",
    ),
    "kernel_machine": (lambda torch, v: gaussian(torch, v) @ v["a"], GAMMA | {"a": normal(6)}, "formula"),
    "kernel_regression": (regression, GAMMA | {"v": normal(6, 2)}, "formula"),
}
