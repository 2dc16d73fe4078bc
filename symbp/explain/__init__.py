"""What was derived, for people: terminal text, LaTeX, Markdown, PDF, and the computational graph. Nothing is derived here."""

from symbp.explain.latex import equations_latex, result_latex, to_latex, to_markdown, to_pdf
from symbp.explain.picture import Graph, graph
from symbp.explain.text import to_text

__all__ = ["Graph", "equations_latex", "graph", "result_latex", "to_latex", "to_markdown", "to_pdf", "to_text"]
