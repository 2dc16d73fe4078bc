"""Operations on two and three values."""

from __future__ import annotations

from torch_layers import Comparison
from torch_layers.draws import Draw, normal, uniform

REAL, POSITIVE = normal(6, 5), uniform(0.1, 0.9, 6, 5)


def named(name: str, **draws: Draw) -> Comparison:
    """The function of PyTorch of that name, whose arguments come in this order."""
    return lambda torch, v: getattr(torch, name)(*v.values()), draws, "torch"


LAYERS: dict[str, Comparison] = {
    "mul": named("mul", a=REAL, b=REAL),
    "add": named("add", a=REAL, b=REAL),
    "sub": named("sub", a=REAL, b=REAL),
    "div": named("div", a=REAL, b=POSITIVE),
    "neg": named("neg", x=REAL),
    "power": named("pow", a=POSITIVE, b=REAL),
    "addcmul": named("addcmul", x=REAL, a=REAL, b=REAL),
    "addcdiv": named("addcdiv", x=REAL, a=REAL, b=POSITIVE),
    "lerp": named("lerp", a=REAL, b=REAL, weight=REAL),
    "hypot": named("hypot", a=REAL, b=REAL),
    "maximum": named("maximum", a=REAL, b=REAL),
    "minimum": named("minimum", a=REAL, b=REAL),
    "logaddexp": named("logaddexp", a=REAL, b=REAL),
    "logaddexp2": named("logaddexp2", a=REAL, b=REAL),
    "xlogy": named("xlogy", x=REAL, y=POSITIVE),
    "xlog1py": (lambda torch, v: torch.special.xlog1py(v["x"], v["y"]), {"x": REAL, "y": POSITIVE}, "torch"),
    "squared_difference": (
        lambda torch, v: torch.nn.functional.mse_loss(v["a"], v["b"], reduction="none"),
        {"a": REAL, "b": REAL},
        "torch",
    ),
}
