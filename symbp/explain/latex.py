"""A derivation as a LaTeX article that needs texlive-latex-base alone, as Markdown with $$ blocks, and as a PDF."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from os import PathLike
from pathlib import Path
from typing import Any

from sympy import Expr

from symbp.explain.document import document
from symbp.explain.languages import Words, spoken, words_of
from symbp.explain.lines import Chained, Line, Partial, Section, note
from symbp.explain.order import Names, names_of
from symbp.explain.pdf import compile_latex
from symbp.explain.tex import Tex, name_in_tex
from symbp.explain.tex_rows import in_rows
from symbp.ir import Equation, Program, stem
from symbp.ir.derivation import Derivation, Fact, Phrase
from symbp.templating import fill

MATHEMATICS = {
    "−": "-", "·": r"\cdot", "×": r"\times", "÷": r"\div", "∂": r"\partial", "Σ": r"\Sigma", "Π": r"\Pi", "√": r"\surd", "∞": r"\infty",
    "π": r"\pi", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "←": r"\leftarrow", "<": "<", ">": ">", "…": r"\ldots", "|": "|", "′": "'",
    "∘": r"\circ", "ᵀ": r"^\top", "𝟏": r"\mathbf{1}",
}  # fmt: skip
SIGNS = {char: f"${math}$" for char, math in MATHEMATICS.items()}
SIGNS |= {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
SIGNS |= {char: f"\\{char}" for char in "_&%#${}"} | {char: f"$^{k}$" for k, char in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
ESCAPES = str.maketrans(SIGNS)

PREAMBLES = {"ko": "% Hangul, for pdflatex, xelatex and lualatex; in Debian the package texlive-lang-korean\n\\usepackage{kotex}\n"}


def to_latex(derivation: Derivation, depth: str = "nodes", lang: str = "en") -> str:
    """A whole article; depth is "nodes", "equations" or "result", lang "en" or "ko"."""
    doc, words = document(derivation, depth), words_of(lang)
    printer = Tex(doc.names)

    def prose(phrase: Phrase) -> str:
        return said(spoken(words, phrase), printer)

    sections = [{"title": prose(section.title), "rows": _article_rows(section, printer, words)} for section in doc.sections]
    told = {"title": plain(doc.name), "about": _about(printer, words), "remarks": map(prose, doc.remarks)}
    return fill("derivation.tex.j2", preamble=PREAMBLES.get(lang, ""), sections=sections, **told)


def _about(printer: Tex, words: Words) -> str:
    """What the fractions of the article mean."""
    pieces = spoken(words, Phrase("cotangents", ("{0}", "{1}")))
    math = {"{0}": rf"$\partial {printer.loss}/\partial\,\cdot$", "{1}": f"${printer.loss}$"}
    return "".join(math.get(piece) or plain(piece) for piece in pieces)


def _article_rows(section: Section, printer: Tex, words: Words) -> list[dict[str, str]]:
    lines = _formulas(section, printer)
    return [{"mark": line.mark, "formula": math, "note": said(note(line, words), printer)} for line, math in lines]


def to_markdown(derivation: Derivation, depth: str = "nodes", lang: str = "en") -> str:
    """The same as Markdown, formulas in $$ blocks."""
    doc, words = document(derivation, depth), words_of(lang)
    printer = Tex(doc.names)

    def prose(phrase: Phrase) -> str:
        return said(spoken(words, phrase), printer, str)

    sections = [{"title": prose(section.title), "blocks": _blocks(section, printer, words)} for section in doc.sections]
    return fill("derivation.md.j2", title=doc.name, sections=sections, remarks=map(prose, doc.remarks))


def _blocks(section: Section, printer: Tex, words: Words) -> list[str]:
    """A note above each formula."""
    found = []
    for line, math in _formulas(section, printer):
        says = " ".join(filter(None, (line.mark and f"**{line.mark}**", said(note(line, words), printer, str))))
        found += [says, f"$$\n{math}\n$$"] if says else [f"$$\n{math}\n$$"]
    return found


def formula(expr: Expr, names: Names | None = None) -> str:
    """An expression as LaTeX mathematics, without dollar signs."""
    return Tex(names or Names()).formula(expr)


def equation(line: Equation, names: Names | None = None) -> str:
    """target = value as LaTeX mathematics, without dollar signs."""
    return f"{formula(line.target, names)} = {formula(line.value, names)}"


def equations_latex(program: Program) -> str:
    """The equations of a program as one display, with dollar signs: what a notebook shows."""
    names = names_of([program])
    return _display([equation(e, names).replace(" = ", " &= ", 1) for e in program.equations])


def result_latex(derivation: Derivation) -> str:
    """Forward and backward equations as one display, with dollar signs."""
    doc = document(derivation, "result")
    printer = Tex(doc.names)
    return _display([" &= ".join(_sides(line, printer)) for section in doc.sections[:2] for line in section.lines])


def _display(rows: list[str]) -> str:
    return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"


def to_pdf(derivation: Derivation, path: str | PathLike[str], depth: str = "nodes", lang: str = "en") -> Path:
    """The article compiled by pdflatex; the path it is written to.

    Raises:
        SymbpError: pdflatex is missing, or does not accept the text.
    """
    return compile_latex(to_latex(derivation, depth, lang), path)


def plain(text: str) -> str:
    """Running text with everything that LaTeX would take for itself escaped."""
    return text.translate(ESCAPES)


def said(pieces: Iterable[Any], printer: Tex, escaped: Callable[[str], str] = plain) -> str:
    """Prose with its formulas between dollar signs, their brackets of one size, so that a row may end within them."""
    return "".join(escaped(piece) if isinstance(piece, str) else f"${_in_prose(_formula(piece, printer))}$" for piece in pieces)


def _in_prose(formula: str) -> str:
    return re.sub(r"\\(left|right)(?=[()\[\]])", "", formula)


def _formula(piece: Any, printer: Tex) -> str:
    if isinstance(piece, Fact):
        return f"{printer.formula(piece.left)} = {printer.formula(piece.right)}"
    return side(piece, printer)


def _formulas(section: Section, printer: Tex) -> list[tuple[Line, str]]:
    """Each line with its mathematics; one that goes on starts below the equals sign of the line before."""
    found, left = [], ""
    for line in section.lines:
        sides = _sides(line, printer)
        goes_on = line.sides[0] is None
        left, others = (left, sides) if goes_on else (sides[0], sides[1:])
        sign = r" \mathrel{+}= " if line.sign == "←" else " = "
        found.append((line, in_rows(left, sign, others, goes_on)))
    return found


def _sides(line: Line, printer: Tex) -> list[str]:
    return [text for text, _ in groupby(side(s, printer) for s in line.sides if s is not None)]


def side(expr: Any, printer: Tex) -> str:
    r"""One side of an equation: \frac{\partial y}{\partial x}, or an expression."""
    if isinstance(expr, Partial):
        return rf"\frac{{\partial {_atomic(expr.value, printer)}}}{{\partial {_atomic(expr.operand, printer)}}}"
    if isinstance(expr, Chained):
        over = rf"\sum_{{{','.join(name_in_tex(stem(i)) for i in expr.over)}}} " if expr.over else ""
        return rf"{over}{printer.formula(expr.cotangent)} \, {side(expr.partial, printer)}"
    return printer.formula(expr)


def _atomic(expr: Expr, printer: Tex) -> str:
    text = printer.formula(expr)
    return printer.fenced(text) if expr.args and set(text) & set("+- ") else text
