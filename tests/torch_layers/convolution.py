"""Convolutions in PyTorch."""

from __future__ import annotations

from typing import Any

from torch_layers.draws import normal


def grouped(torch: Any, v: dict[str, Any]) -> Any:
    y = torch.nn.functional.conv2d(v["x"].flatten(1, 2), v["w"].flatten(0, 1), v["b"].flatten(), groups=2)
    return y.unflatten(1, (2, 3))


LAYERS = {
    "conv1d": (
        lambda torch, v: torch.nn.functional.conv1d(v["x"], v["w"], v["b"]),
        {"x": normal(2, 3, 9), "w": normal(4, 3, 3), "b": normal(4)},
        "torch",
    ),
    "conv2d": (
        lambda torch, v: torch.nn.functional.conv2d(v["x"], v["w"], v["b"]),
        {"x": normal(2, 3, 6, 7), "w": normal(4, 3, 3, 2), "b": normal(4)},
        "torch",
    ),
    "conv3d": (
        lambda torch, v: torch.nn.functional.conv3d(v["x"], v["w"], v["b"]),
        {"x": normal(2, 2, 4, 5, 6), "w": normal(3, 2, 2, 3, 2), "b": normal(3)},
        "torch",
    ),
    "depthwise_conv2d": (
        lambda torch, v: torch.nn.functional.conv2d(v["x"], v["w"][:, None], v["b"], groups=3),
        {"x": normal(2, 3, 6, 7), "w": normal(3, 3, 2), "b": normal(3)},
        "torch",
    ),
    "grouped_conv2d": (
        grouped,
        {"x": normal(2, 2, 4, 6, 5), "w": normal(2, 3, 4, 3, 2), "b": normal(2, 3)},
        "torch",
    ),
    "separable_conv2d": (
        lambda torch, v: torch.nn.functional.conv2d(
            torch.nn.functional.conv2d(v["x"], v["u"][:, None], groups=3), v["w"][:, :, None, None], v["b"]
        ),
        {"x": normal(2, 3, 6, 5), "u": normal(3, 3, 2), "w": normal(4, 3), "b": normal(4)},
        "torch",
    ),
    "causal_conv1d": (
        lambda torch, v: torch.nn.functional.conv1d(torch.nn.functional.pad(v["x"], (2, 0)), v["w"].flip(-1), v["b"]),
        {"x": normal(2, 3, 7), "w": normal(4, 3, 3), "b": normal(4)},
        "torch",
    ),
    "conv_transpose1d": (
        lambda torch, v: torch.nn.functional.conv_transpose1d(v["x"], v["w"], v["b"]),
        {"x": normal(2, 3, 6), "w": normal(3, 4, 3), "b": normal(4)},
        "torch",
    ),
    "conv_transpose2d": (
        lambda torch, v: torch.nn.functional.conv_transpose2d(v["x"], v["w"], v["b"]),
        {"x": normal(2, 3, 4, 5), "w": normal(3, 4, 3, 2), "b": normal(4)},
        "torch",
    ),
}
