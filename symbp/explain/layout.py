"""Where to draw a directed acyclic graph: layers from left to right, wrapped into rows like text, a slot for every label.

Where an edge goes on in the next row it turns back: down beside the row, left under it, down again and in. The turns of one
row are nested, so that they cross only where the edges' order changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from symbp.explain.graph_heights import heights
from symbp.explain.graph_layers import Net, Size, net_of

GAP = 16.0  # between layers, in pixels
MARGIN = 14.0
WIDEST = 850.0  # the width that a row may have before the graph is wrapped
LANE = 8.0  # between two edges that turn back side by side
BEND = 10.0  # the radius of a turn, and the room before it
BETWEEN = 18.0  # between a row and the edges that turn back under it


@dataclass(frozen=True)
class Box:
    """A node, the slot of a label, or a passing edge: the point that edges meet, and how far it reaches around it."""

    x: float
    y: float
    size: Size

    @property
    def left(self) -> float:
        return self.x - self.size.width / 2

    @property
    def right(self) -> float:
        return self.x + self.size.width / 2

    @property
    def top(self) -> float:
        return self.y - self.size.up

    @property
    def bottom(self) -> float:
        return self.y + self.size.down


@dataclass(frozen=True)
class Turn:
    """How an edge goes on in the next row: down at ``right``, left at the height ``under``, down at ``left``."""

    right: float
    under: float
    left: float


Route = tuple[Box | Turn, ...]
Rows = tuple[tuple[int, float], list[range]]  # what they cost: how many, and how uneven; the layers of each


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    nodes: dict[str, Box]
    routes: tuple[Route, ...]  # for each edge, from its source to its target
    slots: tuple[Box, ...]  # for each edge, where its label goes


def place(nodes: Mapping[str, Size], edges: Sequence[tuple[str, str]], labels: Sequence[Size]) -> Layout:
    """Boxes for the nodes, and for each edge its route and the slot of its label."""
    number = {name: k for k, name in enumerate(nodes)}
    net = _with_sources_beside_readers(list(nodes.values()), [(number[a], number[b]) for a, b in edges], labels)
    boxes, turns, width, height = _placed(net, _rows(net))
    routes = tuple(_route(chain, boxes, turns) for chain in net.chains)
    slots = tuple(boxes[chain[1]] for chain in net.chains)
    return Layout(width, height, {name: boxes[k] for name, k in number.items()}, routes, slots)


def _route(chain: list[int], boxes: Sequence[Box], turns: Mapping[tuple[int, int], Turn]) -> Route:
    found: list[Box | Turn] = [boxes[chain[0]]]
    for left, right in pairwise(chain):
        found += [turns[left, right], boxes[right]] if (left, right) in turns else [boxes[right]]
    return tuple(found)


# ---------------------------------------------------------------- rows


def _with_sources_beside_readers(sizes: list[Size], edges: list[tuple[int, int]], labels: Sequence[Size]) -> Net:
    """Where a row begins with what reads sources, they stand in that row, not at the end of the one before."""
    net = net_of(sizes, edges, labels)
    starts = [row.start for row in _rows(net)[1:]]
    sources = {start: [k for k in net.layers[start - 2] if k < net.real and not net.before[k]] for start in starts}
    return net_of(sizes, edges, labels, [start for start in starts if sources[start]])


def _rows(net: Net) -> list[range]:
    """The layers of each row: as few rows as fit, then as few edges between them and as even as can be."""
    stops = [*range(2, len(net.layers), 2), len(net.layers)]  # after a layer of slots, or at the end
    best: dict[int, Rows] = {0: ((0, 0.0), [])}
    for stop in stops:
        best[stop] = min((_with_row(net, found, range(start, stop)) for start, found in best.items()), key=lambda one: one[0])
    return best[len(net.layers)][1]


def _with_row(net: Net, found: Rows, row: range) -> Rows:
    """The rows with one more, and what they cost: how many there are, more where one is too wide; the edges cut, the room left."""
    (count, cost), rows = found
    width = _width(net, row)
    last = row.stop == len(net.layers)
    uneven = ((WIDEST - width) / 100) ** 2 / (4 if last else 1)
    cut = 0 if last else len(net.layers[row.stop - 1])
    too_wide = 1000 if width > WIDEST and len(row) > 2 else 0
    return (count + 1 + too_wide, cost + 3 * cut + uneven), [*rows, row]


def _width(net: Net, row: range) -> float:
    return sum(_widest(net, k) + GAP for k in row) - GAP


def _widest(net: Net, layer: int) -> float:
    return max((net.sizes[k].width for k in net.layers[layer]), default=0.0)


# ---------------------------------------------------------------- coordinates


def _placed(net: Net, rows: list[range]) -> tuple[list[Box], dict[tuple[int, int], Turn], float, float]:
    y = heights(_cut(net, rows))
    crossing = [_crossing(net, row, y) for row in rows[:-1]]
    indents = [MARGIN + (len(links) * LANE + BEND if links else 0.0) for links in ([], *crossing)]
    boxes = [Box(0.0, 0.0, size) for size in net.sizes]
    turns: dict[tuple[int, int], Turn] = {}
    width, top = 0.0, MARGIN
    for row, indent, links in zip(rows, indents, [*crossing, []], strict=True):
        right, bottom = _fill_row(net, row, y, boxes, indent, top)
        under = bottom + BETWEEN + LANE * len(links)
        for k, link in enumerate(links):  # the uppermost edge turns last on the right and first on the left
            outside = BEND + LANE * (len(links) - 1 - k)
            turns[link] = Turn(right + outside, under - LANE * k, MARGIN + outside - BEND)
        width = max(width, right + (BEND + LANE * len(links) if links else 0.0))
        top = under + BETWEEN
    return boxes, turns, width + MARGIN, max(box.bottom for box in boxes) + MARGIN


def _cut(net: Net, rows: list[range]) -> Net:
    """The net without the links between rows: each row finds its own heights."""
    row_of = {k: number for number, row in enumerate(rows) for layer in row for k in net.layers[layer]}
    sides = ([[m for m in side[k] if row_of[m] == row_of[k]] for k in range(len(net.sizes))] for side in (net.before, net.after))
    before, after = sides
    return replace(net, before=before, after=after)


def _crossing(net: Net, row: range, y: Sequence[float]) -> list[tuple[int, int]]:
    """The links from the row to the next, from top to bottom."""
    return [(k, net.after[k][0]) for k in sorted(net.layers[row.stop - 1], key=lambda k: (y[k], y[net.after[k][0]]))]


def _fill_row(net: Net, row: range, y: Sequence[float], boxes: list[Box], left: float, top: float) -> tuple[float, float]:
    """Puts the boxes of one row in their places; how far it reaches to the right and down."""
    members = [k for layer in row for k in net.layers[layer]]
    down = top - min(y[k] - net.sizes[k].up for k in members)
    for layer in row:
        width = _widest(net, layer)
        for k in net.layers[layer]:
            size = net.sizes[k] if k < net.real else replace(net.sizes[k], width=width)  # a passing edge runs through the whole layer
            boxes[k] = Box(left + width / 2, y[k] + down, size)
        left += width + GAP
    return left - GAP, max(boxes[k].bottom for k in members)
