"""Functions of one value: where PyTorch has the function, under which name, and where it is defined."""

from __future__ import annotations

from torch_layers import Comparison
from torch_layers.draws import Draw, normal, uniform

REAL, UNIT, POSITIVE, ABOVE_ONE = normal(6, 5), uniform(-0.9, 0.9, 6, 5), uniform(0.1, 0.9, 6, 5), uniform(1.1, 3, 6, 5)
EVERYWHERE = "exp exp2 expm1 square sin cos tan atan sinh cosh asinh erf erfc abs clamp"
WITHIN_ONE = "asin acos atanh"
OF_POSITIVE = "log log1p log2 log10 reciprocal sqrt rsqrt logit lgamma"
OWN_ARGUMENTS = {"clamp": (-1, 1)}


def named(name: str, draw: Draw) -> Comparison:
    return lambda torch, v: getattr(torch, name)(v["x"], *OWN_ARGUMENTS.get(name, ())), {"x": draw}, "torch"


LAYERS: dict[str, Comparison] = {
    **{name: named(name, REAL) for name in EVERYWHERE.split()},
    **{name: named(name, UNIT) for name in WITHIN_ONE.split()},
    **{name: named(name, POSITIVE) for name in OF_POSITIVE.split()},
    "digamma": named("digamma", uniform(20, 60, 6, 5)),  # below, its gradient in PyTorch has ten digits
    "acosh": named("acosh", ABOVE_ONE),
    "cube": (lambda torch, v: torch.pow(v["x"], 3), {"x": REAL}, "torch"),
    "ndtr": (lambda torch, v: torch.special.ndtr(v["x"]), {"x": REAL}, "torch"),
    "entr": (lambda torch, v: torch.special.entr(v["x"]), {"x": POSITIVE}, "torch"),
}
