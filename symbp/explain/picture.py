"""The computational graph of a layer: one node an operation, forward values above and gradients below each edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Add

from symbp.errors import SymbpError
from symbp.explain.graph_boxes import Group, groups, is_earlier, operations
from symbp.explain.graph_local import Slopes, lines, slopes
from symbp.explain.graph_walk import after, reached
from symbp.explain.operations import symbol
from symbp.explain.order import Names, names_of
from symbp.explain.png import pixels
from symbp.explain.svg import WHOLE, Edge, Node, Reached, draw
from symbp.explain.unicode import Unicode
from symbp.explain.values import contributions, evaluate, written
from symbp.ir import Element, Equation, elements
from symbp.ir.derivation import Derivation

SHORT = 26  # characters of a formula on an edge; a longer one is named only


@dataclass(frozen=True)
class Graph:
    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def reached(self) -> Reached:
        """The walk through the graph: which move reaches what."""
        return reached(self.nodes, self.edges)

    def to_svg(self, step: int | None = None) -> str:
        """The whole picture, or what stands there after so many moves of the walk.

        Raises:
            SymbpError: the walk has not so many moves.
        """
        return draw(self.name, self.nodes, self.edges, WHOLE if step is None else after(self.name, self.reached, step))

    def frames(self) -> tuple[str, ...]:
        """The picture after each move: forward values node by node, then gradients node by node backwards."""
        return tuple(self.to_svg(step) for step in range(self.reached.moves + 1))

    def to_png(self, step: int | None = None) -> bytes:
        """The picture as pixels, two for each of the SVG's; light.

        Raises:
            SymbpError: the optional package that draws it is not installed.
        """
        return pixels(self.to_svg(step))

    def to_dot(self) -> str:
        """For Graphviz."""
        shapes = {"operation": "ellipse", "layer": "component", "value": "box"}
        nodes = [f'  "{n.key}" [label={_quoted(n.label)}, shape={shapes[n.kind]}, tooltip={_quoted(n.title)}];' for n in self.nodes]
        edges = [f'  "{e.source}" -> "{e.target}" [taillabel={_quoted(e.above)}, headlabel={_quoted(e.below)}];' for e in self.edges]
        style = '  rankdir=LR; edge [labelfontcolor="#123a7a"];'
        return "\n".join([f"digraph {_quoted(self.name)} {{", style, *nodes, *edges, "}"]) + "\n"

    def _repr_svg_(self) -> str:
        return self.to_svg()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def graph(derivation: Derivation, at: Mapping[str, Any] | None = None, depth: int | None = None) -> Graph:
    """The graph with numbers where ``at`` gives the inputs, else with formulas.

    At depth 1 every layer that is called is a box, at 2 every one that those call, and so on; without a depth, the deepest
    that has at most 40 operations.

    Raises:
        SymbpError: an input is missing or unknown, shapes disagree, or the depth is less than 1.
    """
    if depth is not None and depth < 1:
        raise SymbpError(f"graph of {derivation.nodes.name}: depth {depth}; expected 1 or more")
    names = names_of([derivation.forward, derivation.nodes])
    drawn = groups(derivation.nodes, depth)
    links = _links(derivation, drawn, names)
    labels = Numbers(derivation, evaluate(derivation, at)) if at else Formulas(derivation, Unicode(names))
    edges = (Edge(one.source, one.target, _above(labels, one), labels.below(one, _uses(links, one.value))) for one in links)
    return Graph(derivation.nodes.name, _nodes(derivation, names, drawn, links), tuple(edges))


@dataclass(frozen=True)
class Link:
    """A value on its way from the node that computes it to one that reads it."""

    value: str
    source: str
    target: str
    readers: tuple[str, ...] = ()  # the operations that read it there; none where it is an output


def _end(output: str) -> str:
    return f"{output} (output)"


def _before(value: str) -> str:
    return f"{value} (before)"


def _links(derivation: Derivation, drawn: tuple[Group, ...], names: Names) -> list[Link]:
    """In the order of the program; at the end those to the outputs."""
    home: dict[str, str] = {name: group.key for group in drawn for name in group.names}
    found = []
    for group in drawn:
        for value in sorted(group.operands, key=names.position.__getitem__):
            now, earlier = _readers(group, value, derivation)
            found += [Link(value, home.get(value, value), group.key, now)] if now else []
            found += [Link(value, _before(value), group.key, earlier)] if earlier else []
    return found + [Link(t.name, home[t.name], _end(t.name)) for t in derivation.nodes.outputs]


def _readers(group: Group, value: str, derivation: Derivation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The operations that read the value of this step, and those that read the one of the step before."""
    drawn = operations(derivation.nodes)
    earlier = [e.name for e in group.readers(value) if is_earlier(value, e, drawn)]
    return tuple(e.name for e in group.readers(value) if e.name not in earlier), tuple(earlier)


def _uses(links: list[Link], value: str) -> int:
    return sum(link.value == value for link in links)


def _nodes(derivation: Derivation, names: Names, drawn: tuple[Group, ...], links: list[Link]) -> tuple[Node, ...]:
    sources, sloping = {link.source for link in links}, slopes(derivation)
    inputs = [Node(t.name, t.name, "value", t.name) for t in derivation.nodes.inputs if t.name in sources]
    earlier = {link.source: _earlier(link, derivation, Unicode(names)) for link in links if link.source == _before(link.value)}
    steps = [_node(group, derivation, sloping, names) for group in drawn]
    outputs = [Node(_end(t.name), t.name, "value", t.name) for t in derivation.nodes.outputs]
    return (*inputs, *earlier.values(), *steps, *outputs)


def _earlier(link: Link, derivation: Derivation, printer: Unicode) -> Node:
    """A value of a recurrence at a step before: h[t−1]."""
    reader = derivation.nodes.definitions[link.readers[0]]
    read = next(element for element in elements(reader.value) if element.name == link.value)
    assert reader.loop is not None
    place = next(printer.formula(p) for p in read.position if p.has(reader.loop.index))
    return Node(_before(link.value), f"{link.value}[{place.replace(' ', '')}]", "value", printer.formula(read))


def _node(group: Group, derivation: Derivation, sloping: Slopes, names: Names) -> Node:
    printer = Unicode(names)
    title = "\n".join(_stated(equation, printer) for equation in group.equations)
    sends = _sends(group, derivation, printer)
    if group.layer:
        return Node(group.key, group.layer, "layer", title, sends=sends)
    return Node(group.key, symbol(group.equations[0].value, names), "operation", title, lines(sloping.get(group.key, []), names), sends)


def _sends(group: Group, derivation: Derivation, printer: Unicode) -> str:
    """What goes back to each value that the node reads: all that this receives (=), or its share (←)."""
    sent = contributions(derivation)
    shares = [(e.name, value) for e in group.equations for value in names_read(e) - group.names if (value, e.name) in sent]
    found = []
    for name, value in sorted(shares, key=lambda share: (printer.names.position[share[1]], printer.names.position[share[0]])):
        target, share = sent[value, name]
        alone = sum(operand == value for operand, _ in sent) == 1
        found.append(f"{printer.formula(target)} {'=' if alone else '←'} {printer.formula(share)}")
    return "\n".join(found)


def names_read(equation: Equation) -> frozenset[str]:
    return frozenset(element.name for element in elements(equation.value))


def _stated(equation: Equation, printer: Unicode) -> str:
    return f"{printer.formula(equation.target)} = {printer.formula(equation.value)}"


# ---------------------------------------------------------------- what stands on an edge


@dataclass(frozen=True)
class Numbers:
    """Labels from values at given inputs."""

    derivation: Derivation
    values: dict[str, np.ndarray]

    def above(self, source: str) -> str:
        return written(self.values[source]) if source in self.values else ""

    def below(self, link: Link, uses: int) -> str:
        shares = [f"{link.value} -> {reader}" for reader in link.readers] if uses > 1 else []
        names = shares or [f"d{link.value}"]
        sent = [self.values[name] for name in names if name in self.values]
        return written(np.sum(sent, axis=0)) if sent else ""


@dataclass(frozen=True)
class Formulas:
    """Labels from the equations: formulas where they are short, names otherwise."""

    derivation: Derivation
    printer: Unicode

    def above(self, source: str) -> str:
        equation = self.derivation.nodes.definitions.get(source)
        return self._short(equation) if equation else ""

    def below(self, link: Link, uses: int) -> str:
        tensor = self.derivation.nodes.tensors.get(link.value)
        if self.derivation.node_backward is None or tensor is None or tensor.kind != "real":
            return ""
        if uses > 1 and link.readers:
            return self._share(link)
        equation = self.derivation.node_backward.definitions.get(f"d{link.value}")
        return self._short(equation) if equation else f"d{link.value}"

    def _share(self, link: Link) -> str:
        """What this use of the value sends back, or else where it goes."""
        sent = contributions(self.derivation)
        shares = [sent[link.value, reader] for reader in link.readers if (link.value, reader) in sent]
        if not shares:
            return ""
        into = f"→ {self._name(shares[0][0])}"
        return self._fitting(self.printer.formula(Add(*(share for _, share in shares))), into)

    def _short(self, equation: Equation) -> str:
        return self._fitting(_stated(equation, self.printer), self._name(equation.target))

    def _fitting(self, text: str, instead: str) -> str:
        return text if len(text) <= SHORT else instead

    def _name(self, element: Element) -> str:
        return self.printer.formula(element)


Labels = Numbers | Formulas


def _above(labels: Labels, link: Link) -> str:
    """The value; none of an earlier step, whose node says which it is."""
    return "" if link.source == _before(link.value) else labels.above(link.value)
