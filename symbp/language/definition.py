"""``read``: a text of the language -> its layers as Programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symbp.ir import Program, validate
from symbp.language import grammar
from symbp.language.build import programs
from symbp.language.elaborate import elaborate
from symbp.language.frames import Layer
from symbp.language.functions import FUNCTIONS, REDUCTIONS
from symbp.language.names import names
from symbp.language.syntax import Syntax, layers


@dataclass(frozen=True)
class Definition:
    """One layer, read."""

    name: str
    text: str  # its own text, dedented, comments kept
    program: Program  # an equation for each of the user's, called layers written out
    nodes: Program  # the same, one operation each, in the order the user wrote them
    data: tuple[str, ...]  # inputs before the bare *, in order
    parameters: tuple[str, ...]  # inputs after it
    calls: tuple[str, ...]  # the layers that it calls, directly or not, sorted
    doc: str  # the comment lines above it, without #
    layer: Layer = field(repr=False, compare=False)  # its syntax, for the layers that call it


def read(text: str, scope: Mapping[str, Definition] = {}, file: str | None = None) -> tuple[Definition, ...]:
    """The layers of a text; each may call those of ``scope`` and those before it.

    Raises:
        ReadError: the text has a mistake; the message shows the place and what is right.
    """
    found: dict[str, Definition] = {}
    for syntax in layers(text, file):
        found[syntax.name] = definition(syntax, {**scope, **found})
    return tuple(found.values())


def definition(syntax: Syntax, scope: Mapping[str, Definition]) -> Definition:
    try:
        found = names(grammar.check(syntax))
        called = [name for name in found.calls if name in scope and name not in (*FUNCTIONS, *REDUCTIONS, syntax.name)]
        layer = Layer(syntax, found, {name: scope[name].layer for name in called})
        program, nodes = programs(elaborate(layer))
    except RecursionError:
        raise syntax.source.error(*syntax.where, "too deeply nested; give a part a name of its own", syntax.name) from None
    calls = tuple(sorted({*called, *(name for call in called for name in scope[call].calls)}))
    return Definition(syntax.name, syntax.text, validate(program), validate(nodes), found.data, found.parameters, calls, syntax.doc, layer)
