"""Update rules: the optimizers of PyTorch, and one step of the rules, and of what else is done to gradients, for which it has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch_layers import Comparison
from torch_layers.draws import Draw, normal, uniform

WG: dict[str, Draw] = {"w": normal(3, 4), "g": normal(3, 4)}
MOMENTS: dict[str, Draw] = WG | {"m": normal(3, 4), "v": uniform(0.1, 2, 3, 4), "t": uniform(1, 5), "lr": uniform(0.1, 1)}


def adabelief(torch: Any, v: dict[str, Any]) -> Any:
    m = torch.lerp(v["g"], v["m"], 0.9)
    s = torch.lerp((v["g"] - m) ** 2, v["s"], 0.999) + 1e-8
    step = m / (1 - 0.9 ** v["t"]) / ((s / (1 - 0.999 ** v["t"])).sqrt() + 1e-8)
    return v["w"] - v["lr"] * step, m, s


def yogi(torch: Any, v: dict[str, Any]) -> Any:
    m, square = torch.lerp(v["g"], v["m"], 0.9), v["g"] ** 2
    s = torch.where(v["v"] > square, v["v"] - 0.001 * square, v["v"] + 0.001 * square)
    return v["w"] - v["lr"] * m / (s.sqrt() + 1e-3), m, s


def lion(torch: Any, v: dict[str, Any]) -> Any:
    step = torch.sign(torch.lerp(v["g"], v["m"], 0.9))
    return v["w"] * (1 - v["lr"] * 0.01) - v["lr"] * step, torch.lerp(v["g"], v["m"], 0.99)


def lars(torch: Any, v: dict[str, Any]) -> Any:
    a, b = (torch.linalg.vector_norm(v[name]) for name in "wg")
    step = 0.9 * v["v"] + v["lr"] * 0.001 * a / (b + 1e-4 * a) * (v["g"] + 1e-4 * v["w"])
    return v["w"] - step, step


def lamb(torch: Any, v: dict[str, Any]) -> Any:
    m, s = torch.lerp(v["g"], v["m"], 0.9), torch.lerp(v["g"] ** 2, v["v"], 0.999)
    step = m / (1 - 0.9 ** v["t"]) / ((s / (1 - 0.999 ** v["t"])).sqrt() + 1e-6) + 0.01 * v["w"]
    ratio = torch.linalg.vector_norm(v["w"]) / torch.linalg.vector_norm(step)
    return v["w"] - v["lr"] * ratio * step, m, s


def clip_norm(torch: Any, v: dict[str, Any]) -> Any:
    """As torch.nn.utils.clip_grad_norm_ has it, which has no gradient itself."""
    return v["g"] * torch.clamp(v["limit"] / (torch.linalg.vector_norm(v["g"]) + 1e-6), max=1)


LAYERS: dict[str, Comparison] = {
    "sign_sgd": (lambda torch, v: v["w"] - v["lr"] * torch.sign(v["g"]), WG | {"lr": uniform(0.1, 1)}, "formula"),
    "adabelief": (adabelief, {("s" if name == "v" else name): draw for name, draw in MOMENTS.items()}, "formula"),
    "yogi": (yogi, {name: draw for name, draw in MOMENTS.items() if name != "t"}, "formula"),
    "lion": (lion, WG | {"m": normal(3, 4), "lr": uniform(0.1, 1)}, "formula"),
    "lars": (lars, WG | {"v": normal(3, 4), "lr": uniform(0.1, 1)}, "formula"),
    "lamb": (lamb, MOMENTS, "formula"),
    "langevin": (
        lambda torch, v: torch.add(v["w"] - v["lr"] * v["g"] / 2, v["noise"], alpha=v["lr"].sqrt().item()),
        WG | {"noise": normal(3, 4), "lr": uniform(0.1, 1)},
        "formula",
    ),
    "lookahead": (
        lambda torch, v: torch.lerp(v["w"], v["fast"], v["alpha"].item()),
        {"w": normal(3, 4), "fast": normal(3, 4), "alpha": uniform(0, 1)},
        "torch",
    ),
    "moving_average": (
        lambda torch, v: torch.lerp(v["w"], v["a"], v["decay"].item()),
        {"a": normal(3, 4), "w": normal(3, 4), "decay": uniform(0.5, 1)},
        "torch",
    ),
    "clip_value": (
        lambda torch, v: torch.clamp(v["g"], -v["limit"].item(), v["limit"].item()),
        {"g": normal(3, 4), "limit": uniform(0.5, 1)},
        "torch",
    ),
    "clip_norm": (clip_norm, {"g": normal(3, 4), "limit": uniform(0.5, 2)}, "formula"),
}

# name -> the optimizer of PyTorch with the same defaults, and the start of the state of ours
OPTIMIZERS: dict[str, tuple[Callable[[Any, Any], Any], tuple[float, ...]]] = {
    "sgd": (lambda torch, w: torch.optim.SGD(w, lr=0.01), ()),
    "sgd_with_decay": (lambda torch, w: torch.optim.SGD(w, lr=0.01, weight_decay=0.01), ()),
    "momentum": (lambda torch, w: torch.optim.SGD(w, lr=0.01, momentum=0.9), (0,)),
    "nesterov": (lambda torch, w: torch.optim.SGD(w, lr=0.01, momentum=0.9, nesterov=True), (0,)),
    "adagrad": (lambda torch, w: torch.optim.Adagrad(w, lr=0.01, eps=1e-7), (0,)),
    "rmsprop": (lambda torch, w: torch.optim.RMSprop(w, lr=0.01, alpha=0.99, eps=1e-8), (0,)),
    "rmsprop_momentum": (lambda torch, w: torch.optim.RMSprop(w, lr=0.01, alpha=0.99, eps=1e-8, momentum=0.9), (0, 0)),
    "rmsprop_centered": (lambda torch, w: torch.optim.RMSprop(w, lr=0.01, alpha=0.99, eps=1e-8, centered=True), (0, 0)),
    "adadelta": (lambda torch, w: torch.optim.Adadelta(w, lr=1, rho=0.9, eps=1e-6), (0, 0)),
    "rprop": (lambda torch, w: torch.optim.Rprop(w, lr=0.01), (0, 0.01)),
    "adam": (lambda torch, w: torch.optim.Adam(w, lr=0.001), (0, 0)),
    "adamw": (lambda torch, w: torch.optim.AdamW(w, lr=0.001, weight_decay=0.01), (0, 0)),
    "adamax": (lambda torch, w: torch.optim.Adamax(w, lr=0.002), (0, 0)),
    "nadam": (lambda torch, w: torch.optim.NAdam(w, lr=0.002), (0, 0, 1)),
    "amsgrad": (lambda torch, w: torch.optim.Adam(w, lr=0.001, amsgrad=True), (0, 0, 0)),
    "radam": (lambda torch, w: torch.optim.RAdam(w, lr=0.001), (0, 0)),
}
