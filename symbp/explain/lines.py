"""A derivation as a document: sections of lines, each a chain of equal sides with the rule that gave it, in no language yet.

Text, LaTeX, Markdown and HTML print it, in the language asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sympy import Expr

from symbp.explain.languages import Words, spoken
from symbp.explain.order import Names
from symbp.explain.words import Why
from symbp.ir import Element, Index
from symbp.ir.derivation import Phrase


@dataclass(frozen=True)
class Partial:
    """∂ value / ∂ operand."""

    value: Expr
    operand: Expr


@dataclass(frozen=True)
class Chained:
    """Σ cotangent · ∂ value / ∂ operand: the chain rule before it is worked out."""

    cotangent: Element
    partial: Partial
    over: tuple[Index, ...] = ()  # summed: what the operand does not have


@dataclass(frozen=True)
class Line:
    """side = side = ... with the rule that gave it; no first side where the line goes on from the one above.

    ``kind`` says how to take it: all sides of an "equality" are equal; a "definition" says what its first side means; "given" is
    a value from outside; of a "contribution" the sides after the first are equal, and the first receives them beside others; a
    "choice" claims nothing.
    """

    sides: tuple[Any, ...]  # Expr, Partial, Chained or Matrices; None as the first to go on
    rule: str = ""  # one of RULES, "" for an equation
    why: Why = ()
    proof: str = ""  # "exact" or "numerical", where the rule was proved for this line
    kind: str = "equality"
    mark: str = ""  # the number of a node, "1.", or of an equation, "(1)"
    assumes: Why = ()  # what it rests on beyond algebra; said once for the whole document

    @property
    def sign(self) -> str:
        return "←" if self.kind == "contribution" else "="


@dataclass(frozen=True)
class Section:
    title: Phrase
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Document:
    name: str
    depth: str
    sections: tuple[Section, ...]
    remarks: Why
    names: Names


def note(line: Line, words: Words) -> Iterator[Any]:
    """What stands beside a line, in pieces: strings, and the formulas and facts between them, which each printer writes in its way."""
    yield from [words[f"rule:{line.rule}"]] if line.rule else []
    for k, phrase in enumerate(line.why):
        yield from ["; "] if k else [": "] if line.rule else []
        yield from spoken(words, phrase)
    yield from [f" ({words[line.proof]})"] if line.proof else []
