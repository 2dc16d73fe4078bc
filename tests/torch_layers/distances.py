"""Distances and similarities."""

from __future__ import annotations

import math
from typing import Any

from torch_layers import Comparison
from torch_layers.draws import Draw, normal, uniform

XY: dict[str, Draw] = {"x": normal(2, 3, 4), "y": normal(2, 3, 4)}
ROWS: dict[str, Draw] = {"x": normal(5, 4), "y": normal(6, 4)}
HISTOGRAMS: dict[str, Draw] = {"p": uniform(0.1, 0.9, 2, 3, 4), "q": uniform(0.1, 0.9, 2, 3, 4)}
BALL: dict[str, Draw] = {"x": uniform(-0.4, 0.4, 2, 4), "y": uniform(-0.4, 0.4, 2, 4)}
DEGREES: dict[str, Draw] = {name: uniform(-math.pi / 2, math.pi / 2, 6) for name in ("lat1", "lon1", "lat2", "lon2")}


def pairwise(torch: Any, v: dict[str, Any], p: float = 2, eps: float = 0) -> Any:
    return torch.nn.functional.pairwise_distance(v["x"], v["y"], p, eps)


def cdist(torch: Any, v: dict[str, Any], p: float = 2) -> Any:
    return torch.cdist(v["x"], v["y"], p, compute_mode="donot_use_mm_for_euclid_dist")


def cosine(torch: Any, v: dict[str, Any]) -> Any:
    return torch.nn.functional.cosine_similarity(v["x"], v["y"], dim=-1)


def canberra(torch: Any, v: dict[str, Any]) -> Any:
    return ((v["x"] - v["y"]).abs() / (v["x"].abs() + v["y"].abs())).sum(-1)


def bray_curtis(torch: Any, v: dict[str, Any]) -> Any:
    return pairwise(torch, v, 1) / torch.linalg.vector_norm(v["x"] + v["y"], 1, -1)


def hellinger(torch: Any, v: dict[str, Any]) -> Any:
    return torch.linalg.vector_norm(v["p"].sqrt() - v["q"].sqrt(), 2, -1) / math.sqrt(2)


def poincare(torch: Any, v: dict[str, Any]) -> Any:
    a, b = ((1 - (v[name] ** 2).sum(-1)) for name in "xy")
    return torch.acosh(1 + 2 * ((v["x"] - v["y"]) ** 2).sum(-1) / (a * b))


def on_the_sphere(torch: Any, latitude: Any, longitude: Any) -> Any:
    return torch.stack([latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()], -1)


def haversine(torch: Any, v: dict[str, Any]) -> Any:
    """By the angle between the two points as vectors in space."""
    a, b = on_the_sphere(torch, v["lat1"], v["lon1"]), on_the_sphere(torch, v["lat2"], v["lon2"])
    return 6371 * torch.atan2(torch.linalg.vector_norm(torch.linalg.cross(a, b), 2, -1), (a * b).sum(-1))


LAYERS: dict[str, Comparison] = {
    "squared_euclidean_distance": (lambda torch, v: pairwise(torch, v) ** 2, XY, "formula"),
    "euclidean_distance": (pairwise, XY, "torch"),
    "pairwise_distance": (lambda torch, v: pairwise(torch, v, eps=v["eps"].item()), XY | {"eps": uniform(0.01, 0.1)}, "torch"),
    "weighted_euclidean_distance": (
        lambda torch, v: torch.linalg.vector_norm(v["w"].sqrt() * (v["x"] - v["y"]), 2, -1),
        XY | {"w": uniform(0.1, 2, 4)},
        "formula",
    ),
    "manhattan_distance": (lambda torch, v: pairwise(torch, v, 1), XY, "torch"),
    "chebyshev_distance": (lambda torch, v: pairwise(torch, v, math.inf), XY, "torch"),
    "minkowski_distance": (lambda torch, v: pairwise(torch, v, v["p"].item()), XY | {"p": uniform(1.5, 4)}, "torch"),
    "cosine_similarity": (cosine, XY, "torch"),
    "cosine_distance": (lambda torch, v: 1 - cosine(torch, v), XY, "formula"),
    "canberra_distance": (canberra, XY, "formula"),
    "bray_curtis_distance": (bray_curtis, XY, "formula"),
    "chi_squared_distance": (lambda torch, v: ((v["p"] - v["q"]) ** 2 / (v["p"] + v["q"])).sum(-1) / 2, HISTOGRAMS, "formula"),
    "hellinger_distance": (hellinger, HISTOGRAMS, "formula"),
    "poincare_distance": (poincare, BALL, "formula"),
    "haversine_distance": (haversine, DEGREES, "formula"),
    "cdist": (cdist, ROWS, "torch"),
    "cdist_squared": (lambda torch, v: cdist(torch, v) ** 2, ROWS, "formula"),
    "cdist_manhattan": (lambda torch, v: cdist(torch, v, 1), ROWS, "torch"),
}
