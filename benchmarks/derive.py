"""How much processor time deriving and generating take: layers of the catalog, and networks by depth.

python benchmarks/derive.py [NAME ...]     each layer of the catalog, or those named: medians over fresh Layer values
python benchmarks/derive.py --depth        networks of 1 to 100 layers and of 1 to 4 blocks, each in a process of its own
"""

from __future__ import annotations

import platform
import statistics
import sys
from collections.abc import Callable
from multiprocessing import get_context
from time import process_time
from typing import TypeVar

import networks

import symbp
from symbp.language import read
from symbp.layer import Layer

T = TypeVar("T")
REPEATS = 5
STAGES = ("read", "derive", "simplify", "stabilise", "plan", "emit")
NETWORKS: dict[str, tuple[Callable[..., str], tuple[int, ...]]] = {
    **{f"MLP of {n} layers": (networks.mlp, (n,)) for n in (1, 2, 4, 8, 16, 32, 64, 100)},
    "transformer block": (networks.block, ()),
    **{f"GPT of {n} block{'s' * (n > 1)}": (networks.gpt, (n,)) for n in (1, 2, 4)},
}
CALLED = ("affine", "sigmoid", "softmax", "cross_entropy")


def milliseconds(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return 1e3 * (process_time() - start)


def measure(name: str) -> tuple[float, float]:
    """(derive, generate): medians; the algebra's own caches are warm, as they are when a whole catalog is generated."""
    layers = [Layer(symbp.catalog[name].definition) for _ in range(REPEATS)]
    derive = [milliseconds(lambda layer=layer: layer.derivation) for layer in layers]
    generate = [milliseconds(layer.source) for layer in layers]
    return statistics.median(derive), statistics.median(generate)


def by_stage(text: str) -> list[float]:
    """The milliseconds of each stage, with nothing remembered from another layer."""
    from symbp.algebra import output_form, simplify, stabilise
    from symbp.calculus import derive
    from symbp.emit import numpy_module
    from symbp.plan import plan

    known = {name: symbp.catalog[name].definition for name in CALLED}
    definition, reading = clocked(lambda: read(text, known)[-1])
    derived, deriving = clocked(lambda: derive(definition.program, definition.nodes, output_form))
    simple, simplifying = clocked(lambda: simplify(derived))
    stable, stabilising = clocked(lambda: stabilise(simple))
    planned, planning = clocked(lambda: plan(definition, stable))
    return [reading, deriving, simplifying, stabilising, planning, milliseconds(lambda: numpy_module(planned))]


def clocked(work: Callable[[], T]) -> tuple[T, float]:
    """What the work makes, and the milliseconds that it takes."""
    made: list[T] = []
    taken = milliseconds(lambda: made.append(work()))
    return made[0], taken


def catalog(names: list[str]) -> None:
    print(f"{'layer':24}{'derive ms':>10}{'generate ms':>12}")
    total = 0.0
    for name in names or list(symbp.catalog):
        derive, generate = measure(name)
        total += derive + generate
        print(f"{name:24}{derive:10.1f}{generate:12.1f}")
    print(f"{'total':24}{total:22.1f}")


def depth() -> None:
    print(f"{'network, ms':20}" + "".join(f"{stage:>10}" for stage in STAGES) + f"{'in all':>10}")
    with get_context("spawn").Pool(1, maxtasksperchild=1) as alone:
        for name, (text, size) in NETWORKS.items():
            found = alone.apply(by_stage, (text(*size),))
            print(f"{name:20}" + "".join(f"{one:10.0f}" for one in (*found, sum(found))), flush=True)


def main(arguments: list[str]) -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}, symbp {symbp.__version__}")
    if arguments == ["--depth"]:
        depth()
    else:
        catalog(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
