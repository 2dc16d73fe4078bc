"""The catalog as lines of text, family by family: what ``symbp list`` prints."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import groupby

from symbp.catalog import FAMILIES, Entry, catalog, summary
from symbp.errors import SymbpError

LONGEST_SIGNATURE, SHORTEST = 44, 30  # columns for a signature, and at least for the equations


def listing(family: str | None, search: str, columns: int) -> str:
    """The layers of a family, or of all, that mention all the words.

    Raises:
        SymbpError: there is no such family, or no such layer.
    """
    if family not in (None, *FAMILIES):
        near = [one for one in FAMILIES if one.startswith(family)] or get_close_matches(family, FAMILIES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FAMILIES)}"
        raise SymbpError(f"no family {family!r}; {hint}")
    entries = [one for one in catalog.entries.values() if family in (None, one.family) and _mentions(one, search)]
    if not entries:
        raise SymbpError(f"no layer {f'of {family} ' if family else ''}mentions {search!r}")
    return "\n\n".join(_listed(name, list(some), columns) for name, some in groupby(entries, lambda one: one.family))


def _mentions(one: Entry, words: str) -> bool:
    text = "\n".join([one.family, one.name.replace("_", " "), *one.lines]).lower()
    return all(word in text for word in words.lower().split())


def _listed(family: str, entries: list[Entry], columns: int) -> str:
    """The family and what it is, then a line for each layer: its signature without the constants, and its equations."""
    heads, equations = zip(*("; ".join(one.equations).split(":", 1) for one in entries), strict=True)
    signatures = [_cut(re.sub(r", \w+=[^,)]*", "", head), LONGEST_SIGNATURE, ")") for head in heads]
    start = max(map(len, signatures))
    lines = [f"  {signature:{start}}  " for signature in signatures]
    texts = [" ".join(text.removeprefix(";").split()) for text in equations]
    heading = _cut(f"{family}: {summary(family).removeprefix(f'{family.capitalize()}: ')}", columns)
    return "\n".join([heading, *(line + _cut(text, columns - len(line)) for line, text in zip(lines, texts, strict=True))])


def _cut(text: str, room: int, end: str = "") -> str:
    """The text, or as much as there is room for, up to a space or an operator; of an equation more than its target."""
    if len(text) <= room:
        return text
    start = re.match(rf".{{1,{max(room, SHORTEST) - 2 - len(end)}}}(?=[ /(]|(?<![*])[*])", text)
    return f"{re.sub(r'; [^ ;]+( =)?$', ';', start.group() if start else '')} …{end}"
