"""How high everything in a layered graph stands: near the middle of its neighbours, nothing on top of anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from symbp.explain.graph_layers import Net

SETTLING = 100  # passes that move nodes towards their neighbours
SPACE = 12.0  # between what stands in one layer, in pixels
STRAIGHT = 8.0  # how much more a long edge pulls on its own parts than a node on its neighbours
YIELDING = 0.01  # how much what is not straight resists being moved by what is


def heights(net: Net) -> list[float]:
    """Every node near the middle of its neighbours, none closer to the next in its layer than their sizes allow."""
    y = [0.0] * len(net.sizes)
    for layer in net.layers:
        for k, value in zip(layer, _stacked(_spacings(net, layer)), strict=True):
            y[k] = value
    for sweep in range(SETTLING):
        for layer in net.layers if sweep % 2 == 0 else reversed(net.layers):
            wished = [_wish(net, k, y) for k in layer]
            for k, value in zip(layer, isotonic(wished, _spacings(net, layer)), strict=True):
                y[k] = value
    for layer in net.layers:
        _level(net, layer, y)
    return y


def _level(net: Net, layer: list[int], y: list[float]) -> None:
    """A last touch from left to right: straight links become level, whatever else stands in the layer makes room."""
    sources = [net.before[k][0] if len(net.before[k]) == 1 and _is_straight(net, net.before[k][0], k) else None for k in layer]
    wished = [y[k] if source is None else y[source] for k, source in zip(layer, sources, strict=True)]
    weights = [YIELDING if source is None else 1.0 for source in sources]
    for k, value in zip(layer, isotonic(wished, _spacings(net, layer), weights), strict=True):
        y[k] = value


def _spacings(net: Net, layer: Sequence[int]) -> list[float]:
    return [net.sizes[a].down + net.sizes[b].up + SPACE for a, b in pairwise(layer)]


def _stacked(spacings: Iterable[float]) -> list[float]:
    found = [0.0]
    for spacing in spacings:
        found.append(found[-1] + spacing)
    return found


def _wish(net: Net, k: int, y: list[float]) -> float:
    """The weighted middle of the neighbours of k."""
    pulls = [(y[m], _pull(net, k, m)) for m in (*net.before[k], *net.after[k])]
    total = sum(weight for _, weight in pulls)
    return sum(value * weight for value, weight in pulls) / total if total else y[k]


def _pull(net: Net, k: int, m: int) -> float:
    if _is_straight(net, *((k, m) if m in net.after[k] else (m, k))):
        return STRAIGHT
    return 2.0 if len(net.after[k]) == 1 or len(net.before[k]) == 1 else 1.0


def _is_straight(net: Net, left: int, right: int) -> bool:
    """Is the link a part of one edge, or all that leaves its left end and reaches its right end?"""
    return min(left, right) >= net.real or len(net.after[left]) == len(net.before[right]) == 1


def isotonic(wished: Sequence[float], spacings: Sequence[float], weights: Sequence[float] | None = None) -> list[float]:
    """The values nearest to the wished ones (weighted least squares) that keep the spacings: pool adjacent violators."""
    offsets = _stacked(spacings)[: len(wished)]
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for value, offset, weight in zip(wished, offsets, weights or [1.0] * len(wished), strict=True):
        mean, count = value - offset, 1
        while pools and pools[-1][0] > mean:
            other, heft, size = pools.pop()
            mean, weight, count = (mean * weight + other * heft) / (weight + heft), weight + heft, count + size
        pools.append((mean, weight, count))
    flat = [mean for mean, _, count in pools for _ in range(count)]
    return [value + offset for value, offset in zip(flat, offsets, strict=True)]
