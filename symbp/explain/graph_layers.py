"""A graph in layers: nodes and the slots of labels in turn, in an order in which few edges cross.

An edge over several layers passes each on a row of its own, so that no edge crosses a label. The order within layers comes
from barycentres and adjacent swaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 24  # of reordering


@dataclass(frozen=True)
class Size:
    """What one thing takes up around the point where its edges meet it."""

    width: float
    up: float
    down: float


PASSING = Size(0.0, 5.0, 5.0)  # an edge on its way through a layer


@dataclass
class Net:
    """Nodes and slots as numbers, the layers they stand in, and the links between neighbouring layers."""

    sizes: list[Size]
    layers: list[list[int]]
    before: list[list[int]]
    after: list[list[int]]
    chains: list[list[int]]
    real: int  # numbers below it are nodes


def net_of(sizes: Sequence[Size], edges: Sequence[tuple[int, int]], labels: Sequence[Size], late: Sequence[int] = ()) -> Net:
    """The layers of a graph whose nodes are numbers, with a slot for the label of every edge; few edges cross.

    Before each of the ``late`` layers two more come in, for the sources whose values are first read there.
    """
    before: list[list[int]] = [[] for _ in sizes]
    after: list[list[int]] = [[] for _ in sizes]
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    rank = _later(_ranks(before, after), before, late)
    layers: list[list[int]] = [[] for _ in range(max(rank, default=0) + 1)]
    for node in _by_consumer(before, after):
        layers[rank[node]].append(node)
    net = Net(list(sizes), layers, [[] for _ in sizes], [[] for _ in sizes], [], len(sizes))
    for (source, target), label in zip(edges, labels, strict=True):
        _lay(net, source, target, rank, label)
    _untangle(net)
    return net


def _later(rank: list[int], before: list[list[int]], late: Sequence[int]) -> list[int]:
    def shift(node: int) -> int:
        first_read = rank[node] + (0 if before[node] else 2)
        return 2 * sum(first_read >= layer for layer in late)

    return [place + shift(node) for node, place in enumerate(rank)]


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
        net.sizes.append(label if len(chain) == 1 else PASSING)
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


def _untangle(net: Net) -> None:
    """Reorder the layers so that few edges cross."""
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
