"""Padding, upsampling and rearranging in PyTorch."""

from __future__ import annotations

from typing import Any

from torch_layers.draws import integers, normal


def zero_stuff1d(torch: Any, v: dict[str, Any]) -> Any:
    one = torch.ones(1, 1, 1, dtype=v["x"].dtype)
    return torch.nn.functional.conv_transpose1d(v["x"].flatten(0, 1)[:, None], one, stride=2).view(*v["x"].shape[:2], -1)


LAYERS = {
    "pad2d": (lambda torch, v: torch.nn.functional.pad(v["x"], (1, 1, 1, 1)), {"x": normal(2, 3, 4, 5)}, "torch"),
    "upsample_nearest1d": (lambda torch, v: torch.nn.functional.interpolate(v["x"], scale_factor=2), {"x": normal(2, 3, 5)}, "torch"),
    "upsample_nearest2d": (lambda torch, v: torch.nn.functional.interpolate(v["x"], scale_factor=2), {"x": normal(2, 3, 4, 5)}, "torch"),
    "pixel_shuffle": (lambda torch, v: torch.nn.functional.pixel_shuffle(v["x"], 2), {"x": normal(2, 12, 3, 4)}, "torch"),
    "zero_stuff1d": (zero_stuff1d, {"x": normal(2, 3, 5)}, "formula"),
    "downsample1d": (lambda torch, v: v["x"][..., ::2], {"x": normal(2, 3, 7)}, "torch"),
    "flip": (lambda torch, v: torch.flip(v["x"], [-1]), {"x": normal(2, 3, 5)}, "torch"),
    "interleave": (lambda torch, v: torch.stack([v["a"], v["b"]], -1).flatten(-2), {"a": normal(2, 5), "b": normal(2, 5)}, "torch"),
    "index_add": (
        lambda torch, v: v["base"].index_add(0, v["t"], v["x"]),
        {"base": normal(4, 3), "x": normal(6, 3), "t": integers(4, 6)},
        "torch",
    ),
}
