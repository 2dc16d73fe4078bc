"""``read``: a text of the language -> its layers as Programs."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from symbp.ir import Program, validate
from symbp.language import grammar
from symbp.language.build import programs
from symbp.language.elaborate import elaborate
from symbp.language.frames import Layer
from symbp.language.functions import WORDS
from symbp.language.mistaken import checked
from symbp.language.names import names
from symbp.language.syntax import Syntax, layers


@dataclass(frozen=True)
class Definition:
    """One layer, read."""

    name: str
    text: str  # its own text, dedented, comments kept
    program: Program  # an equation for each of the user's, called layers written out
    nodes: Program  # the same, one operation each, in the order the user wrote them
    parameters: tuple[str, ...]  # the inputs after the bare *, in order
    doc: str  # the comment lines above it, without #
    layer: Layer = field(repr=False, compare=False)  # its syntax, for the layers that call it

    @property
    def called(self) -> tuple[str, ...]:
        """The texts of the layers that it calls, each after those that it calls itself."""
        return tuple(dict.fromkeys(text for layer in self.layer.scope.values() for text in _texts(layer)))


def _texts(layer: Layer) -> Iterator[str]:
    for called in layer.scope.values():
        yield from _texts(called)
    yield layer.syntax.text


def read(text: str, scope: Mapping[str, Definition] = {}, file: str | None = None) -> tuple[Definition, ...]:
    """The layers of a text; each may call those of ``scope`` and those before it.

    Raises:
        ReadError: the text has a mistake; the message shows the place and what is right.
    """
    found: dict[str, Definition] = {}
    known: Mapping[str, Definition] = ChainMap(found, scope)  # type: ignore[arg-type]  # scope is not copied: it may read what it is asked for
    for syntax in layers(text, file):
        found[syntax.name] = definition(syntax, known)
    return tuple(found.values())


def definition(syntax: Syntax, scope: Mapping[str, Definition]) -> Definition:
    try:
        found = checked(syntax, names(grammar.check(syntax)))
        called = [name for name in found.calls if name in scope and name not in (*WORDS, syntax.name)]
        layer = Layer(syntax, found, {name: scope[name].layer for name in called}, tuple(scope))
        program, nodes = programs(elaborate(layer))
    except RecursionError:
        raise syntax.source.error(*syntax.where, "too deeply nested; give a part a name of its own", syntax.name) from None
    return Definition(syntax.name, syntax.text, validate(program), validate(nodes), found.parameters, syntax.doc, layer)
