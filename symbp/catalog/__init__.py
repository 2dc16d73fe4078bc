"""The catalog: every layer that symbp knows by name, as forward equations only, grouped by family.

In goes the text of each family, one module each; out comes a read-only mapping from a layer's name to its Layer.
Nothing is read before it is first used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    "losses",
    "regularization",
    "updates",
    "networks",
    "graphs",
)


class Catalog(Mapping[str, Layer]):
    """The layers by name, in the order of their families."""

    @cached_property
    def _families(self) -> dict[str, dict[str, Layer]]:
        from symbp.language import read

        known: dict[str, Definition] = {}
        families = {}
        for family in FAMILIES:
            definitions = read(import_module(f"symbp.catalog.{family}").LAYERS, known, file=f"symbp.catalog.{family}")
            known |= {d.name: d for d in definitions}
            families[family] = {d.name: Layer(d) for d in definitions}
        return families

    @cached_property
    def _layers(self) -> dict[str, Layer]:
        return {name: layer for family in self._families.values() for name, layer in family.items()}

    def families(self) -> dict[str, tuple[str, ...]]:
        """The names of the layers of each family."""
        return {family: tuple(layers) for family, layers in self._families.items()}

    def definitions(self) -> dict[str, Definition]:
        """What another layer may call, by name."""
        return {name: layer.definition for name, layer in self._layers.items()}

    def __getitem__(self, name: str) -> Layer:
        return self._layers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        return "symbp.catalog: " + ", ".join(self)


catalog = Catalog()
