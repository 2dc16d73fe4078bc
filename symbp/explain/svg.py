"""A graph as SVG: forward values above the edges in blue, gradients below in red; light and dark.

Nothing in it has an id, and its style holds for this kind of picture alone, so that several may stand in one page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from symbp.explain.graph_layers import PASSING, Size
from symbp.explain.layout import BEND, Box, Layout, Route, Turn, place
from symbp.templating import read

LETTERS, SMALL = 12.0, 10.0  # sizes of text in pixels, the second for local derivatives
WIDTHS = (  # of characters, in units of the size of the text: those of DejaVu Sans, the widest of the fonts that are named
    (0.42, " !'(),-./:;IJ[]fijlrt|\\·⁰¹²³⁴⁵⁶⁷⁸⁹"),
    (0.86, "#+<=>CDGHNOQRUw&^~−×÷≤≥≠→←∞Π"),
    (1.02, "mMW%@…"),
)
OTHERS = 0.66
WIDTH_OF = {character: width for width, characters in WIDTHS for character in characters}
ROUND, FLAT = 36.0, 26.0  # heights of operations and of values
HALO = 2.5  # from a shape to the line around it that tells what a move is about
LINE = 13.0  # from one line of small text to the next
ABOVE, BELOW = 17.0, 18.0  # room for the text above an edge and for that below

Parts = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Node:
    key: str
    label: str
    kind: str  # "operation", "layer": a called one as a box, or "value": an input or an output
    title: str  # its equations, shown where the pointer rests
    local: tuple[str, ...] = ()  # its local derivatives, a line each
    sends: str = ""  # what it sends back to its operands, in full


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    above: str = ""  # the forward value that it carries
    below: str = ""  # the gradient that comes back along it


@dataclass(frozen=True)
class Reached:
    """When each part of a graph is reached on a walk through it: forwards node by node, then backwards node by node."""

    forward: dict[str, int]  # of a node: the move that computes its value
    backward: dict[str, int]  # of a node: the move that sends gradients back from it
    moves: int


@dataclass(frozen=True)
class Moment:
    """How a picture tells what is reached from what is not: by default all of it stands there."""

    reached: Reached | None = None
    part: Callable[[int], str] = lambda move: ""  # attributes of what is reached at a move
    halo: Callable[[int], str | None] = lambda move: None  # of what a move is about; None where it is not shown


WHOLE = Moment()


def draw(name: str, nodes: Sequence[Node], edges: Sequence[Edge], moment: Moment = WHOLE) -> str:
    """The picture as one self-contained SVG element."""
    layout = lay_out(nodes, edges)
    width, height = f"{layout.width:.0f}", f"{layout.height:.0f}"
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="symbp-graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" font-family="Helvetica,Arial,\'DejaVu Sans\',sans-serif" font-size="{LETTERS:.0f}">'
    )
    title = f"<title>{escape(name)}</title>"
    style = f"<style>\n{read('graph.css')}</style>"
    halos = [part for node in nodes for part in _halos(node, layout.nodes[node.key], moment)]
    half = {node.key: _shape(node)[0] / 2 for node in nodes}
    ends = [(layout.nodes[e.source].x + half[e.source], layout.nodes[e.target].x - half[e.target]) for e in edges]
    found = zip(edges, layout.routes, ends, layout.slots, strict=True)
    lines = [_edge(edge, route, end, box, moment) for edge, route, end, box in found]
    shapes = [_node(node, layout.nodes[node.key], moment) for node in nodes]
    paper = '<rect class="paper" width="100%" height="100%"/>'
    return "\n".join([opening, title, style, paper, *halos, *(part for parts in lines for part in parts), *shapes, "</svg>"]) + "\n"


def lay_out(nodes: Sequence[Node], edges: Sequence[Edge]) -> Layout:
    sizes = {node.key: _size(node) for node in nodes}
    labels = [_slot(edge) for edge in edges]
    return place(sizes, [(edge.source, edge.target) for edge in edges], labels)


def text_width(text: str, letters: float = LETTERS) -> float:
    """In pixels, and never too little; combining marks take no room."""
    return letters * sum(map(_character, text))


def _character(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    return 1.05 if unicodedata.east_asian_width(character) in "WF" else WIDTH_OF.get(character, OTHERS)


# ---------------------------------------------------------------- sizes


def _size(node: Node) -> Size:
    width, height = _shape(node)
    small = max((text_width(line, SMALL) for line in node.local), default=0.0)
    return Size(max(width, small), height / 2, height / 2 + LINE * len(node.local) + (3.0 if node.local else 0.0))


def _shape(node: Node) -> tuple[float, float]:
    height = FLAT if node.kind == "value" else ROUND
    return max(ROUND, 16 + text_width(node.label)), height


def _slot(edge: Edge) -> Size:
    width = 8 + max(text_width(edge.above), text_width(edge.below))
    return Size(width, ABOVE if edge.above else PASSING.up, BELOW if edge.below else PASSING.down)


def occupied(nodes: Sequence[Node], edges: Sequence[Edge], layout: Layout) -> dict[str, Parts]:
    """What shapes and texts take up, by what they are: nothing of it lies over anything else."""
    found: dict[str, Parts] = {}
    for node in nodes:
        box, (width, height) = layout.nodes[node.key], _shape(node)
        found[f"node {node.key}"] = (box.x - width / 2, box.y - height / 2, box.x + width / 2, box.y + height / 2)
        for k, line in enumerate(node.local):
            base = _under(box, node, k)
            half = text_width(line, SMALL) / 2
            found[f"local {k} of {node.key}"] = (box.x - half, base - SMALL, box.x + half, base + 3)
    for number, (edge, box) in enumerate(zip(edges, layout.slots, strict=True)):
        for text, top, bottom in ((edge.above, -ABOVE, 0.0), (edge.below, 0.0, BELOW)):
            half = text_width(text) / 2
            if text:
                found[f"{text} on edge {number} from {edge.source} to {edge.target}"] = (
                    box.x - half,
                    box.y + top,
                    box.x + half,
                    box.y + bottom,
                )
    return found


# ---------------------------------------------------------------- edges


def _edge(edge: Edge, route: Route, ends: tuple[float, float], box: Box, moment: Moment) -> list[str]:
    """The line with its value, and apart from it its gradient, which is reached later."""
    last = route[-1]
    assert isinstance(last, Box)
    tip = f"M{ends[1]:.1f} {last.y:.1f}l-7 -3.5v7z"
    value = _text("above", edge.above, box.x, box.y - 5)
    forward, backward = ("", "") if moment.reached is None else _marks(edge, moment, moment.reached)
    line = f'<g{forward}><path class="edge" d="{path(route, ends)}"/><path class="head" d="{tip}"/>{value}</g>'
    return [line, f"<g{backward}>{_text('below', edge.below, box.x, box.y + 14)}</g>"] if edge.below else [line]


def _marks(edge: Edge, moment: Moment, reached: Reached) -> tuple[str, str]:
    back = reached.backward.get(edge.target, reached.moves)
    return moment.part(reached.forward[edge.source]), moment.part(back)


def path(route: Route, ends: tuple[float, float]) -> str:
    """Level across each slot, a smooth bend between neighbouring layers, and round corners where it turns to the next row."""
    first = route[0]
    assert isinstance(first, Box)
    found, at = f"M{ends[0]:.1f} {first.y:.1f}H{first.right:.1f}", (first.right, first.y)
    for now, after in pairwise([*route[1:], None]):
        if isinstance(now, Turn):
            assert isinstance(after, Box)
            found += _turned(now, at[1], after.y)
            at = (now.left + BEND / 2, after.y)
        elif isinstance(now, Box):
            stop = now.right if after else ends[1] - 5
            found += _bent(at, (now.left, now.y)) + f"H{stop:.1f}"
            at = (now.right, now.y)
    return found


def _bent(a: tuple[float, float], b: tuple[float, float]) -> str:
    bend = (b[0] - a[0]) / 2
    if abs(a[1] - b[1]) < 0.05:
        return ""
    return f"C{a[0] + bend:.1f} {a[1]:.1f} {b[0] - bend:.1f} {b[1]:.1f} {b[0]:.1f} {b[1]:.1f}"


def _turned(turn: Turn, y: float, then: float) -> str:
    r = BEND / 2
    return (
        f"H{turn.right - r:.1f}q{r} 0 {r} {r}V{turn.under - r:.1f}q0 {r} -{r} {r}"
        f"H{turn.left + r:.1f}q-{r} 0 -{r} {r}V{then - r:.1f}q0 {r} {r} {r}"
    )


# ---------------------------------------------------------------- nodes


def _node(node: Node, box: Box, moment: Moment) -> str:
    reached = moment.reached
    forward = "" if reached is None else moment.part(reached.forward[node.key])
    name = _text("name", node.label, box.x, box.y + 4)
    shape = f"<g{forward}><title>{escape(node.title)}</title>{_rectangle(node, box, 'node ' + node.kind)}{name}</g>"
    if not node.local:
        return shape
    back = "" if reached is None else moment.part(reached.backward.get(node.key, reached.moves))
    lines = (_text("local", line, box.x, _under(box, node, k)) for k, line in enumerate(node.local))
    return f"{shape}\n<g{back}>{''.join(lines)}</g>"


def _under(box: Box, node: Node, line: int) -> float:
    return box.y + _shape(node)[1] / 2 + LINE * (line + 1)


def _rectangle(node: Node, box: Box, kind: str, beyond: float = 0.0) -> str:
    width, height = _shape(node)
    corner = {"operation": height / 2, "layer": 4.0, "value": 6.0}[node.kind] + beyond
    place_at = f'x="{box.x - width / 2 - beyond:.1f}" y="{box.y - height / 2 - beyond:.1f}"'
    return f'<rect class="{kind}" {place_at} width="{width + 2 * beyond:.1f}" height="{height + 2 * beyond:.1f}" rx="{corner}"/>'


def _halos(node: Node, box: Box, moment: Moment) -> Iterator[str]:
    """Around the node that a move is about."""
    if moment.reached is None:
        return
    steps = moment.reached.forward if node.kind != "value" else {}
    for kind, moves in (("there", steps), ("back", moment.reached.backward)):
        shown = moment.halo(moves[node.key]) if node.key in moves else None
        if shown is not None:
            yield f"<g{shown}>{_rectangle(node, box, f'halo {kind}', HALO)}</g>"


def _text(kind: str, text: str, x: float, y: float) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>' if text else ""
