"""Activation functions: drawn so widely that every branch of a piecewise one is taken."""

from __future__ import annotations

from torch_layers import Comparison
from torch_layers.draws import normal, uniform

WIDE = uniform(-8, 8, 6, 5)
SAME_NAME = "relu relu6 leaky_relu logsigmoid softsign elu selu celu gelu silu mish hardtanh hardswish softshrink hardshrink"


def named(name: str) -> Comparison:
    """torch.nn.functional has the function under this name, with the same defaults."""
    return lambda torch, v: getattr(torch.nn.functional, name)(v["x"]), {"x": WIDE}, "torch"


LAYERS: dict[str, Comparison] = {
    **{name: named(name) for name in SAME_NAME.split()},
    "sigmoid": (lambda torch, v: torch.sigmoid(v["x"]), {"x": WIDE}, "torch"),
    "tanh": (lambda torch, v: torch.tanh(v["x"]), {"x": WIDE}, "torch"),
    "softplus": (lambda torch, v: torch.nn.functional.softplus(v["x"], threshold=50), {"x": WIDE}, "torch"),
    "tanhshrink": (lambda torch, v: torch.nn.functional.tanhshrink(v["x"]), {"x": normal(6, 5)}, "torch"),
    "gelu_tanh": (lambda torch, v: torch.nn.functional.gelu(v["x"], approximate="tanh"), {"x": WIDE}, "torch"),
    "prelu": (lambda torch, v: torch.nn.functional.prelu(v["x"], v["a"]), {"x": WIDE, "a": normal(5)}, "torch"),
    "rrelu_eval": (lambda torch, v: torch.nn.functional.rrelu(v["x"], training=False), {"x": WIDE}, "torch"),
    "threshold": (lambda torch, v: torch.nn.functional.threshold(v["x"], 0, 0), {"x": WIDE}, "torch"),
    # The gradient of PyTorch's own hardsigmoid has 1/6 to the digits of float32.
    "hardsigmoid": (lambda torch, v: torch.nn.functional.relu6(v["x"] + 3) / 6, {"x": WIDE}, "formula"),
    "glu": (lambda torch, v: torch.nn.functional.glu(torch.cat([v["a"], v["b"]], -1)), {"a": WIDE, "b": WIDE}, "torch"),
    "reglu": (lambda torch, v: torch.relu(v["a"]) * v["b"], {"a": WIDE, "b": WIDE}, "formula"),
    "geglu": (lambda torch, v: torch.nn.functional.gelu(v["a"]) * v["b"], {"a": WIDE, "b": WIDE}, "formula"),
    "swiglu": (lambda torch, v: torch.nn.functional.silu(v["a"]) * v["b"], {"a": WIDE, "b": WIDE}, "formula"),
    "squared_relu": (lambda torch, v: torch.square(torch.relu(v["x"])), {"x": WIDE}, "formula"),
    "crelu": (lambda torch, v: (torch.relu(v["x"]), torch.relu(-v["x"])), {"x": WIDE}, "formula"),
    "lecun_tanh": (lambda torch, v: 1.7159 * torch.tanh(v["x"] / 1.5), {"x": WIDE}, "formula"),
    "softcap": (lambda torch, v: 30 * torch.tanh(v["x"] / 30), {"x": WIDE}, "formula"),
    "quick_gelu": (lambda torch, v: v["x"] / (1 + torch.exp(-1.702 * v["x"])), {"x": WIDE}, "formula"),
    "swish": (lambda torch, v: v["x"] / (1 + torch.exp(-v["beta"] * v["x"])), {"x": WIDE, "beta": normal(5)}, "formula"),
    "lisht": (lambda torch, v: torch.abs(v["x"] * torch.tanh(v["x"])), {"x": WIDE}, "formula"),
    "gaussian": (lambda torch, v: torch.exp(-torch.square(v["x"]) / 2), {"x": WIDE}, "formula"),
    "snake": (lambda torch, v: v["x"] + (1 - torch.cos(2 * v["x"])) / 2, {"x": WIDE}, "formula"),
}
