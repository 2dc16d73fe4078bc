"""Values brought to mean 0 and variance 1, or to length 1."""

from __future__ import annotations

from typing import Any

from torch_layers import Comparison
from torch_layers.draws import Draw, normal, uniform

ROWS, VECTORS, PICTURE = normal(6, 5), normal(2, 3, 5), normal(3, 4, 2, 5)
CHANNELS: dict[str, Draw] = {"gamma": normal(5), "beta": normal(5)}
PICTURE_CHANNELS: dict[str, Draw] = {"gamma": normal(4), "beta": normal(4)}


def batch_norm(torch: Any, v: dict[str, Any]) -> Any:
    return torch.nn.functional.batch_norm(v["x"], None, None, v["gamma"], v["beta"], training=True)


def batch_norm_eval(torch: Any, v: dict[str, Any]) -> Any:
    return torch.nn.functional.batch_norm(v["x"], v["mu"].detach(), v["v"].detach(), v["gamma"], v["beta"])


def group_norm(torch: Any, v: dict[str, Any]) -> Any:
    groups = v["x"].shape[1]
    y = torch.nn.functional.group_norm(v["x"].flatten(1, 2), groups, v["gamma"].flatten(), v["beta"].flatten())
    return y.view_as(v["x"])


def adaptive_instance_norm(torch: Any, v: dict[str, Any]) -> Any:
    variance, mean = torch.var_mean(v["s"], (2, 3), correction=0, keepdim=True)
    return torch.nn.functional.instance_norm(v["x"]) * (variance + 1e-5).sqrt() + mean


def filter_response_norm(torch: Any, v: dict[str, Any]) -> Any:
    gamma, beta, tau = (v[name].view(1, -1, 1, 1) for name in ("gamma", "beta", "tau"))
    return torch.maximum(gamma * v["x"] * torch.rsqrt((v["x"] ** 2).mean((2, 3), keepdim=True) + 1e-6) + beta, tau)


def global_response_norm(torch: Any, v: dict[str, Any]) -> Any:
    length = torch.linalg.vector_norm(v["x"], dim=(1, 2), keepdim=True)
    return v["gamma"] * (v["x"] * (length / (length.mean(-1, keepdim=True) + 1e-6))) + v["beta"] + v["x"]


def min_max_scale(torch: Any, v: dict[str, Any]) -> Any:
    low, high = torch.aminmax(v["x"], dim=-1, keepdim=True)
    return (v["x"] - low) / (high - low)


LAYERS: dict[str, Comparison] = {
    "batch_norm": (batch_norm, {"x": ROWS, **CHANNELS}, "torch"),
    "batch_norm_eval": (batch_norm_eval, {"x": ROWS, "mu": normal(5), "v": uniform(0.5, 2, 5), **CHANNELS}, "torch"),
    "batch_norm2d": (batch_norm, {"x": PICTURE, **PICTURE_CHANNELS}, "torch"),
    "batch_norm2d_eval": (batch_norm_eval, {"x": PICTURE, "mu": normal(4), "v": uniform(0.5, 2, 4), **PICTURE_CHANNELS}, "torch"),
    "layer_norm": (
        lambda torch, v: torch.nn.functional.layer_norm(v["x"], (5,), v["gamma"], v["beta"]),
        {"x": VECTORS, **CHANNELS},
        "torch",
    ),
    "ada_layer_norm": (
        lambda torch, v: torch.nn.functional.layer_norm(v["x"], (5,)) * (1 + v["scale"]) + v["shift"],
        {"x": VECTORS, "scale": VECTORS, "shift": VECTORS},
        "formula",
    ),
    "standardize": (lambda torch, v: torch.nn.functional.layer_norm(v["x"], (5,)), {"x": VECTORS}, "torch"),
    "rms_norm": (
        lambda torch, v: torch.nn.functional.rms_norm(v["x"], (5,), v["gamma"], 1e-6),
        {"x": VECTORS, "gamma": normal(5)},
        "torch",
    ),
    "group_norm": (group_norm, {"x": normal(2, 3, 4, 2, 5), "gamma": normal(3, 4), "beta": normal(3, 4)}, "torch"),
    "instance_norm2d": (
        lambda torch, v: torch.nn.functional.instance_norm(v["x"], weight=v["gamma"], bias=v["beta"]),
        {"x": PICTURE, **PICTURE_CHANNELS},
        "torch",
    ),
    "adaptive_instance_norm": (adaptive_instance_norm, {"x": PICTURE, "s": PICTURE}, "formula"),
    "pixel_norm": (
        lambda torch, v: torch.nn.functional.rms_norm(v["x"].movedim(1, -1), (4,), None, 1e-8).movedim(-1, 1),
        {"x": PICTURE},
        "torch",
    ),
    "filter_response_norm": (filter_response_norm, {"x": PICTURE, **PICTURE_CHANNELS, "tau": normal(4)}, "formula"),
    "global_response_norm": (global_response_norm, {"x": PICTURE, **CHANNELS}, "formula"),
    "l2_normalize": (lambda torch, v: torch.nn.functional.normalize(v["x"], dim=-1), {"x": VECTORS}, "torch"),
    "l1_normalize": (lambda torch, v: torch.nn.functional.normalize(v["x"], p=1, dim=-1), {"x": VECTORS}, "torch"),
    "scale_norm": (
        lambda torch, v: v["g"] * torch.nn.functional.normalize(v["x"], dim=-1, eps=1e-5),
        {"x": VECTORS, "g": normal()},
        "formula",
    ),
    "min_max_scale": (min_max_scale, {"x": VECTORS}, "formula"),
    "weight_norm": (lambda torch, v: torch._weight_norm(v["v"], v["g"][:, None], 0), {"v": ROWS, "g": normal(6)}, "torch"),
    "weight_standardization": (lambda torch, v: torch.nn.functional.layer_norm(v["W"], (5,)), {"W": ROWS}, "formula"),
    "dynamic_tanh": (
        lambda torch, v: torch.addcmul(v["beta"], v["gamma"], torch.tanh(v["alpha"] * v["x"])),
        {"x": VECTORS, "alpha": normal(), **CHANNELS},
        "formula",
    ),
    "local_response_norm": (
        lambda torch, v: torch.nn.functional.local_response_norm(v["x"], 5),
        {"x": PICTURE},
        "torch",
    ),
}
