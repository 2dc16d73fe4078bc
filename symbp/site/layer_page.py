"""The page of one layer: its equations, derivation, graph, code, shapes and relatives. One derivation serves all of them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise
from pathlib import Path

from symbp.explain.graph_steps import steps_html
from symbp.explain.html import article
from symbp.explain.lines import Document
from symbp.layer import Layer
from symbp.site.code import code_html, code_id, highlights, lines_of_equations
from symbp.site.collection import Collection, layers
from symbp.site.frame import Strings, framed, said
from symbp.templating import fill

EQUATION = re.compile(r'(<div\b[^>]* id="eq-(\d+)"[^>]*>\s*<span class="mark">)(\(\d+\))')  # where an equation is stated
FACTS = ("Inputs", "Outputs", "Constants", "Saved", "Raises")  # what a module's docstring says of it, label by label
RESULT = "title:result"  # the section that every derivation leads to
WORK = 64  # nominal length of an axis in an estimate of work
MANY = 40  # neighbours beyond which only the nearest are shown
NEAREST = 12


@dataclass(frozen=True)
class Order:
    """All that a page is made from, in a form that travels to another process."""

    name: str
    file: Path | None  # where the layer is defined; None for the catalog
    lang: str
    check: bool
    made_from: str  # the fingerprint of everything that the page depends on
    family: str
    neighbours: tuple[str, ...]  # its family, itself among them
    calls: tuple[str, ...]
    callers: tuple[str, ...]


def order(shown: Collection, name: str, file: Path | None, lang: str, check: bool, made_from: str) -> Order:
    entry = shown.entries[name]
    calls = tuple(one for one in entry.calls if one in shown.entries)
    return Order(name, file, lang, check, made_from, entry.family, shown.neighbours(name), calls, shown.callers[name])


def layer_page(order: Order) -> str:
    """The page, derived here."""
    layer, say = layers(order.file)[order.name], said(order.lang)
    explanation, source = layer.derive(), layer.source()
    result = article(explanation.document("result"), order.lang)
    stated = {int(number) for _, number, _ in EQUATION.findall(result)}
    body = fill(
        "site_layer.html.j2",
        say=say,
        name=escape(layer.name),
        family=escape(order.family),
        about=_about(layer),
        definition=escape(layer.text.strip(), quote=False),
        result=_with_ways_to_code(result, set(lines_of_equations(source))),
        equations=_derivation(explanation.document("equations"), order.lang),
        nodes=_derivation(explanation.document("nodes"), order.lang),
        graph=layer.graph().to_svg(),
        walk=steps_html(layer.graph(), order.lang),
        code=code_html(source, stated),
        facts=_facts(source, say) + _work(layer, say),
        check=escape(str(layer.check()), quote=False) if order.check else "",
        unchecked="" if order.check else say["not checked"].format(f"<code>symbp check {escape(_argument(order))}</code>"),
        related=_related(order, say),
        ways=_ways(order, say),
    )
    return framed(layer.name, body, order.lang, up="../", style=highlights(source))


def _about(layer: Layer) -> list[str]:
    """The paragraphs of its description: what it computes, and its source."""
    text, mark, source = layer.definition.doc.partition("Source:")
    paragraphs = [text.strip(), f"{mark} {source.strip()}" if mark else ""]
    return [escape(" ".join(paragraph.split()), quote=False) for paragraph in paragraphs if paragraph]


def _derivation(document: Document, lang: str) -> str:
    """The way to the result; what comes after it, and the remarks, stand with the equations already."""
    end = next(k for k, section in enumerate(document.sections, 1) if section.title.key == RESULT)
    return article(replace(document, sections=document.sections[:end], remarks=()), lang, prefix=f"{document.depth}-")


def _with_ways_to_code(result: str, computed: set[int]) -> str:
    """The equations with their numbers leading to the lines of code that compute them."""

    def linked(match: re.Match[str]) -> str:
        number = int(match[2])
        return f'{match[1]}<a href="#{code_id(number)}">{match[3]}</a>' if number in computed else match[0]

    return EQUATION.sub(linked, result)


def _argument(order: Order) -> str:
    return order.name if order.file is None else order.file.name


def _facts(source: str, say: Strings) -> list[tuple[str, str]]:
    """Shapes and errors, as the docstring of the module states them."""
    docstring = ast.get_docstring(ast.parse(source)) or ""
    labels = "|".join(FACTS)
    found = re.findall(rf"^({labels}): +(.*(?:\n {{11}}.*)*)", docstring, re.MULTILINE)
    return [(say[label], escape(" ".join(text.split()), quote=False)) for label, text in found]


def _work(layer: Layer, say: Strings) -> list[tuple[str, str]]:
    """How much more backward does than forward, by the estimate that chooses between equal forms."""
    from symbp.algebra.cost import cost

    derivation = layer.derivation
    forward, backward = derivation.stable or (derivation.forward, derivation.backward)
    ahead, back = (cost(equation.value for equation in program.equations) for program in (forward, backward))
    return [(say["Work"], say["work"].format(f"{back / ahead:.1f}", WORK))] if ahead and back else []


def _related(order: Order, say: Strings) -> list[tuple[str, list[str]]]:
    groups = (("calls", order.calls), ("called by", order.callers), ("family", _nearest(order)))
    return [(say[title].format(escape(order.family)), list(map(_link, names))) for title, names in groups if names]


def _nearest(order: Order) -> tuple[str, ...]:
    """The others of its family, or those that stand around it where they are many."""
    names = order.neighbours
    place = names.index(order.name)
    first = max(0, min(place - NEAREST, len(names) - 2 * NEAREST)) if len(names) > MANY else 0
    return tuple(name for name in names[first : first + MANY] if name != order.name)


def _ways(order: Order, say: Strings) -> list[str]:
    """Links to the layers before and after it in its family."""
    steps = [(a, b) for a, b in pairwise(("", *order.neighbours, "")) if order.name in (a, b)]
    before, after = steps[0][0], steps[-1][1]
    back = [f'<a rel="prev" href="{before}.html">← {escape(before)}</a>'] if before else []
    return back + ([f'<a rel="next" href="{after}.html">{escape(after)} →</a>'] if after else [])


def _link(name: str) -> str:
    return f'<a href="{name}.html">{escape(name)}</a>'
