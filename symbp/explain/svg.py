"""A graph as SVG: forward values above the edges in blue, gradients below in red; light and dark."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from symbp.explain.layout import Box, Layout, place

CHARACTER = 7.0  # width in pixels at 12 px; what is wider in some fonts still fits
ROUND, FLAT = 36.0, 26.0  # heights of operations and of values
LABEL = 34.0  # height of a label slot: one text above the edge and one below

STYLE = """<style>
.edge { fill: none; stroke: #444; stroke-width: 1.2 }
.head { fill: #444 }
.node { fill: #fff; stroke: #444; stroke-width: 1.3 }
.value { fill: #eef3fb }
.paper { fill: #fff }
.name { fill: #111 }
.above { fill: #123a7a }
.below { fill: #b3261e }
@media (prefers-color-scheme: dark) {
  .edge, .node { stroke: #b9bec8 }
  .head { fill: #b9bec8 }
  .node { fill: #20242c }
  .value { fill: #25304a }
  .paper { fill: #14171c }
  .name { fill: #e8eaee }
  .above { fill: #8fb8ff }
  .below { fill: #ff9a8f }
}
</style>"""
ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>'
)


@dataclass(frozen=True)
class Node:
    key: str
    label: str
    kind: str  # "operation" or "value": an input or an output
    title: str  # its equation, shown where the pointer rests


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    above: str = ""  # the forward value that it carries
    below: str = ""  # the gradient that comes back along it


def draw(name: str, nodes: Sequence[Node], edges: Sequence[Edge]) -> str:
    """The picture as one self-contained SVG element."""
    layout = lay_out(nodes, edges)
    width, height = f"{layout.width:.0f}", f"{layout.height:.0f}"
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        ' font-family="Helvetica,Arial,\'DejaVu Sans\',sans-serif" font-size="12">'
    )
    title = f"<title>computational graph of {escape(name)}</title>"
    paths = [f'<path class="edge" d="{_path(route)}" marker-end="url(#arrow)"/>' for route in layout.routes]
    shapes = [_node(node, layout.nodes[node.key]) for node in nodes]
    return "\n".join(
        [
            opening,
            title,
            STYLE,
            ARROW,
            '<rect class="paper" width="100%" height="100%"/>',
            *paths,
            *_labels(edges, layout),
            *shapes,
            "</svg>",
        ]
    )


def lay_out(nodes: Sequence[Node], edges: Sequence[Edge]) -> Layout:
    sizes = {node.key: _size(node) for node in nodes}
    labels = [_slot(edge.above, edge.below) for edge in edges]
    return place(sizes, [(edge.source, edge.target) for edge in edges], labels)


def text_width(text: str) -> float:
    """A safe estimate in pixels; combining marks take no room, wide characters twice."""
    return CHARACTER * sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _size(node: Node) -> tuple[float, float]:
    if node.kind == "operation":
        return max(ROUND, 14 + text_width(node.label)), ROUND
    return max(ROUND, 18 + text_width(node.label)), FLAT


def _slot(above: str, below: str) -> tuple[float, float]:
    return 10 + max(text_width(above), text_width(below)), LABEL if above or below else 10.0


def _path(route: Sequence[Box]) -> str:
    """Level across each slot, a smooth bend between neighbouring layers."""
    first, *middle, last = route
    points = [(first.x + first.width / 2, first.y)]
    for box in middle:
        points += [(box.x - box.width / 2, box.y), (box.x + box.width / 2, box.y)]
    points.append((last.x - last.width / 2 - 1, last.y))
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (ax, ay), (bx, by) in pairwise(points):
        bend = (bx - ax) / 2
        path += f"H{bx:.1f}" if abs(ay - by) < 0.05 else f"C{ax + bend:.1f} {ay:.1f} {bx - bend:.1f} {by:.1f} {bx:.1f} {by:.1f}"
    return path


def _labels(edges: Sequence[Edge], layout: Layout) -> list[str]:
    found = []
    for edge, box in zip(edges, layout.slots, strict=True):
        for side, text, drop in (("above", edge.above, -5), ("below", edge.below, 14)):
            if text:
                found.append(_text(side, text, box.x, box.y + drop))
    return found


def _node(node: Node, box: Box) -> str:
    kind, corner = ("node", ROUND / 2) if node.kind == "operation" else ("node value", 6)
    corner_at = f'x="{box.x - box.width / 2:.1f}" y="{box.y - box.height / 2:.1f}"'
    shape = f'<rect class="{kind}" {corner_at} width="{box.width:.1f}" height="{box.height:.1f}" rx="{corner}"/>'
    return f"<g><title>{escape(node.title)}</title>{shape}{_text('name', node.label, box.x, box.y + 4)}</g>"


def _text(kind: str, text: str, x: float, y: float) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>'
