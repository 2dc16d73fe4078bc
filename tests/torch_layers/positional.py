"""What tells attention where in the sequence a vector stands."""

from __future__ import annotations

import math
from typing import Any

from torch_layers import Comparison
from torch_layers.draws import integers, normal

HALF = 3  # pairs of features


def angles(torch: Any, positions: Any) -> Any:
    """The positions at each of the frequencies, as their logarithms are usually spaced."""
    exponents = torch.arange(HALF, dtype=torch.float64) * (-math.log(10000.0) / HALF)
    return positions[:, None] * torch.exp(exponents)


def waves(torch: Any, positions: Any) -> Any:
    turned = angles(torch, positions)
    return torch.stack([turned.sin(), turned.cos()], -1)


def steps(torch: Any, count: int) -> Any:
    return torch.arange(count, dtype=torch.float64)


def rotated(torch: Any, x: Any, turns: Any) -> Any:
    """The two halves of the features as one complex number, times others of length 1."""
    y = torch.complex(x[..., 0, :], x[..., 1, :]) * turns
    return torch.stack([y.real, y.imag], -2)


def rotary(torch: Any, v: dict[str, Any]) -> Any:
    turned = angles(torch, steps(torch, v["x"].shape[-3]))
    return rotated(torch, v["x"], torch.polar(torch.ones_like(turned), turned))


def alibi(torch: Any, v: dict[str, Any]) -> Any:
    slopes = torch.tensor([0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625], dtype=torch.float64)
    places = steps(torch, v["s"].shape[-1])
    return v["s"] + slopes[:, None, None] * (places[None, :] - places[:, None])


def fourier(torch: Any, v: dict[str, Any]) -> Any:
    waves = torch.exp(2j * math.pi * (v["x"] @ v["B"]))
    return waves.real, waves.imag


def time2vec(torch: Any, v: dict[str, Any]) -> Any:
    line = v["t"][..., None] * v["w"] + v["b"]
    return torch.cat([line[..., :1], torch.sin(line[..., 1:])], -1)


LAYERS: dict[str, Comparison] = {
    "sinusoidal_encoding": (
        lambda torch, v: v["x"] + waves(torch, steps(torch, 4)),
        {"x": normal(2, 4, HALF, 2)},
        "formula",
    ),
    "timestep_encoding": (lambda torch, v: v["x"] + waves(torch, v["t"]), {"x": normal(4, HALF, 2), "t": normal(4)}, "formula"),
    "rotary_embedding": (rotary, {"x": normal(2, 5, 2, HALF)}, "formula"),
    "rotary_embedding_by_table": (
        lambda torch, v: rotated(torch, v["x"], torch.complex(v["c"], v["s"])),
        {"x": normal(2, 5, 2, HALF), "c": normal(5, HALF), "s": normal(5, HALF)},
        "formula",
    ),
    "learned_positional_embedding": (
        lambda torch, v: v["x"] + torch.nn.functional.embedding(torch.arange(4), v["P"]),
        {"x": normal(2, 4, 6), "P": normal(4, 6)},
        "formula",
    ),
    "token_and_position_embedding": (
        lambda torch, v: torch.nn.functional.embedding(v["t"], v["W"]) + v["P"],
        {"t": integers(7, 3, 4), "W": normal(7, 6), "P": normal(4, 6)},
        "formula",
    ),
    "alibi_bias": (alibi, {"s": normal(2, 8, 4, 4)}, "formula"),
    "relative_position_bias": (
        lambda torch, v: v["s"] + v["B"][:, v["r"]],
        {"s": normal(2, 3, 4, 4), "r": integers(5, 4, 4), "B": normal(3, 5)},
        "formula",
    ),
    "fourier_features": (fourier, {"x": normal(2, 3, 4), "B": normal(4, 5)}, "formula"),
    "time2vec": (time2vec, {"t": normal(2, 3), "w": normal(4), "b": normal(4)}, "formula"),
}
