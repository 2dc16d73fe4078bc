"""A graph to step through in a browser, without a script: one picture, and for each move a button that shows what is reached."""

from __future__ import annotations

from hashlib import sha256
from html import escape

from symbp.explain.graph_walk import by_style
from symbp.explain.html import page
from symbp.explain.languages import Words, words_of
from symbp.explain.picture import Graph
from symbp.explain.svg import Node, draw
from symbp.templating import fill, read


def steps_page(graph: Graph, lang: str = "en") -> str:
    """A page that is nothing but the walk."""
    return page(graph.name, fill("walk_page.html.j2", name=escape(graph.name), walk=steps_html(graph, lang)), lang)


def steps_html(graph: Graph, lang: str = "en") -> str:
    """The walk as a fragment for a page of any style; several may stand in one page.

    The dots above the picture are radio buttons, one a move: the arrow keys go from one to the next, as the labels beside
    the text do. A style sheet compares the move with the one at which each part of the picture is reached.
    """
    svg = draw(graph.name, graph.nodes, graph.edges, by_style(graph.reached))
    name = f"walk-{graph.name}-{sha256(svg.encode()).hexdigest()[:6]}"
    moves = [_move(graph, number, name, words_of(lang)) for number in range(graph.reached.moves + 1)]
    return fill("walk.html.j2", name=name, moves=moves, last=str(graph.reached.moves), style=read("walk.css"), svg=svg)


def _move(graph: Graph, number: int, name: str, words: Words) -> dict[str, str]:
    kind, title, said = _told(graph, number, words)
    return {
        "number": str(number),
        "id": f"{name}-{number}",
        "kind": kind,
        "title": escape(title),
        "said": escape(said),
        "label": escape(f"{number} {title}"),
        "checked": "" if number else " checked",
        "previous": _button(words["walk:previous"], f"{name}-{number - 1}", number > 0),
        "next": _button(words["walk:next"], f"{name}-{number + 1}", number < graph.reached.moves),
    }


def _button(text: str, target: str, there: bool) -> str:
    return f'<label for="{target}">{escape(text)}</label>' if there else f"<i>{escape(text)}</i>"


def _told(graph: Graph, number: int, words: Words) -> tuple[str, str, str]:
    """(direction, heading, what the move computes)."""
    reached, steps = graph.reached, [node for node in graph.nodes if node.kind != "value"]
    if number == 0:
        return "there", words["walk:inputs"], ", ".join(dict.fromkeys(n.label for n in graph.nodes if n.key not in _targets(graph)))
    if number <= len(steps):
        node = steps[number - 1]
        values = dict.fromkeys(edge.above for edge in graph.edges if edge.source == node.key)
        return "there", f"{words['walk:forward']} · {node.label}", node.title if node.kind == "operation" else ", ".join(values)
    ends = [edge for edge in graph.edges if reached.backward.get(edge.target) == number]
    if number == len(steps) + 1:
        return "back", words["walk:upstream"], ", ".join(edge.below for edge in ends)
    (node,) = (node for node in steps if reached.backward.get(node.key) == number)
    return "back", f"{words['walk:backward']} · {node.label}", _sent(node, [edge.below for edge in ends if edge.below])


def _sent(node: Node, gradients: list[str]) -> str:
    if node.kind == "layer":
        return ", ".join(gradients)
    return "\n".join(part for part in (", ".join(node.local), node.sends) if part)


def _targets(graph: Graph) -> set[str]:
    return {edge.target for edge in graph.edges}
