"""How wide a formula is on paper, in em: an estimate from its LaTeX, for what Tex writes and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

DISPLAY, TEXT, SCRIPT, TINY = range(4)  # the styles of TeX
SCALES = (1.0, 1.0, 0.73, 0.55)
TOKEN = re.compile(r"\\begin\{cases\}|\\end\{cases\}|\\[A-Za-z]+\*?|\\.|.", re.DOTALL)

WIDTHS = {  # in em of the style
    "\\left": 0.0, "\\right": 0.0, "\\text": 0.0, "\\mathrm": 0.0, "\\mathbf": 0.0, "\\operatorname": 0.17, "\\operatorname*": 0.17,
    "\\hat": 0.0, "\\bar": 0.0, "\\tilde": 0.0, "\\dot": 0.0, "\\phantom": 0.0, "\\displaystyle": 0.0, "\\mathcal": 0.0,
    "\\sqrt": 0.9, "\\,": 0.17, "\\quad": 1.0, "\\qquad": 2.0, "\\cdot": 0.75, "\\infty": 1.0, "\\ldots": 1.4, "\\exp": 1.6, "\\log": 1.4,
    "\\ln": 1.0, "\\sin": 1.4, "\\cos": 1.5, "\\tan": 1.6, "\\sinh": 2.0, "\\cosh": 2.1, "\\tanh": 2.1, "\\arcsin": 2.6, "\\arccos": 2.7,
    "\\arctan": 2.8, "\\le": 1.4, "\\ge": 1.4, "\\ne": 1.4, "\\mathrel": 0.6, "\\top": 0.8, "\\_": 0.5, "\\{": 0.5, "\\}": 0.5, "\\|": 0.5,
    "(": 0.5, ")": 0.5, "[": 0.4, "]": 0.4, "|": 0.28, "+": 1.25, "-": 1.25, "=": 1.4, "<": 1.4, ">": 1.4, ",": 0.45, ".": 0.28, "'": 0.3,
    " ": 0.0, "&": 0.0, "{": 0.0, "}": 0.0, "i": 0.35, "j": 0.41, "l": 0.3, "f": 0.55, "t": 0.36, "r": 0.45, "m": 0.88, "w": 0.72,
    "\\sum": 1.5, "\\prod": 1.35, "\\max": 1.9, "\\min": 1.75, "\\det": 1.5, "\\lfloor": 0.45, "\\rfloor": 0.45,
}  # fmt: skip
LIMITS = ("\\sum", "\\prod", "\\max", "\\min", "\\det")  # what has its index below it in a display


def width(text: str) -> float:
    """The width of a displayed formula."""
    return _width(text, DISPLAY)


@lru_cache(maxsize=16_384)
def _width(text: str, style: int) -> float:
    tokens = TOKEN.findall(text)
    total, k, under = 0.0, 0, 0.0
    while k < len(tokens):
        token = tokens[k]
        if token == "\\begin{cases}":
            inside, k = _until_end(tokens, k + 1)
            total += max(_width(row, TEXT) for row in _rows(inside)) + 2.0
        elif token == "\\frac":
            above, k = _group(tokens, k + 1)
            below, k = _group(tokens, k)
            total += max(_width(side, min(style + 1, TINY)) for side in (above, below)) + 0.24
        elif token in "_^":
            inside, k = _group(tokens, k + 1)
            script = _width(inside, max(SCRIPT, min(style + 1, TINY)))
            total += max(script - under, 0.0)
            under = 0.0
        else:
            under = WIDTHS[token] if token in LIMITS and style == DISPLAY else under if token == " " else 0.0
            total += _of(token) * SCALES[style]
            k += 1
    return total


def _of(token: str) -> float:
    if token in WIDTHS:
        return WIDTHS[token]
    if token.startswith("\\"):
        return 0.6
    return 0.75 if token.isupper() else 0.52


def _group(tokens: list[str], k: int) -> tuple[str, int]:
    """What stands between the braces that open at k, or the one token there, and where it goes on."""
    if tokens[k] != "{":
        return tokens[k], k + 1
    return _balanced(tokens, k + 1, lambda token: (token == "{") - (token == "}"))


def _until_end(tokens: list[str], k: int) -> tuple[str, int]:
    return _balanced(tokens, k, lambda token: (token == "\\begin{cases}") - (token == "\\end{cases}"))


def _rows(cases: str) -> list[str]:
    """The rows of cases, of which one may hold cases of its own."""
    rows, depth = [""], 0
    for token in TOKEN.findall(cases):
        depth += (token == "\\begin{cases}") - (token == "\\end{cases}")
        if token == "\\\\" and not depth:
            rows.append("")
        else:
            rows[-1] += token
    return rows


def _balanced(tokens: list[str], k: int, turn: Callable[[str], int]) -> tuple[str, int]:
    depth, start = 1, k
    while depth:
        depth += turn(tokens[k])
        k += 1
    return "".join(tokens[start : k - 1]), k
