"""Noise, masks and penalties. PyTorch's own dropouts draw their masks themselves, so their formulas stand here."""

from __future__ import annotations

from typing import Any

from torch_layers import Comparison
from torch_layers.draws import Draw, booleans, normal, uniform

X: dict[str, Draw] = {"x": normal(6, 5)}
MASK: dict[str, Draw] = X | {"mask": booleans(6, 5), "rate": uniform(0.1, 0.9)}
ALPHA = -1.7580993408473766


def alpha_dropout(torch: Any, v: dict[str, Any]) -> Any:
    """As torch.nn.AlphaDropout says: a and b keep the mean 0 and the variance 1."""
    keep = 1 - v["rate"]
    a = (keep + ALPHA**2 * keep * (1 - keep)) ** -0.5
    b = -a * ALPHA * (1 - keep)
    return a * torch.where(v["mask"], v["x"], ALPHA) + b


def drop_connect(torch: Any, v: dict[str, Any]) -> Any:
    return torch.nn.functional.linear(v["x"], (v["W"] * v["mask"] / (1 - v["rate"])).T, v["b"])


def confidence(torch: Any, v: dict[str, Any]) -> Any:
    return -v["beta"] * torch.distributions.Categorical(logits=v["z"]).entropy().mean()


def elastic_net(torch: Any, v: dict[str, Any]) -> Any:
    lengths = (torch.linalg.vector_norm(v["w"], order) for order in (1, 2))
    one, two = lengths
    return v["strength"] * (v["ratio"] * one + (1 - v["ratio"]) * two**2 / 2)


def max_norm(torch: Any, v: dict[str, Any]) -> Any:
    length = torch.linalg.vector_norm(v["W"], 2, 0)
    return v["W"] * torch.clamp(v["limit"] / length, max=1)


W: dict[str, Draw] = {"w": normal(3, 4), "strength": uniform(0.01, 0.1)}

LAYERS: dict[str, Comparison] = {
    "dropout": (lambda torch, v: v["x"] * v["mask"] / (1 - v["rate"]), MASK, "formula"),
    "dropout2d": (
        lambda torch, v: v["x"] * (v["mask"] / (1 - v["rate"]))[:, :, None, None],
        {"x": normal(2, 3, 4, 5), "mask": booleans(2, 3), "rate": uniform(0.1, 0.9)},
        "formula",
    ),
    "alpha_dropout": (alpha_dropout, MASK, "formula"),
    "drop_connect": (
        drop_connect,
        X | {"mask": booleans(5, 4), "W": normal(5, 4), "b": normal(4), "rate": uniform(0.1, 0.9)},
        "formula",
    ),
    "drop_path": (
        lambda torch, v: v["x"] * (v["mask"] / (1 - v["rate"]))[:, None, None],
        {"x": normal(6, 4, 5), "mask": booleans(6), "rate": uniform(0.1, 0.9)},
        "formula",
    ),
    "zoneout": (
        lambda torch, v: torch.where(v["mask"], v["h"], v["h_new"]),
        {"h": normal(6, 5), "h_new": normal(6, 5), "mask": booleans(6, 5)},
        "torch",
    ),
    "gaussian_dropout": (
        lambda torch, v: v["x"] + v["x"] * v["noise"] * (v["rate"] / (1 - v["rate"])).sqrt(),
        X | {"noise": normal(6, 5), "rate": uniform(0.1, 0.9)},
        "formula",
    ),
    "gaussian_noise": (
        lambda torch, v: torch.add(v["x"], v["noise"], alpha=v["sigma"].item()),
        X | {"noise": normal(6, 5), "sigma": uniform(0.1, 1)},
        "torch",
    ),
    "reparameterize": (
        lambda torch, v: v["mu"] + v["log_var"].exp().sqrt() * v["noise"],
        {"mu": normal(6, 5), "log_var": normal(6, 5), "noise": normal(6, 5)},
        "formula",
    ),
    "mixup": (
        lambda torch, v: torch.lerp(v["b"], v["a"], v["lam"].item()),
        {"a": normal(6, 5), "b": normal(6, 5), "lam": uniform(0, 1)},
        "torch",
    ),
    "cutmix": (
        lambda torch, v: torch.where(v["mask"], v["a"], v["b"]),
        {"a": normal(6, 5), "b": normal(6, 5), "mask": booleans(6, 5)},
        "torch",
    ),
    "label_smoothing": (
        lambda torch, v: torch.lerp(v["t"], torch.full_like(v["t"], 1 / 5), v["eps"].item()),
        {"t": uniform(0, 1, 6, 5), "eps": uniform(0, 0.5)},
        "formula",
    ),
    "l1_penalty": (lambda torch, v: v["strength"] * torch.linalg.vector_norm(v["w"], 1), W, "formula"),
    "l2_penalty": (lambda torch, v: v["strength"] * torch.linalg.vector_norm(v["w"]) ** 2 / 2, W, "formula"),
    "elastic_net": (elastic_net, W | {"ratio": uniform(0, 1)}, "formula"),
    "group_lasso": (
        lambda torch, v: v["strength"] * torch.linalg.vector_norm(v["W"], 2, 1).sum(),
        {"W": normal(3, 4), "strength": uniform(0.01, 0.1)},
        "formula",
    ),
    "max_norm": (max_norm, {"W": normal(6, 5), "limit": uniform(2, 2.5)}, "formula"),
    "confidence_penalty": (confidence, {"z": normal(6, 5), "beta": uniform(0.1, 1)}, "formula"),
}
