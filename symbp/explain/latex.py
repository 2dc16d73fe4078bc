"""A derivation as a LaTeX article that needs texlive-latex-base alone, as Markdown with $$ blocks, and as a PDF."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from os import PathLike
from pathlib import Path
from typing import Any

from sympy import Add, Expr

from symbp.explain.document import Chained, Line, Partial, Section, document
from symbp.explain.order import Names, names_of, terms, without_broadcast_sums
from symbp.explain.pdf import compile_latex
from symbp.explain.printer import PRODUCT
from symbp.explain.tex import Tex, name_in_tex
from symbp.explain.unicode import Unicode
from symbp.explain.words import Note
from symbp.ir import Equation, Program, readable, stem
from symbp.ir.derivation import Derivation

LONG = 90  # characters of Unicode text beyond which a sum is broken into rows

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,graphicx}
\usepackage[a4paper,margin=22mm]{geometry}
\setlength{\parindent}{0pt}
\newsavebox{\formulabox}
\newsavebox{\notebox}
% a formula no wider than the line: scaled down where it would be
\newcommand{\fitted}{\ifdim\wd\formulabox>\dimexpr\linewidth-3em\relax
  \resizebox{\dimexpr\linewidth-3em\relax}{!}{\usebox{\formulabox}}\else\usebox{\formulabox}\fi}
% \step{mark}{formula}{note}: the note beside the formula, or below it where there is no room
\newcommand{\step}[3]{\par\medskip\noindent
  \sbox{\formulabox}{$\displaystyle #2$}\sbox{\notebox}{\small\itshape #3}%
  \makebox[3em][l]{#1}\fitted
  \ifdim\dimexpr\wd\formulabox+\wd\notebox+5em\relax<\linewidth\hfill\usebox{\notebox}%
  \else\par\nopagebreak\hfill\begin{minipage}{0.75\linewidth}\raggedleft\small\itshape #3\end{minipage}\fi\par}
"""

MATHEMATICS = {
    "−": "-", "·": r"\cdot", "×": r"\times", "÷": r"\div", "∂": r"\partial", "Σ": r"\Sigma", "Π": r"\Pi", "√": r"\surd",
    "∞": r"\infty", "π": r"\pi", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "←": r"\leftarrow", "<": "<", ">": ">", "…": r"\ldots", "|": "|",
}  # fmt: skip
SIGNS = {char: f"${math}$" for char, math in MATHEMATICS.items()}
SIGNS |= {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
SIGNS |= {char: f"\\{char}" for char in "_&%#${}"} | {char: f"$^{k}$" for k, char in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
ESCAPES = str.maketrans(SIGNS)


def to_latex(derivation: Derivation, depth: str = "nodes") -> str:
    """A whole article; depth is "nodes", "equations" or "result"."""
    doc = document(derivation, depth)
    printer = Tex(doc.names)
    head = [PREAMBLE, r"\begin{document}", rf"\section*{{{words(doc.title)}}}", _about(printer)]
    body = (_article_section(section, printer) for section in doc.sections)
    remarks = (rf"\medskip {words(remark)}" for remark in doc.remarks)
    return "\n".join([*head, *body, *remarks, r"\end{document}"]) + "\n"


def to_markdown(derivation: Derivation, depth: str = "nodes") -> str:
    """The same as Markdown, formulas in $$ blocks."""
    doc = document(derivation, depth)
    sections = (_markdown_section(section, Tex(doc.names)) for section in doc.sections)
    return "\n\n".join([f"# {doc.title}", *sections, *doc.remarks]) + "\n"


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


def to_pdf(derivation: Derivation, path: str | PathLike[str], depth: str = "nodes") -> Path:
    """The article compiled by pdflatex; the path it is written to.

    Raises:
        SymbpError: pdflatex is missing, or does not accept the text.
    """
    return compile_latex(to_latex(derivation, depth), path)


def words(text: str) -> str:
    """Running text with everything that LaTeX would take for itself escaped."""
    return text.translate(ESCAPES)


def said(note: Note, printer: Tex, plain: Callable[[str], str] = words) -> str:
    """A note as running text, its formulas between dollar signs."""
    return "".join(plain(n) if isinstance(n, str) else f"${printer.formula(n.left)} = {printer.formula(n.right)}$" for n in note)


def _about(printer: Tex) -> str:
    return rf"Cotangents are $\partial {printer.loss}/\partial\,\cdot$, the gradients of a final scalar ${printer.loss}$."


def _article_section(section: Section, printer: Tex) -> str:
    rows = [rf"\subsection*{{{words(section.title)}}}"]
    rows += [rf"\step{{{line.mark}}}{{{math}}}{{{said(line.note, printer)}}}" for line, math in _formulas(section, printer)]
    return "\n".join(rows)


def _markdown_section(section: Section, printer: Tex) -> str:
    rows = [f"## {section.title}"]
    for line, math in _formulas(section, printer):
        note = " ".join(filter(None, (line.mark and f"**{line.mark}**", said(line.note, printer, str))))
        rows += [note, f"$$\n{math}\n$$"] if note else [f"$$\n{math}\n$$"]
    return "\n\n".join(rows)


def _formulas(section: Section, printer: Tex) -> list[tuple[Line, str]]:
    """Each line with its mathematics; one that goes on starts below the equals sign of the line before."""
    found, left = [], ""
    for line in section.lines:
        sides = _sides(line, printer)
        if line.sides[0] is None:
            sides = [rf"\phantom{{{left}}}", *sides]
        else:
            left = sides[0]
        sign = r" \mathrel{+}= " if line.sign == "←" else " = "
        found.append((line, sign.join((sides[0], " = ".join(sides[1:]))) if len(sides) > 1 else sides[0]))
    return found


def _sides(line: Line, printer: Tex) -> list[str]:
    return [text for text, _ in groupby(side(s, printer) for s in line.sides if s is not None)]


def side(expr: Any, printer: Tex) -> str:
    r"""One side of an equation: \frac{\partial y}{\partial x}, or an expression, in rows where it is a long sum."""
    if isinstance(expr, Partial):
        return rf"\frac{{\partial {_atomic(expr.value, printer)}}}{{\partial {_atomic(expr.operand, printer)}}}"
    if isinstance(expr, Chained):
        over = rf"\sum_{{{','.join(name_in_tex(stem(i)) for i in expr.over)}}} " if expr.over else ""
        return rf"{over}{printer.formula(expr.cotangent)} \, {side(expr.partial, printer)}"
    if isinstance(expr, Add) and len(Unicode(printer.names).formula(expr)) > LONG:
        return _in_rows(readable(without_broadcast_sums(expr)), printer)
    return printer.formula(expr)


def _atomic(expr: Expr, printer: Tex) -> str:
    text = printer.formula(expr)
    return printer.fenced(text) if expr.args and set(text) & set("+- ") else text


def _in_rows(expr: Expr, printer: Tex) -> str:
    signs = [(printer.minus if negative else "{}+", printer.show(term, PRODUCT)) for negative, term in terms(expr, printer.names)]
    rows = [text if k == 0 and sign != printer.minus else f"{sign} {text}" for k, (sign, text) in enumerate(signs)]
    return r"\begin{aligned}[t] &" + r" \\ &".join(rows) + r" \end{aligned}"
