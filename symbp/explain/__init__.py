"""What was derived, for people: terminal text, HTML, LaTeX, Markdown, PDF, and the computational graph. Nothing is derived here."""

from symbp.explain.chromium import print_html
from symbp.explain.html import equations_html, result_html, to_html
from symbp.explain.latex import equations_latex, result_latex, to_latex, to_markdown, to_pdf
from symbp.explain.picture import Graph, graph
from symbp.explain.text import to_text

__all__ = [
    "Graph",
    "equations_html",
    "equations_latex",
    "graph",
    "print_html",
    "result_html",
    "result_latex",
    "to_html",
    "to_latex",
    "to_markdown",
    "to_pdf",
    "to_text",
]
