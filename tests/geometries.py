"""Window layers, random geometries for them, and what PyTorch makes of the same. A layer is derived once: strides, paddings
and kernels are arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import symbp
from symbp.language import read

TEXTS = """
conv1d(x, *, w, b, stride=1, padding=0, dilation=1):
    y[n,o,i] = sum(pad(x[n,c,i*stride+p*dilation-padding])*w[o,c,p], c, p) + b[o]
conv2d(x, *, w, b, stride=1, padding=0, dilation=1):
    y[n,o,i,j] = sum(pad(x[n,c,i*stride+p*dilation-padding,j*stride+q*dilation-padding])*w[o,c,p,q], c, p, q) + b[o]
unpadded(x, *, w, stride=1, dilation=1):
    y[n,o,i,j] = sum(x[n,c,i*stride+p*dilation,j*stride+q*dilation]*w[o,c,p,q], c, p, q)
depthwise(x, *, w, stride=1, padding=0, dilation=1):
    y[n,c,i,j] = sum(pad(x[n,c,i*stride+p*dilation-padding,j*stride+q*dilation-padding])*w[c,p,q], p, q)
grouped(x, *, w, stride=1, padding=0):
    y[n,g,o,i,j] = sum(pad(x[n,g,c,i*stride+p-padding,j*stride+q-padding])*w[g,o,c,p,q], c, p, q)
transposed1d(x, *, w, stride=1, dilation=1):
    y[n,o,i*stride+p*dilation] = sum(x[n,c,i]*w[c,o,p], c)
transposed2d(x, *, w, b, stride=1):
    s[n,o,i*stride+p,j*stride+q] = sum(x[n,c,i,j]*w[c,o,p,q], c)
    y[n,o,u,v] = s[n,o,u,v] + b[o]
max_pool1d(x, kernel=2, stride=2, padding=0):
    y[n,c,i] = max(pad(x[n,c,i*stride+p-padding], -inf), p=kernel)
max_pool2d(x, kernel=2, stride=2, padding=0):
    y[n,c,i,j] = max(pad(x[n,c,i*stride+p-padding,j*stride+q-padding], -inf), p=kernel, q=kernel)
max_inside(x, kernel=2, stride=2):
    y[n,c,i,j] = max(x[n,c,i*stride+p,j*stride+q], p=kernel, q=kernel)
avg_pool2d(x, kernel=2, stride=2, padding=0):
    y[n,c,i,j] = mean(pad(x[n,c,i*stride+p-padding,j*stride+q-padding]), p=kernel, q=kernel)
upsample(x, scale=2):
    size(p) = scale; size(q) = scale
    y[n,c,i*scale+p,j*scale+q] = x[n,c,i,j]
zero_pad(x, before=1):
    y[n,c,i+before,j+2*before] = x[n,c,i,j]
any_lead(x, *, w, stride=1): y[...,i] = sum(x[...,i*stride+p]*w[p], p)
"""
Arrays = dict[str, np.ndarray]
Constants = dict[str, int]


@dataclass(frozen=True)
class Geometry:
    """What a layer is called with, and what PyTorch makes of the same."""

    arrays: Arrays
    constants: Constants
    expected: Callable[[Any, Any], Any]  # of torch.nn.functional and the tensors by name


@cache
def module(name: str) -> Any:
    return next(symbp.Layer(definition).load() for definition in read(TEXTS) if definition.name == name)


# ---------------------------------------------------------------- random geometries


class Draw:
    """Lengths and values."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def whole(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def array(self, *shape: int) -> np.ndarray:
        return self.rng.normal(size=shape)

    def window(self, padded: bool = True) -> tuple[int, Constants]:
        """A kernel, and the constants that it is moved by."""
        padding = {"padding": self.whole(0, 2)} if padded else {}
        return self.whole(1, 3), {"stride": self.whole(1, 3), "dilation": self.whole(1, 3), **padding}

    def length(self, kernel: int, constants: Constants) -> int:
        """Of an axis that at least one window fits into."""
        least = (kernel - 1) * constants.get("dilation", 1) + 1 - 2 * constants.get("padding", 0)
        return self.whole(max(least, 1), max(least, 1) + 5)


def conv1d(draw: Draw) -> Geometry:
    kernel, constants = draw.window()
    n, c, o = draw.whole(1, 3), draw.whole(1, 3), draw.whole(1, 3)
    arrays = {"x": draw.array(n, c, draw.length(kernel, constants)), "w": draw.array(o, c, kernel), "b": draw.array(o)}
    return Geometry(arrays, constants, lambda F, t: F.conv1d(t["x"], t["w"], t["b"], **constants))


def image(draw: Draw, lead: tuple[int, ...], kernel: int, across: int, constants: Constants) -> np.ndarray:
    return draw.array(*lead, draw.length(kernel, constants), draw.length(across, constants))


def conv2d(draw: Draw) -> Geometry:
    (kernel, constants), across = draw.window(), draw.whole(1, 3)
    n, c, o = draw.whole(1, 3), draw.whole(1, 3), draw.whole(1, 3)
    arrays = {"x": image(draw, (n, c), kernel, across, constants), "w": draw.array(o, c, kernel, across), "b": draw.array(o)}
    return Geometry(arrays, constants, lambda F, t: F.conv2d(t["x"], t["w"], t["b"], **constants))


def unpadded(draw: Draw) -> Geometry:
    (kernel, constants), across = draw.window(padded=False), draw.whole(1, 3)
    n, c, o = draw.whole(1, 3), draw.whole(1, 3), draw.whole(1, 3)
    arrays = {"x": image(draw, (n, c), kernel, across, constants), "w": draw.array(o, c, kernel, across)}
    return Geometry(arrays, constants, lambda F, t: F.conv2d(t["x"], t["w"], **constants))


def depthwise(draw: Draw) -> Geometry:
    (kernel, constants), across = draw.window(), draw.whole(1, 3)
    n, c = draw.whole(1, 3), draw.whole(1, 4)
    arrays = {"x": image(draw, (n, c), kernel, across, constants), "w": draw.array(c, kernel, across)}
    return Geometry(arrays, constants, lambda F, t: F.conv2d(t["x"], t["w"][:, None], groups=c, **constants))


def grouped(draw: Draw) -> Geometry:
    kernel, across, constants = draw.whole(1, 3), draw.whole(1, 3), {"stride": draw.whole(1, 3), "padding": draw.whole(0, 2)}
    n, g, c, o = draw.whole(1, 2), draw.whole(1, 3), draw.whole(1, 2), draw.whole(1, 3)
    arrays = {"x": image(draw, (n, g, c), kernel, across, constants), "w": draw.array(g, o, c, kernel, across)}

    def expected(F: Any, t: Any) -> Any:
        flat = F.conv2d(t["x"].flatten(1, 2), t["w"].flatten(0, 1), groups=g, **constants)
        return flat.unflatten(1, (g, o))

    return Geometry(arrays, constants, expected)


def transposed1d(draw: Draw) -> Geometry:
    constants = {"stride": draw.whole(1, 3), "dilation": draw.whole(1, 3)}
    n, c, o = draw.whole(1, 3), draw.whole(1, 3), draw.whole(1, 3)
    arrays = {"x": draw.array(n, c, draw.whole(1, 5)), "w": draw.array(c, o, draw.whole(1, 3))}
    return Geometry(arrays, constants, lambda F, t: F.conv_transpose1d(t["x"], t["w"], **constants))


def transposed2d(draw: Draw) -> Geometry:
    constants = {"stride": draw.whole(1, 3)}
    n, c, o = draw.whole(1, 3), draw.whole(1, 3), draw.whole(1, 3)
    x, w = draw.array(n, c, draw.whole(1, 5), draw.whole(1, 5)), draw.array(c, o, draw.whole(1, 3), draw.whole(1, 3))
    return Geometry({"x": x, "w": w, "b": draw.array(o)}, constants, lambda F, t: F.conv_transpose2d(t["x"], t["w"], t["b"], **constants))


def pooling(draw: Draw) -> tuple[int, Constants]:
    """PyTorch pads by half a kernel at most."""
    kernel = draw.whole(1, 4)
    return kernel, {"kernel": kernel, "stride": draw.whole(1, 4), "padding": draw.whole(0, kernel // 2)}


def max_pool1d(draw: Draw) -> Geometry:
    kernel, constants = pooling(draw)
    arrays = {"x": draw.array(draw.whole(1, 3), draw.whole(1, 3), draw.length(kernel, constants))}
    sizes = kernel, constants["stride"], constants["padding"]
    return Geometry(arrays, constants, lambda F, t: F.max_pool1d(t["x"], *sizes))


def pool2d(draw: Draw, function: str) -> Geometry:
    kernel, constants = pooling(draw)
    arrays = {"x": image(draw, (draw.whole(1, 3), draw.whole(1, 3)), kernel, kernel, constants)}
    sizes = kernel, constants["stride"], constants["padding"]
    return Geometry(arrays, constants, lambda F, t: getattr(F, function)(t["x"], *sizes))


def max_pool2d(draw: Draw) -> Geometry:
    return pool2d(draw, "max_pool2d")


def avg_pool2d(draw: Draw) -> Geometry:
    return pool2d(draw, "avg_pool2d")


def max_inside(draw: Draw) -> Geometry:
    """With many equal values, of which the first counts."""
    kernel, stride = draw.whole(1, 4), draw.whole(1, 4)
    x = np.round(image(draw, (draw.whole(1, 3), draw.whole(1, 3)), kernel, kernel, {}))
    return Geometry({"x": x}, {"kernel": kernel, "stride": stride}, lambda F, t: F.max_pool2d(t["x"], kernel, stride))


def upsample(draw: Draw) -> Geometry:
    scale = draw.whole(1, 4)
    x = draw.array(*(draw.whole(1, 4) for _ in range(4)))
    return Geometry({"x": x}, {"scale": scale}, lambda F, t: F.interpolate(t["x"], scale_factor=scale, mode="nearest"))


def zero_pad(draw: Draw) -> Geometry:
    before = draw.whole(0, 4)
    x = draw.array(*(draw.whole(1, 4) for _ in range(4)))
    return Geometry({"x": x}, {"before": before}, lambda F, t: F.pad(t["x"], (2 * before, 0, before, 0)))


def any_lead(draw: Draw) -> Geometry:
    kernel, stride, lead = draw.whole(1, 3), draw.whole(1, 3), [draw.whole(1, 3) for _ in range(draw.whole(0, 3))]
    arrays = {"x": draw.array(*lead, draw.whole(kernel, kernel + 5)), "w": draw.array(kernel)}
    return Geometry(arrays, {"stride": stride}, lambda F, t: (t["x"].unfold(-1, kernel, stride) * t["w"]).sum(-1))


GEOMETRIES: dict[str, Callable[[Draw], Geometry]] = {
    made.__name__: made
    for made in (
        conv1d,
        conv2d,
        unpadded,
        depthwise,
        grouped,
        transposed1d,
        transposed2d,
        max_pool1d,
        max_pool2d,
        avg_pool2d,
        max_inside,
        upsample,
        zero_pad,
        any_lead,
    )
}
