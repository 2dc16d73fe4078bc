"""Milliseconds to derive and to generate each layer of the catalog, medians over fresh Layer values.

    python benchmarks/derive.py [NAME ...]
"""

from __future__ import annotations

import platform
import statistics
import sys
from collections.abc import Callable
from time import perf_counter

import symbp
from symbp.layer import Layer

REPEATS = 5


def milliseconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return 1e3 * (perf_counter() - start)


def measure(name: str) -> tuple[float, float]:
    """(derive, generate): medians; the algebra's own caches are warm, as they are when a whole catalog is generated."""
    layers = [Layer(symbp.catalog[name].definition) for _ in range(REPEATS)]
    derive = [milliseconds(lambda layer=layer: layer.derivation) for layer in layers]
    generate = [milliseconds(layer.source) for layer in layers]
    return statistics.median(derive), statistics.median(generate)


def main(names: list[str]) -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}, symbp {symbp.__version__}")
    print(f"{'layer':24}{'derive ms':>10}{'generate ms':>12}")
    total = 0.0
    for name in names or list(symbp.catalog):
        derive, generate = measure(name)
        total += derive + generate
        print(f"{name:24}{derive:10.1f}{generate:12.1f}")
    print(f"{'total':24}{total:22.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
