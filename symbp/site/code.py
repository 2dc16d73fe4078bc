"""Generated Python -> HTML: its tokens coloured, and each line that computes an equation linked with that equation, both ways."""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from html import escape
from itertools import pairwise

NUMBER = re.compile(r"# \((\d+)\)")  # the comment of a line that computes an equation
KINDS = {tokenize.COMMENT: "comment", tokenize.STRING: "string", tokenize.NUMBER: "digits"}
LAYOUT = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT)  # what begins no statement


def code_html(text: str, equations: set[int]) -> str:
    """The lines, coloured; numbers of these equations are links to them, and ``code_id`` is where the first line of an equation is."""
    owner = {line: number for number, lines in lines_of_equations(text).items() for line in lines}
    first = {lines[0]: number for number, lines in lines_of_equations(text).items()}
    painted = "".join(_painted(text, equations)).rstrip("\n").split("\n")
    return "\n".join(_line(line, owner.get(k), first.get(k)) for k, line in enumerate(painted, 1))


def _line(painted: str, owner: int | None, begun: int | None) -> str:
    anchor = f'<a id="{code_id(begun)}"></a>' if begun else ""
    return f'{anchor}<span class="line{f" of-{owner}" if owner else ""}">{painted}</span>'


def highlights(text: str) -> str:
    """Style rules: where one follows the link to the code of an equation, all the lines that compute it stand out."""
    chosen = ", ".join(f"#{code_id(number)}:target ~ .of-{number}" for number in sorted(lines_of_equations(text)))
    return f"{chosen} {{ background: var(--chosen) }}" if chosen else ""


def code_id(number: int) -> str:
    return f"code-{number}"


def lines_of_equations(text: str) -> dict[int, tuple[int, ...]]:
    """The numbers of the lines that compute each equation; a statement that takes several lines has its mark on the last."""
    found: dict[int, tuple[int, ...]] = {}
    start = number = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            if number:
                found[number] = (*found.get(number, ()), *range(start, token.start[0] + 1))
            start = number = 0
        elif token.type == tokenize.COMMENT and start:
            mark = NUMBER.fullmatch(token.string)
            number = int(mark[1]) if mark else 0
        elif token.type not in LAYOUT and not start:
            start = token.start[0]
    return found


def _painted(text: str, equations: set[int]) -> Iterator[str]:
    """The text as HTML; no element goes on over the end of a line."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    place = 0
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    for before, token in pairwise([tokenize.TokenInfo(tokenize.NL, "", (1, 0), (1, 0), ""), *tokens]):
        kind = _kind(before.string, token)
        if not kind:
            continue
        start, end = (starts[line - 1] + column for line, column in (token.start, token.end))
        yield escape(text[place:start], quote=False)
        yield _linked(token.string, equations) or _span(kind, token.string)
        place = end
    yield escape(text[place:], quote=False)


def _kind(before: str, token: tokenize.TokenInfo) -> str:
    if token.type != tokenize.NAME:
        return KINDS.get(token.type, "")
    if before in ("def", "class"):
        return "defined"
    return "keyword" if keyword.iskeyword(token.string) else ""


def _linked(comment: str, equations: set[int]) -> str:
    """The comment with a link to the equation that it names, "" if it names none."""
    mark = NUMBER.fullmatch(comment)
    if not mark or int(mark[1]) not in equations:
        return ""
    return f'<span class="comment"># <a href="#{equation_id(int(mark[1]))}">({mark[1]})</a></span>'


def equation_id(number: int) -> str:
    return f"eq-{number}"


def _span(kind: str, text: str) -> str:
    return "\n".join(f'<span class="{kind}">{escape(line, quote=False)}</span>' if line else "" for line in text.split("\n"))
