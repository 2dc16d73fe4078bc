"""Layer: the value that users hold. In goes a definition; each method calls one stage and gives back what that stage makes.

The stages load when they are first called, so that importing this module stays light.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from symbp.errors import EmitError, SymbpError
from symbp.loading import load_text

if TYPE_CHECKING:
    from symbp.check import Report
    from symbp.explain import Graph
    from symbp.explain.lines import Document
    from symbp.ir import Program
    from symbp.ir.derivation import Derivation, Step
    from symbp.language import Definition
    from symbp.plan import ModulePlan

TARGETS = ("numpy",)
ACCURACIES = ("balanced",)


@dataclass(frozen=True)
class Layer:
    """A layer by its forward equations; everything else is derived from them, once, when it is first asked for."""

    definition: Definition
    of: Layer | None = None  # what it is a derivative of, if it is one

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def text(self) -> str:
        """The definition as it was written."""
        return self.definition.text

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in the order of ``forward``; constants are not among them."""
        return tuple(tensor.name for tensor in self.definition.program.inputs)

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(tensor.name for tensor in self.definition.program.outputs)

    @property
    def equations(self) -> tuple[str, ...]:
        """What was read, one equation each; those of called layers stand where they are called."""
        return tuple(equation.text or str(equation) for equation in self.definition.program.equations)

    @cached_property
    def derivation(self) -> Derivation:
        """Forward and backward equations, and the steps between them as data."""
        from symbp.algebra import output_form, simplify, stabilise
        from symbp.calculus import derive

        return stabilise(simplify(derive(self.definition.program, self.definition.nodes, output_form)))

    @cached_property
    def traced(self) -> Derivation:
        """The derivation with its node-by-node steps and what the module keeps: what is told and drawn, not what is computed."""
        from symbp.algebra import trace_nodes
        from symbp.emit import kept
        from symbp.textbook import printed

        told = replace(trace_nodes(self.derivation), printed=printed(self.derivation))
        try:
            return replace(told, kept=kept(self._plan, self.derivation))
        except EmitError:  # there is no module of it
            return told

    def derive(self) -> Explanation:
        """The derivation to read: print it, or ask it for a page, LaTeX, Markdown or PDF."""
        return Explanation(self.traced, self.text)

    def source(self, target: str = "numpy", accuracy: str = "balanced") -> str:
        """The text of the generated module."""
        _known("target", target, TARGETS)
        _known("accuracy", accuracy, ACCURACIES)
        return self._numpy_source

    @cached_property
    def _numpy_source(self) -> str:
        from symbp.emit import numpy_module

        return numpy_module(self._plan)

    @cached_property
    def _plan(self) -> ModulePlan:
        """What the generated module computes and saves."""
        from symbp.plan import plan

        return plan(self.definition, self.derivation)

    def load(self, target: str = "numpy") -> ModuleType:
        """The generated module, imported from a real file: tracebacks and debuggers show its lines."""
        return load_text(self.name, self.source(target))

    def vjp(self) -> Layer:
        """The vector-Jacobian product as a layer: from the inputs, and y_bar for each real output y, to x_bar for each real input x.

        Its equations are those of the backward pass. It is derived, generated and checked like any layer, so that
        ``layer.vjp().vjp()`` is double backward, and ``layer.vjp().jvp()`` holds the products with the Hessian.
        """
        from symbp.calculus import vjp

        doc = f"The vector-Jacobian product of {self.name}: its gradients, given the cotangents y_bar of its outputs y."
        return self._derivative("vjp", vjp(self.definition.program, self.derivation), doc)

    def jvp(self) -> Layer:
        """The Jacobian-vector product as a layer: from the inputs, and x_dot for each real input x, to the outputs and y_dot for each."""
        from symbp.algebra import output_form, simplify_tangents
        from symbp.calculus import jvp

        program = self.definition.program
        doc = f"The Jacobian-vector product of {self.name}: its outputs y, and how they change, y_dot, where its inputs x change by x_dot."
        return self._derivative("jvp", simplify_tangents(jvp(program, output_form), program), doc)

    def _derivative(self, how: str, program: Program, doc: str) -> Layer:
        text = f"# {program.name} = {how}({self.name})\n{self.text}"
        return Layer(replace(self.definition, name=program.name, text=text, program=program, nodes=program, doc=doc), self)

    def check(self, module: ModuleType | None = None) -> Report:
        """Whether the generated module, or the given one, computes this layer: a report, truthy if everything held."""
        from symbp.check import check

        return check(self.definition.program, module or self.load(), parameters=self.definition.parameters)

    def graph(self, depth: int | None = None, /, **values: Any) -> Graph:
        """The computational graph; with values for the inputs it carries the numbers of both passes on its edges.

        At depth 1 a layer that is called is one box; by default as many are open as leaves at most 40 nodes.
        """
        from symbp.explain import graph

        return graph(self.traced, values, depth)

    def __str__(self) -> str:
        """The definition; of a derivative, its equations."""
        return self.text if self.of is None else "\n    ".join([f"{self.name}({', '.join(self.inputs)}):", *self.equations])

    def __repr__(self) -> str:
        return f"<Layer {self.name}({', '.join(self.inputs)}) -> {', '.join(self.outputs)}>"

    def _repr_latex_(self) -> str:
        from symbp.explain import equations_latex

        return equations_latex(self.definition.program)

    def _repr_html_(self) -> str:
        from symbp.explain import equations_html

        return equations_html(self.definition.program)


@dataclass(frozen=True)
class Explanation:
    """A derivation to read. Depth is "nodes" (one operation at a time), "equations" (as written) or "result"; lang is "en" or "ko"."""

    derivation: Derivation
    text: str = ""  # the definition, which a page shows

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps as data, equation by equation."""
        return self.derivation.steps

    def document(self, depth: str = "nodes") -> Document:
        """What the texts and pages print, as data: sections of lines, each with its sides, rule, reason, kind and number."""
        from symbp.explain.document import document

        return document(self.derivation, depth)

    def to_text(self, depth: str = "nodes", lang: str = "en") -> str:
        """For the terminal, 80 columns wide."""
        from symbp.explain import to_text

        return to_text(self.derivation, depth, lang)

    def to_latex(self, depth: str = "nodes", lang: str = "en") -> str:
        """A whole article."""
        from symbp.explain import to_latex

        return to_latex(self.derivation, depth, lang)

    def to_markdown(self, depth: str = "nodes", lang: str = "en") -> str:
        from symbp.explain import to_markdown

        return to_markdown(self.derivation, depth, lang)

    def to_html(self, depth: str = "nodes", lang: str = "en") -> str:
        """A whole page that needs nothing else, with the computational graph."""
        from symbp.explain import to_html

        return to_html(self.derivation, depth, lang, self.text)

    def to_pdf(self, path: str | PathLike[str], depth: str = "nodes", lang: str = "en") -> Path:
        """The article as a PDF, which needs pdflatex; in Korean the HTML page as Chromium prints it, for pdflatex alone has no Hangul."""
        from symbp.explain import print_html, to_pdf

        return print_html(self.to_html(depth, lang), path) if lang == "ko" else to_pdf(self.derivation, path, depth, lang)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Explanation of {self.derivation.forward.name}: print it, or .to_html(), .to_latex(), .to_markdown(), .to_pdf(path)>"

    def _repr_latex_(self) -> str:
        from symbp.explain import result_latex

        return result_latex(self.derivation)

    def _repr_html_(self) -> str:
        from symbp.explain import result_html

        return result_html(self.derivation)


def _known(what: str, found: str, known: tuple[str, ...]) -> None:
    if found not in known:
        raise SymbpError(f"{what} {found!r} is not available; there is {' and '.join(map(repr, known))}")
