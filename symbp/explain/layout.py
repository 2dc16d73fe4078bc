"""Where to draw a directed acyclic graph: layers from left to right, a slot of its own for the label of every edge.

Layers hold nodes and slots in turn; an edge over several layers passes each on a row of its own, so that no edge crosses
a label. The order within layers comes from barycentres and adjacent swaps, the heights from isotonic regression.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 24  # of reordering
SETTLING = 100  # passes that move nodes towards their neighbours
GAP = 26.0  # between layers, in pixels
SPACE = 12.0  # between what stands in one layer
MARGIN = 14.0
STRAIGHT = 8.0  # how much more a long edge pulls on its own parts than a node on its neighbours
YIELDING = 0.01  # how much what is not straight resists being moved by what is

Size = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node, or the slot of a label or of a passing edge: its centre and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    nodes: dict[str, Box]
    routes: tuple[tuple[Box, ...], ...]  # for each edge, from its source to its target
    slots: tuple[Box, ...]  # for each edge, where its label goes
    crossings: int


@dataclass
class Net:
    """Nodes and slots as numbers, the layers they stand in, and the links between neighbouring layers."""

    sizes: list[Size]
    layers: list[list[int]]
    before: list[list[int]]
    after: list[list[int]]
    chains: list[list[int]]
    real: int  # numbers below it are nodes


def place(nodes: Mapping[str, Size], edges: Sequence[tuple[str, str]], labels: Sequence[Size]) -> Layout:
    """Boxes for the nodes, and for each edge its route and the slot of its label."""
    names = list(nodes)
    number = {name: k for k, name in enumerate(names)}
    numbered = [(number[a], number[b]) for a, b in edges]
    net = _net(list(nodes.values()), numbered, labels)
    crossings = _untangle(net)
    boxes, width, height = _boxes(net)
    routes = tuple(tuple(boxes[k] for k in chain) for chain in net.chains)
    slots = tuple(boxes[chain[1]] for chain in net.chains)
    return Layout(width, height, {name: boxes[k] for k, name in enumerate(names)}, routes, slots, crossings)


# ---------------------------------------------------------------- layers


def _net(sizes: list[Size], edges: list[tuple[int, int]], labels: Sequence[Size]) -> Net:
    before: list[list[int]] = [[] for _ in sizes]
    after: list[list[int]] = [[] for _ in sizes]
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    rank = _ranks(before, after)
    layers: list[list[int]] = [[] for _ in range(max(rank, default=0) + 1)]
    for node in _by_consumer(before, after):
        layers[rank[node]].append(node)
    net = Net(list(sizes), layers, [[] for _ in sizes], [[] for _ in sizes], [], len(sizes))
    for (source, target), label in zip(edges, labels, strict=True):
        _lay(net, source, target, rank, label)
    return net


def _ranks(before: list[list[int]], after: list[list[int]]) -> list[int]:
    """The longest path to each node, two layers an edge; a source stands as close to its first consumer as it can."""
    rank = [0] * len(before)
    order = _sorted(before, after)
    for node in order:
        rank[node] = max((rank[k] + 2 for k in before[node]), default=0)
    for node in order:
        if after[node] and not before[node]:
            rank[node] = min(rank[k] for k in after[node]) - 2
    return rank


def _sorted(before: list[list[int]], after: list[list[int]]) -> list[int]:
    waiting = [len(sources) for sources in before]
    order = [node for node, count in enumerate(waiting) if not count]
    for node in order:
        for target in after[node]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    assert len(order) == len(before), "a graph of a program has no cycle"
    return order


def _by_consumer(before: list[list[int]], after: list[list[int]]) -> list[int]:
    """Depth first from the outputs: the operands of a node stay together, in their order."""
    order: dict[int, None] = {}
    stack = [node for node in reversed(range(len(before))) if not after[node]]
    while stack:
        node = stack.pop()
        if node not in order:
            order[node] = None
            stack.extend(reversed(before[node]))
    return list(order)


def _lay(net: Net, source: int, target: int, rank: list[int], label: Size) -> None:
    """Thread an edge through the layers between its ends; the first slot is the label's."""
    chain = [source]
    for layer in range(rank[source] + 1, rank[target]):
        slot = len(net.sizes)
        net.sizes.append(label if len(chain) == 1 else (0.0, 10.0))
        net.before.append([])
        net.after.append([])
        net.layers[layer].append(slot)
        chain.append(slot)
    chain.append(target)
    for left, right in pairwise(chain):
        net.after[left].append(right)
        net.before[right].append(left)
    net.chains.append(chain)


# ---------------------------------------------------------------- order within layers


def _untangle(net: Net) -> int:
    """Reorder the layers so that few edges cross; the number that still do."""
    position = _positions(net)
    best, layers = _crossings(net, position), [list(layer) for layer in net.layers]
    for sweep in range(SWEEPS):
        if not best:
            break
        _sort_by_neighbours(net, position, forwards=sweep % 2 == 0, turn_ties=sweep % 4 > 1)
        _swap_neighbours(net, position)
        count = _crossings(net, position)
        if count < best:
            best, layers = count, [list(layer) for layer in net.layers]
    net.layers = layers
    return best


def _positions(net: Net) -> list[int]:
    position = [0] * len(net.sizes)
    for layer in net.layers:
        for k, node in enumerate(layer):
            position[node] = k
    return position


def _crossings(net: Net, position: list[int]) -> int:
    count = 0
    for layer in net.layers:
        ends = sorted((position[a], position[b]) for a in layer for b in net.after[a])
        count += sum(p[0] < q[0] and p[1] > q[1] for k, q in enumerate(ends) for p in ends[:k])
    return count


def _sort_by_neighbours(net: Net, position: list[int], forwards: bool, turn_ties: bool) -> None:
    neighbours = net.before if forwards else net.after
    for layer in net.layers if forwards else reversed(net.layers):
        if turn_ties:
            layer.reverse()
        centre = {n: sum(position[m] for m in neighbours[n]) / len(neighbours[n]) if neighbours[n] else position[n] for n in layer}
        layer.sort(key=centre.__getitem__)
        for k, node in enumerate(layer):
            position[node] = k


def _swap_neighbours(net: Net, position: list[int]) -> None:
    for layer in net.layers:
        moved = True
        while moved:
            moved = False
            for k in range(len(layer) - 1):
                a, b = layer[k], layer[k + 1]
                if _tangles(net, position, a, b) > _tangles(net, position, b, a):
                    layer[k], layer[k + 1], position[a], position[b], moved = b, a, k + 1, k, True


def _tangles(net: Net, position: list[int], above: int, below: int) -> int:
    sides = (net.before, net.after)
    return sum(position[p] > position[q] for side in sides for p in side[above] for q in side[below])


# ---------------------------------------------------------------- coordinates


def _boxes(net: Net) -> tuple[list[Box], float, float]:
    y = _heights(net)
    top = min(y[k] - net.sizes[k][1] / 2 for k in range(len(y))) - MARGIN
    height = max(y[k] + net.sizes[k][1] / 2 for k in range(len(y))) - top + MARGIN
    boxes = [Box(0.0, 0.0, 0.0, 0.0)] * len(y)
    left = MARGIN
    for layer in net.layers:
        width = max((net.sizes[k][0] for k in layer), default=0.0)
        for k in layer:
            own = net.sizes[k][0] if k < net.real else width  # a passing edge runs straight through the whole layer
            boxes[k] = Box(left + width / 2, y[k] - top, own, net.sizes[k][1])
        left += width + GAP
    return boxes, left - GAP + MARGIN, height


def _heights(net: Net) -> list[float]:
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
    return [(net.sizes[a][1] + net.sizes[b][1]) / 2 + SPACE for a, b in pairwise(layer)]


def _stacked(spacings: Iterable[float]) -> list[float]:
    heights = [0.0]
    for spacing in spacings:
        heights.append(heights[-1] + spacing)
    return heights


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
