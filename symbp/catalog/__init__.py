"""The catalog: every layer that symbp knows by name, as forward equations only, grouped by family.

In goes the text of each family, one module each; out comes a read-only mapping from a layer's name to its Layer.
A layer is read when it is first asked for, and so are those that it calls: most uses need one of hundreds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from symbp.layer import Layer

if TYPE_CHECKING:
    from symbp.language import Definition

# In the order of reading: a layer may call those of its own and of earlier families.
FAMILIES = (
    "arithmetic",
    "elementwise",
    "activations",
    "linear",
    "softmax",
    "normalization",
    "positional",
    "attention",
    "convolution",
    "pooling",
    "resampling",
    "recurrent",
    "distances",
    "kernels",
    "matrix",
    "losses",
    "regularization",
    "updates",
    "networks",
    "graphs",
)


@dataclass(frozen=True)
class Entry:
    """A layer as it stands in the catalog, not read yet."""

    family: str
    line: int  # of its family's text, where it begins
    lines: tuple[str, ...]  # comments first

    @property
    def doc(self) -> str:
        """What it computes and where it comes from."""
        return "\n".join(line[1:].strip() for line in self.lines if line.startswith("#"))

    @property
    def equations(self) -> tuple[str, ...]:
        """Its definition, a line each; the first begins with the signature."""
        return tuple(line.strip() for line in self.lines if not line.startswith("#"))

    @property
    def name(self) -> str:
        return self.equations[0].partition("(")[0]


class Catalog(Mapping[str, Layer]):
    """The layers by name, in the order of their families."""

    def __init__(self) -> None:
        self._layers: dict[str, Layer] = {}  # those that were read

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """What is in the catalog, by name; nothing is read for it."""
        return {entry.name: entry for family in FAMILIES for entry in _entries(family)}

    def families(self) -> dict[str, tuple[str, ...]]:
        """The names of the layers of each family."""
        return {family: tuple(e.name for e in self.entries.values() if e.family == family) for family in FAMILIES}

    def definitions(self) -> Mapping[str, Definition]:
        """What another layer may call, by name."""
        return Definitions(tuple(self), lambda name: self[name].definition)

    def __getitem__(self, name: str) -> Layer:
        if name not in self._layers:
            self._layers[name] = self._read(self.entries[name])
        return self._layers[name]

    def _read(self, entry: Entry) -> Layer:
        from symbp.language import read

        names = tuple(self)
        above = Definitions(names[: names.index(entry.name)], lambda name: self[name].definition)
        text = "\n".join([*[""] * (entry.line - 1), *entry.lines])  # so that an error shows its line
        (definition,) = read(text, above, file=f"symbp.catalog.{entry.family}")
        return Layer(definition)

    def __contains__(self, name: object) -> bool:
        return name in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return "symbp.catalog: " + ", ".join(self)


@dataclass(frozen=True)
class Definitions(Mapping[str, "Definition"]):
    """Definitions by name, each read when it is first asked for."""

    names: tuple[str, ...]
    definition: Callable[[str], Definition]

    def __getitem__(self, name: str) -> Definition:
        if name not in self.names:
            raise KeyError(name)
        return self.definition(name)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def summary(family: str) -> str:
    """What a family is, in one line."""
    return (import_module(f"symbp.catalog.{family}").__doc__ or "").partition("\n")[0]


def _entries(family: str) -> Iterator[Entry]:
    """The layers of a family's text: blocks between empty lines, each comments first."""
    text: str = import_module(f"symbp.catalog.{family}").LAYERS
    for block in re.finditer(r"(?:^.+\n)+", text, re.MULTILINE):
        yield Entry(family, 1 + text.count("\n", 0, block.start()), tuple(block.group().splitlines()))


catalog = Catalog()
