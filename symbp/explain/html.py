"""A derivation as one HTML page that needs nothing else: formulas in MathML, styles inside, no script; or as a fragment for other pages.

Lines have the ids that numbers refer to: ``eq-4`` the equation (4), ``node-2`` the operation "2.".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape
from typing import Any

from sympy import Symbol

from symbp.explain.document import document
from symbp.explain.languages import Words, spoken, words_of
from symbp.explain.lines import Document, Line, Section
from symbp.explain.mathml import EQUALS, RECEIVES, MathML, breadth, displayed, distinct
from symbp.explain.order import names_of
from symbp.explain.picture import graph
from symbp.explain.tex import loss_letter
from symbp.ir import Element, Program
from symbp.ir.derivation import Derivation, Phrase
from symbp.templating import fill, read

WIDE = 44  # letters in width of a formula that fills its row, so that its note goes below it
BROAD = 16  # and of a left side that has a row of its own
VAST = 66  # and of a piece that is set smaller on paper
HOMES = {"title:forward": "eq", "title:result": "eq", "title:operations": "node"}  # sections whose lines numbers refer to


def to_html(derivation: Derivation, depth: str = "nodes", lang: str = "en", definition: str = "") -> str:
    """The whole page; depth is "nodes", "equations" or "result", lang "en" or "ko", definition the text of the layer."""
    doc = document(derivation, depth)
    body = fill(
        "derivation_page.html.j2",
        name=escape(doc.name),
        definition=escape(definition.strip()),
        graph=graph(derivation).to_svg(),
        article=article(doc, lang),
    )
    return page(doc.name, body, lang)


def page(title: str, body: str, lang: str = "en") -> str:
    """A page around a body, with the styles inside."""
    return fill("page.html.j2", title=escape(title), body=body, lang=lang, style=style())


def style() -> str:
    """The style sheet; every rule but those for a page as a whole is for what stands in class ``symbp``."""
    return read("style.css")


def result_html(derivation: Derivation) -> str:
    """Forward and backward equations with their styles, which touch nothing else: what a notebook shows."""
    doc = document(derivation, "result")
    return _styled(replace(doc, sections=doc.sections[:2], remarks=()))


def equations_html(program: Program) -> str:
    """The equations of a program alone, for a notebook."""
    lines = tuple(Line((e.target, e.value), kind="definition", mark=f"({e.number})") for e in program.equations)
    return _styled(Document(program.name, "result", (Section(Phrase("title:forward"), lines),), (), names_of([program])))


def _styled(doc: Document) -> str:
    return f"<style>\n{style()}</style>\n{article(doc, prefix=f'{doc.name}-')}"


def article(doc: Document, lang: str = "en", prefix: str = "") -> str:
    """The sections and remarks as a fragment in class ``symbp``; prefix keeps the ids of several on one page apart."""
    printer, words = MathML(doc.names), words_of(lang)
    ids = _ids(doc, prefix)

    def prose(phrase: Phrase) -> str:
        return _linked(_said(spoken(words, phrase), printer), ids)

    sections = [
        {
            "title": prose(section.title),
            "list": " list" if all(len(line.sides) == 1 for line in section.lines) else "",
            "lines": [_strings(line, section, printer, words, ids) for line in section.lines],
        }
        for section in doc.sections
    ]
    return fill("derivation.html.j2", lang=lang, about=map(prose, _about(doc)), sections=sections, remarks=map(prose, doc.remarks))


def _about(doc: Document) -> Iterator[Phrase]:
    """What ∂L/∂x means, told of the first gradient."""
    stated = [line.sides[0] for section in doc.sections if section.title.key == "title:result" for line in section.lines]
    for gradient in [side for side in stated if isinstance(side, Element) and side.name in doc.names.cotangents][:1]:
        yield Phrase("cotangents", (gradient, Symbol(loss_letter(doc.names))))


def _ids(doc: Document, prefix: str) -> dict[str, str]:
    """The id of the line that a mark refers to: where the equation or the operation is stated."""
    homes = [(line.mark, HOMES[s.title.key]) for s in doc.sections if s.title.key in HOMES for line in s.lines if line.mark]
    return {mark: f"{prefix}{kind}-{mark.strip('(.)')}" for mark, kind in homes}


def _strings(line: Line, section: Section, printer: MathML, words: Words, ids: dict[str, str]) -> dict[str, Any]:
    """A line in the strings that the template sets: it is the place of its mark, or its mark leads there."""
    left, right = _formula(line, printer)
    at_home = section.title.key in HOMES
    pieces = [piece for k, phrase in enumerate(line.why) for piece in (*(["; "] if k else []), *spoken(words, phrase))]
    return {
        "attributes": f' class="{_shape(left, right)}"' + (f' id="{ids[line.mark]}"' if at_home and line.mark in ids else ""),
        "mark": escape(line.mark) if at_home else _link(line.mark, ids),
        "left": left,
        "right": right,
        "rule": escape(words[f"rule:{line.rule}"]) if line.rule else "",
        "why": _linked(_said(pieces, printer), ids),
        "proof": escape(words[line.proof]) if line.proof else "",
    }


def _formula(line: Line, printer: MathML) -> tuple[str, list[str]]:
    """What stands left of the sign, and to its right the pieces between which a row may end."""
    first, *others = line.sides
    whole = distinct([printer.rows(side) for side in others])
    signs = [RECEIVES if line.sign == "←" and k == 0 else EQUALS for k in range(len(whole))]
    right = [piece for sign, (head, *tail) in zip(signs, whole, strict=True) for piece in (f"{sign}<mrow>{head}</mrow>", *tail)]
    return displayed(printer.side(first)) if first is not None else "", list(map(displayed, right))


def _shape(left: str, right: list[str]) -> str:
    """The classes of a line, by what has room beside what."""
    whole, first = breadth("".join([left, *right])), breadth(left)
    holds = {
        "wide": whole > WIDE,
        "broad": bool(right) and first > BROAD,
        "alone": not right,
        "vast": max(map(breadth, right), default=0) > VAST,
    }
    return " ".join(["line", *(name for name, true in holds.items() if true)])


def _said(pieces: Iterable[Any], printer: MathML) -> str:
    """Prose with its formulas between the words."""
    return "".join(escape(piece, quote=False) if isinstance(piece, str) else f"<math>{printer.side(piece)}</math>" for piece in pieces)


def _linked(text: str, ids: dict[str, str]) -> str:
    """The text with the numbers of equations, as in "from (1)", leading to them."""
    return re.sub(r"\(\d+\)", lambda match: _link(match[0], ids), text)


def _link(mark: str, ids: dict[str, str]) -> str:
    return f'<a href="#{ids[mark]}">{mark}</a>' if mark in ids else escape(mark)
