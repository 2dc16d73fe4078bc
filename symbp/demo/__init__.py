"""The demonstration: in goes a folder; out come a derivation, generated modules, the book's numbers, and a trained network.

Everything is computed in front of the user, by the modules that are written to the folder; nothing obtained is typed here.
"""

from __future__ import annotations

import sys
from pathlib import Path

from symbp.catalog import catalog
from symbp.demo import backpropagation, digits
from symbp.demo.cases import CASES, table
from symbp.demo.modules import Modules, checked, generate

LAYERS = (
    *("mul", "add", "square", "relu", "sigmoid", "affine", "cross_entropy", "dropout"),
    *("chain", "two_products", "shopping", "fruit_shopping", "neuron", "neurons", "two_layer_net"),
    *("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"),
)
HELD, FAILED, INCOMPLETE = 0, 1, 2  # exit status: all held; a number or a check did not; scikit-learn is missing
NO_DIGITS = "The network was not trained: the digits come with scikit-learn, which is not installed; run: pip install 'symbp[demo]'"


def run(folder: Path) -> int:
    """The exit status, after everything has been shown."""
    _title("1. A derivation: the sigmoid, one operation at a time")
    print(catalog["sigmoid"].derive())
    _title(f"2. Modules: generated into {folder.resolve()}, imported from there, and checked")
    modules = generate(LAYERS, folder)
    held = [checked(modules)]
    _title("3. The book's cases: expected and obtained")
    held.append(_cases(modules))
    images = digits.images()
    _title("4. Why backpropagation: one gradient of the two-layer network, twice")
    held.append(backpropagation.show(modules["two_layer_net"], images))
    _title("5. Handwritten digits: training on the generated modules alone")
    if images is None:
        print(NO_DIGITS, file=sys.stderr)
        return INCOMPLETE if all(held) else FAILED
    held.append(digits.show(modules, images))
    return HELD if all(held) else FAILED


def _title(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def _cases(modules: Modules) -> bool:
    lines, held = table(CASES, modules)
    print("\n".join(lines))
    print(f"\n{len(CASES)} cases: " + ("every number as printed in the book" if held else "NOT every number as printed in the book"))
    return held
