"""Pooling in PyTorch."""

from __future__ import annotations

from torch_layers.draws import normal, uniform

LAYERS = {
    "max_pool1d": (lambda torch, v: torch.nn.functional.max_pool1d(v["x"], 2), {"x": normal(2, 3, 9)}, "torch"),
    "max_pool2d": (lambda torch, v: torch.nn.functional.max_pool2d(v["x"], 2), {"x": normal(2, 3, 6, 7)}, "torch"),
    "avg_pool1d": (lambda torch, v: torch.nn.functional.avg_pool1d(v["x"], 2), {"x": normal(2, 3, 9)}, "torch"),
    "avg_pool2d": (lambda torch, v: torch.nn.functional.avg_pool2d(v["x"], 2), {"x": normal(2, 3, 6, 7)}, "torch"),
    "avg_pool3d": (lambda torch, v: torch.nn.functional.avg_pool3d(v["x"], 2), {"x": normal(2, 3, 4, 5, 6)}, "torch"),
    "lp_pool2d": (lambda torch, v: torch.nn.functional.lp_pool2d(v["x"], 2.0, 2), {"x": uniform(0.1, 2.0, 2, 3, 6, 7)}, "torch"),
    "global_avg_pool2d": (
        lambda torch, v: torch.nn.functional.adaptive_avg_pool2d(v["x"], 1)[:, :, 0, 0],
        {"x": normal(2, 3, 4, 5)},
        "torch",
    ),
    "global_max_pool2d": (
        lambda torch, v: torch.nn.functional.adaptive_max_pool2d(v["x"], 1)[:, :, 0, 0],
        {"x": normal(2, 3, 4, 5)},
        "torch",
    ),
}
