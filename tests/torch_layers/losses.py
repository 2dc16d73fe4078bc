"""Losses: one number for predictions and targets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from torch_layers import Comparison
from torch_layers.draws import Draw, booleans, integers, normal, uniform

REAL, WIDE, UNIT, POSITIVE = normal(6, 5), uniform(-20, 20, 6, 5), uniform(0.1, 0.9, 6, 5), uniform(0.2, 3, 6, 5)
LABELS, PRESENT, SQUARE, PER_CLASS = integers(5, 6), booleans(6, 5), normal(6, 6), uniform(0.2, 3, 5)
PAIRS: dict[str, Draw] = {"y": REAL, "t": REAL}
LOGITS: dict[str, Draw] = {"z": REAL, "t": UNIT}
MASKS: dict[str, Draw] = {"p": UNIT, "t": UNIT}
COUNTS: dict[str, Draw] = {"y": POSITIVE, "t": POSITIVE}
CLASSES: dict[str, Draw] = {"z": REAL, "t": LABELS}
SCORES: dict[str, Draw] = {"y": REAL, "t": LABELS}


def either(one: float, other: float, *shape: int) -> Draw:
    return lambda rng: rng.choice([one, other], shape)


def partners(rng: np.random.Generator) -> np.ndarray:
    """The number of another row for each of 6."""
    return (np.arange(6) + rng.integers(1, 6, 6)) % 6


BINARY = either(0.0, 1.0, 6, 5)
SIGNED: dict[str, Draw] = {"y": REAL, "t": either(-1.0, 1.0, 6, 5)}


def listed(torch: Any, present: Any) -> Any:
    """The numbers of the present classes of each row, then -1s."""
    numbers = torch.arange(present.shape[1]).expand(present.shape)
    return torch.where(present, numbers, -1).sort(dim=1, descending=True).values


def clipped(torch: Any, v: dict[str, Any]) -> Any:
    ratio = torch.exp(v["y"] - v["r"])
    return -torch.minimum(ratio * v["a"], ratio.clamp(0.8, 1.2) * v["a"]).mean()


def focal(torch: Any, v: dict[str, Any]) -> Any:
    p, t = torch.sigmoid(v["z"]), v["t"].detach()
    ce = torch.nn.functional.binary_cross_entropy_with_logits(v["z"], t, reduction="none")
    p_t, alpha_t = p * t + (1 - p) * (1 - t), 0.25 * t + 0.75 * (1 - t)
    return (alpha_t * (1 - p_t) ** 2 * ce).mean()


def tversky(torch: Any, v: dict[str, Any]) -> Any:
    p, t = v["p"], v["t"]
    hits = (p * t).sum()
    return 1 - (hits + 1) / (0.3 * p.sum() + 0.7 * t.sum() + 1)


def barlow_twins(torch: Any, v: dict[str, Any]) -> Any:
    c = v["x"].T @ v["z"] / len(v["x"])
    diagonal = torch.diagonal(c)
    return ((1 - diagonal) ** 2).sum() + 0.005 * ((c**2).sum() - (diagonal**2).sum())


def clip_loss(torch: Any, v: dict[str, Any]) -> Any:
    own = torch.arange(6)
    return sum(torch.nn.functional.cross_entropy(s / 0.07, own) for s in (v["s"], v["s"].T)) / 2


def wing(torch: Any, v: dict[str, Any]) -> Any:
    e = torch.abs(v["y"] - v["t"])
    return torch.where(e < 10, 10 * torch.log1p(e / 2), e - (10 - 10 * math.log(6))).mean()


def focal_softmax(torch: Any, v: dict[str, Any]) -> Any:
    ce = torch.nn.functional.cross_entropy(v["z"], v["t"], reduction="none")
    return (torch.expm1(-ce) ** 2 * ce).mean()


def normal_divergence(torch: Any, v: dict[str, Any]) -> Any:
    encoded = torch.distributions.Normal(v["mu"], torch.exp(v["s"] / 2))
    standard = torch.distributions.Normal(torch.zeros_like(v["mu"]), torch.ones_like(v["mu"]))
    return torch.distributions.kl_divergence(encoded, standard).sum(dim=1).mean()


def contrastive(torch: Any, v: dict[str, Any]) -> Any:
    near, far = v["y"] ** 2 / 2, torch.relu(1 - v["y"]) ** 2 / 2
    return torch.lerp(far, near, v["t"]).mean()


def nt_xent(torch: Any, v: dict[str, Any]) -> Any:
    others = v["s"].masked_fill(torch.eye(6, dtype=torch.bool), -math.inf)
    return torch.nn.functional.cross_entropy(others / 0.5, v["t"])


def siglip(torch: Any, v: dict[str, Any]) -> Any:
    logits = (2 * torch.eye(6, dtype=torch.float64) - 1) * (v["scale"] * v["s"] + v["bias"])
    return -torch.nn.functional.logsigmoid(logits).sum() / 6


def jaccard(torch: Any, v: dict[str, Any]) -> Any:
    overlap = (v["p"] * v["t"]).sum()
    return 1 - (overlap + 1) / (v["p"].sum() + v["t"].sum() - overlap + 1)


LAYERS: dict[str, Comparison] = {
    "mse": (lambda torch, v: torch.nn.functional.mse_loss(v["y"], v["t"]), PAIRS, "torch"),
    "l1": (lambda torch, v: torch.nn.functional.l1_loss(v["y"], v["t"]), PAIRS, "torch"),
    "smooth_l1": (lambda torch, v: torch.nn.functional.smooth_l1_loss(v["y"], v["t"]), PAIRS, "torch"),
    "huber": (lambda torch, v: torch.nn.functional.huber_loss(v["y"], v["t"]), PAIRS, "torch"),
    "charbonnier": (lambda torch, v: torch.hypot(v["y"] - v["t"], torch.tensor(0.001, dtype=torch.float64)).mean(), PAIRS, "formula"),
    "cauchy": (lambda torch, v: torch.log1p((v["y"] - v["t"]) ** 2 / 2).mean(), PAIRS, "formula"),
    "welsch": (lambda torch, v: -torch.expm1(-((v["y"] - v["t"]) ** 2) / 2).mean(), PAIRS, "formula"),
    "wing": (lambda torch, v: wing(torch, v), {"y": WIDE, "t": REAL}, "formula"),
    "pinball": (lambda torch, v: torch.nn.functional.l1_loss(v["y"], v["t"]) / 2, PAIRS, "formula"),
    "msle": (lambda torch, v: torch.nn.functional.mse_loss(torch.log1p(v["y"]), torch.log1p(v["t"])), COUNTS, "formula"),
    "mape": (lambda torch, v: (torch.abs(v["t"] - v["y"]) / torch.abs(v["t"])).mean(), {"y": REAL, "t": POSITIVE}, "formula"),
    "relative_squared": (lambda torch, v: torch.nn.functional.mse_loss(v["y"], v["t"]) / torch.var(v["t"], correction=0), PAIRS, "formula"),
    "poisson_nll": (lambda torch, v: torch.nn.functional.poisson_nll_loss(v["z"], v["t"]), {"z": REAL, "t": POSITIVE}, "torch"),
    "gaussian_nll": (
        lambda torch, v: torch.nn.functional.gaussian_nll_loss(v["y"], v["t"], v["v"]),
        {"y": REAL, "t": REAL, "v": POSITIVE},
        "torch",
    ),
    "bce": (lambda torch, v: torch.nn.functional.binary_cross_entropy(v["p"], v["t"].detach()), MASKS, "torch"),
    "bce_with_logits": (lambda torch, v: torch.nn.functional.binary_cross_entropy_with_logits(v["z"], v["t"]), LOGITS, "torch"),
    "bce_with_logits_weighted": (
        lambda torch, v: torch.nn.functional.binary_cross_entropy_with_logits(v["z"], v["t"], pos_weight=v["w"].detach()),
        LOGITS | {"w": PER_CLASS},
        "torch",
    ),
    "focal": (lambda torch, v: focal(torch, v), {"z": REAL, "t": BINARY}, "formula"),
    "cross_entropy": (lambda torch, v: torch.nn.functional.cross_entropy(v["z"], v["t"]), CLASSES, "torch"),
    "cross_entropy_one_hot": (lambda torch, v: torch.nn.functional.cross_entropy(v["z"], v["t"]), LOGITS, "torch"),
    "cross_entropy_weighted": (
        lambda torch, v: torch.nn.functional.cross_entropy(v["z"], v["t"], weight=v["w"].detach()),
        CLASSES | {"w": PER_CLASS},
        "torch",
    ),
    "cross_entropy_smooth": (lambda torch, v: torch.nn.functional.cross_entropy(v["z"], v["t"], label_smoothing=0.1), CLASSES, "torch"),
    "focal_softmax": (lambda torch, v: focal_softmax(torch, v), CLASSES, "formula"),
    "nll": (lambda torch, v: torch.nn.functional.nll_loss(v["y"], v["t"]), SCORES, "torch"),
    "kl_div": (lambda torch, v: torch.nn.functional.kl_div(v["y"], v["t"], reduction="batchmean"), {"y": REAL, "t": UNIT}, "torch"),
    "vae_kl": (lambda torch, v: normal_divergence(torch, v), {"mu": REAL, "s": REAL}, "torch"),
    "entropy": (lambda torch, v: torch.distributions.Categorical(logits=v["z"]).entropy().mean(), {"z": REAL}, "torch"),
    "hinge": (lambda torch, v: torch.relu(1 - v["y"] * v["t"]).mean(), SIGNED, "formula"),
    "squared_hinge": (lambda torch, v: torch.square(torch.relu(1 - v["y"] * v["t"])).mean(), SIGNED, "formula"),
    "hinge_embedding": (lambda torch, v: torch.nn.functional.hinge_embedding_loss(v["y"], v["t"]), SIGNED, "torch"),
    "soft_margin": (lambda torch, v: torch.nn.functional.soft_margin_loss(v["y"], v["t"].detach()), SIGNED, "torch"),
    "multi_margin": (lambda torch, v: torch.nn.functional.multi_margin_loss(v["y"], v["t"]), SCORES, "torch"),
    "multilabel_margin": (
        lambda torch, v: torch.nn.functional.multilabel_margin_loss(v["y"], listed(torch, v["t"])),
        {"y": REAL, "t": PRESENT},
        "torch",
    ),
    "multilabel_soft_margin": (lambda torch, v: torch.nn.functional.multilabel_soft_margin_loss(v["z"], v["t"]), LOGITS, "torch"),
    "margin_ranking": (
        lambda torch, v: torch.nn.functional.margin_ranking_loss(v["a"], v["b"], v["t"]),
        {"a": REAL, "b": REAL, "t": either(-1.0, 1.0, 6, 5)},
        "torch",
    ),
    "bpr": (lambda torch, v: -torch.nn.functional.logsigmoid(v["a"] - v["b"]).mean(), {"a": REAL, "b": REAL}, "formula"),
    "dpo": (
        lambda torch, v: -torch.nn.functional.logsigmoid(0.1 * ((v["y"] - v["r"]) - (v["z"] - v["s"]))).mean(),
        {"y": REAL, "z": REAL, "r": REAL, "s": REAL},
        "formula",
    ),
    "ppo_clip": (lambda torch, v: clipped(torch, v), {"y": REAL, "r": REAL, "a": REAL}, "formula"),
    "triplet_margin": (
        lambda torch, v: torch.nn.functional.triplet_margin_loss(*v.values()),
        {"anchor": REAL, "positive": REAL, "negative": REAL},
        "torch",
    ),
    "contrastive": (lambda torch, v: contrastive(torch, v), {"y": POSITIVE, "t": UNIT}, "formula"),
    "cosine_embedding": (
        lambda torch, v: torch.nn.functional.cosine_embedding_loss(*v.values()),
        {"a": REAL, "b": REAL, "t": either(-1.0, 1.0, 6)},
        "torch",
    ),
    "info_nce": (lambda torch, v: torch.nn.functional.cross_entropy(v["s"] / 0.1, torch.arange(6)), {"s": SQUARE}, "formula"),
    "clip_loss": (lambda torch, v: clip_loss(torch, v), {"s": SQUARE}, "formula"),
    "nt_xent": (lambda torch, v: nt_xent(torch, v), {"s": SQUARE, "t": partners}, "formula"),
    "siglip": (lambda torch, v: siglip(torch, v), {"s": SQUARE, "scale": normal(), "bias": normal()}, "formula"),
    "barlow_twins": (lambda torch, v: barlow_twins(torch, v), {"x": REAL, "z": REAL}, "formula"),
    "center_loss": (
        lambda torch, v: torch.nn.functional.mse_loss(v["x"], v["c"][v["t"]], reduction="sum") / 12,
        {"x": REAL, "t": integers(4, 6), "c": normal(4, 5)},
        "formula",
    ),
    "dice": (lambda torch, v: 1 - (2 * (v["p"] * v["t"]).sum() + 1) / ((v["p"] + v["t"]).sum() + 1), MASKS, "formula"),
    "jaccard": (lambda torch, v: jaccard(torch, v), MASKS, "formula"),
    "tversky": (lambda torch, v: tversky(torch, v), MASKS, "formula"),
    "log_cosh": (
        lambda torch, v: torch.log(torch.cosh(v["y"] - v["t"])).mean(),
        {"y": normal(6, 5), "t": normal(6, 5)},
        "formula",
    ),
}
