"""Softmax and its relatives."""

from __future__ import annotations

import math
from typing import Any

from torch_layers import Comparison
from torch_layers.draws import Draw, masks, normal, uniform

X: dict[str, Draw] = {"x": normal(3, 4, 5)}
INF = math.inf


def soft_argmax(torch: Any, v: dict[str, Any]) -> Any:
    return torch.softmax(v["beta"] * v["x"], -1) @ torch.arange(5.0, dtype=torch.float64)


def causal(torch: Any, v: dict[str, Any]) -> Any:
    return torch.softmax(v["x"].masked_fill(torch.ones(5, 5).triu(1).bool(), -INF), -1)


def taylor(torch: Any, v: dict[str, Any]) -> Any:
    return torch.nn.functional.normalize(((v["x"] + 1) ** 2 + 1) / 2, p=1, dim=-1)


def adjusted(torch: Any, v: dict[str, Any]) -> Any:
    return torch.nn.functional.normalize(v["prior"] * v["x"].exp(), p=1, dim=-1)


LAYERS: dict[str, Comparison] = {
    "softmax": (lambda torch, v: torch.softmax(v["x"], -1), X, "torch"),
    "log_softmax": (lambda torch, v: torch.nn.functional.log_softmax(v["x"], -1), X, "torch"),
    "softmin": (lambda torch, v: torch.nn.functional.softmin(v["x"], -1), X, "torch"),
    "logsumexp": (lambda torch, v: torch.logsumexp(v["x"], -1), X, "torch"),
    "mellowmax": (
        lambda torch, v: (torch.logsumexp(v["omega"] * v["x"], -1) - math.log(5)) / v["omega"],
        X | {"omega": uniform(1, 5)},
        "formula",
    ),
    "boltzmann_operator": (
        lambda torch, v: (torch.softmax(v["beta"] * v["x"], -1) * v["x"]).sum(-1),
        X | {"beta": uniform(1, 5)},
        "formula",
    ),
    "soft_argmax": (soft_argmax, X | {"beta": uniform(1, 5)}, "formula"),
    "softmax_temperature": (lambda torch, v: torch.softmax(v["x"] / v["tau"], -1), X | {"tau": uniform(0.5, 2)}, "torch"),
    "gumbel_softmax": (
        lambda torch, v: torch.softmax((v["x"] + v["noise"]) / v["tau"], -1),
        X | {"noise": normal(3, 4, 5), "tau": uniform(0.5, 2)},
        "formula",
    ),
    "softmax2d": (lambda torch, v: torch.nn.Softmax2d()(v["x"]), {"x": normal(2, 3, 4, 5)}, "torch"),
    "masked_softmax": (
        lambda torch, v: torch.softmax(v["x"].masked_fill(~v["mask"], -INF), -1),
        X | {"mask": masks(3, 4, 5)},
        "torch",
    ),
    "causal_softmax": (causal, {"x": normal(2, 5, 5)}, "torch"),
    "softmax_one": (lambda torch, v: v["x"].exp() / (1 + v["x"].exp().sum(-1, keepdim=True)), X, "formula"),
    "logit_adjusted_softmax": (adjusted, X | {"prior": uniform(0.1, 0.9, 5)}, "formula"),
    "taylor_softmax": (taylor, X, "formula"),
    "spherical_softmax": (lambda torch, v: torch.nn.functional.normalize(v["x"] ** 2 + 1e-8, p=1, dim=-1), X, "formula"),
}
