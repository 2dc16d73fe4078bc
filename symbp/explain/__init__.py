"""What was derived, for people: terminal text, LaTeX, Markdown, PDF, and the computational graph. Nothing is derived here."""

from symbp.explain.latex import equation, equations_latex, formula, result_latex, to_latex, to_markdown, to_pdf
from symbp.explain.pdf import compile_latex
from symbp.explain.picture import Graph, graph
from symbp.explain.text import to_text

__all__ = [
    "Graph",
    "compile_latex",
    "equation",
    "equations_latex",
    "formula",
    "graph",
    "result_latex",
    "to_latex",
    "to_markdown",
    "to_pdf",
    "to_text",
]
