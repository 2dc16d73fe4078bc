"""The computational graph of a layer: one node an operation, forward values above and gradients below each edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbp.explain.operations import symbol
from symbp.explain.order import Names, names_of
from symbp.explain.svg import Edge, Node, draw
from symbp.explain.unicode import Unicode
from symbp.explain.values import contributions, evaluate, written
from symbp.ir import Element, Equation, elements, reads
from symbp.ir.derivation import Derivation

SHORT = 26  # characters of a formula on an edge; a longer one is named only


@dataclass(frozen=True)
class Graph:
    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def to_svg(self) -> str:
        return draw(self.name, self.nodes, self.edges)

    def to_dot(self) -> str:
        """For Graphviz."""
        shapes = {"operation": "ellipse", "value": "box"}
        nodes = [f'  "{n.key}" [label={_quoted(n.label)}, shape={shapes[n.kind]}, tooltip={_quoted(n.title)}];' for n in self.nodes]
        edges = [f'  "{e.source}" -> "{e.target}" [taillabel={_quoted(e.above)}, headlabel={_quoted(e.below)}];' for e in self.edges]
        style = '  rankdir=LR; edge [labelfontcolor="#123a7a"];'
        return "\n".join([f"digraph {_quoted(self.name)} {{", style, *nodes, *edges, "}"]) + "\n"

    def _repr_svg_(self) -> str:
        return self.to_svg()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def graph(derivation: Derivation, at: Mapping[str, Any] | None = None) -> Graph:
    """The graph of the primitive nodes: with numbers where ``at`` gives the inputs, else with formulas.

    Raises:
        SymbpError: an input is missing or unknown, or shapes disagree.
    """
    names = names_of([derivation.forward, derivation.nodes])
    labels = Numbers(derivation, evaluate(derivation, at)) if at else Formulas(derivation, Unicode(names))
    links = _links(derivation, names)
    results = [(t.name, _end(t.name)) for t in derivation.nodes.outputs]
    edges = [Edge(a, b, labels.above(a), labels.below(a, b, _uses(links, a))) for a, b in links]
    edges += [Edge(a, b, labels.above(a), labels.below(a, b, 1)) for a, b in results]
    return Graph(derivation.nodes.name, _nodes(derivation, names, links), tuple(edges))


def _end(output: str) -> str:
    return f"{output} (output)"


def _links(derivation: Derivation, names: Names) -> list[tuple[str, str]]:
    """(operand, consumer) for every value that an operation reads, in the order of the program."""
    drawn = _drawn(derivation)
    return [(_as_read(source, e, drawn), e.name) for e in drawn for source in _operands(e, names)]


def _as_read(source: str, reader: Equation, drawn: list[Equation]) -> str:
    """The node that an edge starts at: for a value of a recurrence that is not computed yet, its last step."""
    order = [e.name for e in drawn if e.loop and e.loop == reader.loop]
    return _before(source) if source in order and order.index(source) >= order.index(reader.name) else source


def _before(name: str) -> str:
    return f"{name} (before)"


def _drawn(derivation: Derivation) -> list[Equation]:
    """The nodes that an output depends on: positions of maxima, kept for backward alone, are left out."""
    needed = {t.name for t in derivation.nodes.outputs}
    for equation in reversed(derivation.nodes.equations):
        needed |= reads([equation.value, *equation.target.position]) if equation.name in needed else set()
    return [equation for equation in derivation.nodes.equations if equation.name in needed]


def _operands(equation: Equation, names: Names) -> list[str]:
    return sorted({element.name for element in elements(equation.value)}, key=names.position.__getitem__)


def _uses(links: list[tuple[str, str]], source: str) -> int:
    return sum(operand == source for operand, _ in links)


def _nodes(derivation: Derivation, names: Names, links: list[tuple[str, str]]) -> tuple[Node, ...]:
    printer, read = Unicode(names), {source for source, _ in links}
    inputs = [Node(t.name, t.name, "value", f"{t.name}, an input") for t in derivation.nodes.inputs if t.name in read]
    earlier = [e.name for e in _drawn(derivation) if _before(e.name) in read]
    inputs += [Node(_before(name), name, "value", f"{name} at the step before") for name in earlier]
    steps = [Node(e.name, symbol(e.value, names), "operation", _stated(e, printer)) for e in _drawn(derivation)]
    outputs = [Node(_end(t.name), t.name, "value", f"{t.name}, an output") for t in derivation.nodes.outputs]
    return (*inputs, *steps, *outputs)


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

    def below(self, source: str, consumer: str, uses: int) -> str:
        name = f"d{source}" if uses == 1 else f"{source} -> {consumer}"
        return written(self.values[name]) if name in self.values else ""


@dataclass(frozen=True)
class Formulas:
    """Labels from the equations: formulas where they are short, names otherwise."""

    derivation: Derivation
    printer: Unicode

    def above(self, source: str) -> str:
        equation = self.derivation.nodes.definitions.get(source)
        return self._short(equation) if equation else ""

    def below(self, source: str, consumer: str, uses: int) -> str:
        tensor = self.derivation.nodes.tensors.get(source)
        if self.derivation.node_backward is None or tensor is None or tensor.kind != "real":
            return ""
        if uses > 1:
            return self._share(source, consumer)
        equation = self.derivation.node_backward.definitions.get(f"d{source}")
        return self._short(equation) if equation else f"d{source}"

    def _share(self, source: str, consumer: str) -> str:
        sent = contributions(self.derivation).get((source, consumer))
        return self._fitting(self.printer.formula(sent[1]), self._name(sent[0])) if sent else ""

    def _short(self, equation: Equation) -> str:
        return self._fitting(_stated(equation, self.printer), self._name(equation.target))

    def _fitting(self, text: str, instead: str) -> str:
        return text if len(text) <= SHORT else instead

    def _name(self, element: Element) -> str:
        return self.printer.formula(element)
