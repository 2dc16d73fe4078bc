"""A graph as the content of a file, by how its name ends."""

from __future__ import annotations

from symbp.errors import SymbpError
from symbp.explain.graph_steps import steps_page
from symbp.explain.picture import Graph

FORMS = (".svg", ".png", ".html", ".dot")
PICTURES = (".svg", ".png")


def content(graph: Graph, form: str, step: int | None = None, lang: str = "en") -> bytes:
    """The picture, the page that steps through it, or DOT text.

    Raises:
        SymbpError: the form is none of these, or shows no single step, or the walk has no such step.
    """
    if form not in FORMS:
        raise SymbpError(f"a graph is written as {', '.join(FORMS[:-1])} or {FORMS[-1]}, not {form or 'without a suffix'}")
    if step is not None and form not in PICTURES:
        raise SymbpError(f"--step is for a picture, {' or '.join(PICTURES)}; {form} shows all steps")
    if form == ".png":
        return graph.to_png(step)
    text = graph.to_svg(step) if form == ".svg" else steps_page(graph, lang) if form == ".html" else graph.to_dot()
    return text.encode()
