"""What a site shows: the layers of the catalog or of a file, by family, and how they belong together. Nothing is derived for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from symbp.catalog import catalog, summary
from symbp.errors import SymbpError
from symbp.layer import Layer
from symbp.reading import read


@dataclass(frozen=True)
class Entry:
    """A layer as it was written."""

    name: str
    family: str
    text: str
    doc: str
    calls: tuple[str, ...]  # the names of the layers that it calls itself
    called: tuple[str, ...]  # the texts of all that it calls, directly or not

    @property
    def about(self) -> str:
        """What it computes, without its source."""
        return self.doc.partition("Source:")[0].strip().replace("\n", " ")

    @property
    def source(self) -> str:
        return self.doc.partition("Source:")[2].strip().replace("\n", " ")

    @property
    def brief(self) -> str:
        """The first sentence of what it computes, as far as its shapes."""
        return re.split(r"(?<=[\w)])[.:;](?: |$)", self.about, maxsplit=1)[0]


@dataclass(frozen=True)
class Family:
    name: str
    summary: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Collection:
    families: tuple[Family, ...]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        return {entry.name: entry for family in self.families for entry in family.entries}

    @cached_property
    def callers(self) -> dict[str, tuple[str, ...]]:
        """The layers that call each layer."""
        return {name: tuple(other.name for other in self.entries.values() if name in other.calls) for name in self.entries}

    def neighbours(self, name: str) -> tuple[str, ...]:
        """The names of its family, itself among them."""
        return next(tuple(e.name for e in f.entries) for f in self.families if f.name == self.entries[name].family)


def collection(file: Path | None) -> Collection:
    """The layers of a file of definitions, or of the catalog."""
    if file is None:
        families = catalog.families()
        return Collection(tuple(_family(name, _after_name(name), families[name]) for name in families))
    layers.cache_clear()  # the file may have changed since
    found = layers(file)
    if not found:
        raise SymbpError(f"{file}: no layers to show")
    return Collection((Family(file.stem, "", tuple(_entry(one, file.stem) for one in found.values())),))


def _family(name: str, about: str, members: tuple[str, ...]) -> Family:
    return Family(name, about, tuple(_entry(catalog[member], name) for member in members))


def _after_name(family: str) -> str:
    """The summary of a family, which may begin with its name."""
    text = summary(family).removeprefix(f"{family.capitalize()}: ")
    return text[:1].upper() + text[1:]


def _entry(layer: Layer, family: str) -> Entry:
    definition = layer.definition
    return Entry(layer.name, family, layer.text, definition.doc, tuple(definition.layer.scope), definition.called)


@cache
def layers(file: Path | None) -> Mapping[str, Layer]:
    """The layers by name; a process reads a file once."""
    return catalog if file is None else read(file)
