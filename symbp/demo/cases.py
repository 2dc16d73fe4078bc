"""The cases of the book and of the notes after it: what is expected, as printed there, and how it is obtained.

In go the generated modules; out come the lines of a table. Expected numbers are text, so that their digits are part of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbp.catalog import catalog
from symbp.demo.local import local_derivatives
from symbp.demo.modules import Modules

DIGITS = 8  # decimals that are compared, where the expected text has no more
NUMBER = re.compile(r"-?\d+(?:\.(\d+))?(e[-+]\d+)?|\b[TF]\b")
STEP = 1e-4  # of the notes' central difference, in units of x

Obtained = dict[str, Any]


@dataclass(frozen=True)
class Case:
    name: str
    obtain: Callable[[Modules], Obtained]
    expected: Mapping[str, str]  # what -> its text


def table(cases: tuple[Case, ...], modules: Modules) -> tuple[list[str], bool]:
    """The lines of the table, and whether every number came out as expected."""
    rows = {case.name: list(compare(case, modules)) for case in cases}
    every = [row for found in rows.values() for row in found]
    widths = [max(len(row[k]) for row in every) for k in range(3)]
    lines = []
    for name, found in rows.items():
        lines.append(f"{_mark(found)} {name}")
        lines += [f"  {_mark([row])} " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in found]
    return lines, _held(every)


def _held(rows: list[tuple[str, str, str]]) -> bool:
    return all(expected == obtained for _, expected, obtained in rows)


def _mark(rows: list[tuple[str, str, str]]) -> str:
    return "✓" if _held(rows) else "✗"


def compare(case: Case, modules: Modules) -> Iterator[tuple[str, str, str]]:
    """(what, expected, obtained), as text that is the same where the numbers agree."""
    obtained = case.obtain(modules)
    for what, expected in case.expected.items():
        yield what, expected, written_like(expected, obtained[what])


def written_like(expected: str, value: Any) -> str:
    """The value in the form of the expected text, with as many digits, and at least eight."""
    numbers = [value] if isinstance(value, str) else np.ravel(value).tolist()
    places = list(NUMBER.finditer(expected))
    if isinstance(value, str) or len(numbers) != len(places):
        return str(value)
    parts = iter([_like(place, number) for place, number in zip(places, numbers, strict=True)])
    return NUMBER.sub(lambda _: next(parts), expected)


def _like(place: re.Match[str], number: float | bool) -> str:
    decimals, exponent = place.groups()
    if place[0] in "TF":
        return "T" if number else "F"
    if exponent:
        return f"{number:.{len(decimals or '')}e}"
    text = f"{number:.{max(DIGITS, len(decimals or ''))}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


# ---------------------------------------------------------------- how each is obtained

INPUT = np.array([0.5, 0.8])  # x of the notes


def neuron(m: Modules) -> Obtained:
    w, t = np.array([0.2, 0.4]), 1.0
    z, _ = m["affine"].forward(INPUT, w[:, np.newaxis], np.zeros(1))
    a, _ = m["sigmoid"].forward(z)
    loss, residuals = m["neuron"].forward(INPUT, t, w)
    dw = m["neuron"].backward(1.0, residuals).w
    return {"z": z, "a": a, "loss": loss, "dw": dw, "w, updated": m["sgd"].forward(w, dw, lr=0.1)[0]}


def local_computation(m: Modules) -> Obtained:
    a, _ = m["neurons"].forward(INPUT, np.array([[0.1, 0.3], [0.2, 0.4]]), np.array([0.1, 0.2]))
    return {"a": a}


def chain(m: Modules) -> Obtained:
    local = local_derivatives(catalog["chain"], x=3)
    outer, inner = local["z", "y"], local["y", "x"]
    return graph(m, "chain", x=3.0) | {"dz/dy · dy/dx": [outer, inner, outer * inner]}


def graph(m: Modules, name: str, **values: float) -> Obtained:
    """The result of a graph of numbers, and the gradient of every input."""
    result, residuals = m[name].forward(**values)
    return {"result": result} | {f"d{name}": slope for name, slope in m[name].backward(1.0, residuals)._asdict().items()}


def treadmill(m: Modules) -> Obtained:
    local = local_derivatives(catalog["two_products"], a=50, b=3, c="1.2")
    return graph(m, "two_products", a=50.0, b=3.0, c=1.2) | {"dy": local["z", "y"]}


def shopping(m: Modules) -> Obtained:
    return graph(m, "shopping", apple=200, count=5, tax=1.1)


def two_fruits(m: Modules) -> Obtained:
    return graph(m, "fruit_shopping", apple=100, apple_count=2, orange=150, orange_count=3, tax=1.1)


def gradient_check(m: Modules) -> Obtained:
    ahead, behind = (m["square"].forward(3.0 + step)[0] for step in (STEP, -STEP))
    numerical = (ahead - behind) / (2 * STEP)
    exact = m["square"].backward(1.0, m["square"].forward(3.0)[1]).x
    return {"differences": numerical, "backward": exact, "their difference": abs(numerical - exact)}


def relu(m: Modules) -> Obtained:
    y, residuals = m["relu"].forward(np.array([[1.0, -0.5], [-2.0, 3.0]]))
    upstream = np.array([[5.0, 6.0], [7.0, 8.0]])
    dx = m["relu"].backward(upstream, residuals).x
    return {"y": y, "stopped": dx == 0, "dx for dy = [[5, 6], [7, 8]]": dx, "dy afterwards": upstream}


def four_nodes(m: Modules) -> Obtained:
    slopes = list(local_derivatives(catalog["sigmoid"], x="0.42").values())
    y, residuals = m["sigmoid"].forward(0.42)
    return {
        "y": y,
        "local derivatives": slopes,
        "their product": np.prod(slopes),
        "y(1 - y)": y * (1 - y),
        "dx": m["sigmoid"].backward(1.0, residuals).x,
    }


BOOK_LAYERS = ("mul", "add", "relu", "sigmoid", "affine", "cross_entropy", "dropout")


def layers(m: Modules) -> Obtained:
    """What can be called in the module of each layer."""
    return {name: ", ".join(filter(lambda what: callable(getattr(m[name], what, None)), _parts(name))) for name in BOOK_LAYERS}


def _parts(name: str) -> tuple[str, ...]:
    return "forward", "backward", "".join(word.capitalize() for word in name.split("_"))


def updates(m: Modules) -> Obtained:
    """One step of each rule from w = 1 with gradient 1/2 and learning rate 1/10."""
    at = {"w": 1.0, "g": 0.5, "lr": 0.1}
    return {
        "sgd": m["sgd"].forward(**at)[0],
        "momentum, v = 0.2": m["momentum"].forward(**at, v=0.2)[0],
        "nesterov, v = 0.2": m["nesterov"].forward(**at, v=0.2)[0],
        "adagrad, h = 0.75": m["adagrad"].forward(**at, h=0.75)[0],
        "rmsprop, s = 0.25, rho = 1/2": m["rmsprop"].forward(**at, s=0.25, rho=0.5)[0],
        "adam, first step": m["adam"].forward(**at, m=0.0, v=0.0)[0],
        "adamw, first step": m["adamw"].forward(**at, m=0.0, v=0.0)[0],
    }


CASES = (
    Case(
        "one neuron, one step",
        neuron,
        {
            "z": "0.42",
            "a": "0.60348325",
            "loss": "0.07861277",
            "dw": "[-0.04744149, -0.07590638]",
            "w, updated": "[0.20474415, 0.40759064]",
        },
    ),
    Case("local computation", local_computation, {"a": "[0.57688526, 0.66150316]"}),
    Case("chain rule", chain, {"result": "18", "dx": "12", "dz/dy · dy/dx": "2 · 6 = 12"}),
    Case("treadmill", treadmill, {"result": "180", "da": "3.6", "db": "60", "dc": "150", "dy": "1.2"}),
    Case("shopping", shopping, {"result": "1100", "dapple": "5.5", "dcount": "220", "dtax": "1000"}),
    Case(
        "shopping, two fruits",
        two_fruits,
        {"result": "715", "dapple": "2.2", "dapple_count": "110", "dorange": "3.3", "dorange_count": "165", "dtax": "650"},
    ),
    Case("gradient check", gradient_check, {"differences": "6.000000000012662", "backward": "6", "their difference": "1.27e-11"}),
    Case(
        "relu layer",
        relu,
        {
            "y": "[[1, 0], [0, 3]]",
            "stopped": "[[F, T], [T, F]]",
            "dx for dy = [[5, 6], [7, 8]]": "[[5, 0], [0, 8]]",
            "dy afterwards": "[[5, 6], [7, 8]]",
        },
    ),
    Case(
        "sigmoid in four nodes, x = 0.42",
        four_nodes,
        {
            "y": "0.60348325",
            "local derivatives": "[-0.36419203, 1, 0.65704682, -1]",  # -y², 1, exp(-x), -1
            "their product": "0.23929122",
            "y(1 - y)": "0.23929122",
            "dx": "0.23929122",
        },
    ),
    Case(
        "layers, as functions and as classes",
        layers,
        {
            "mul": "forward, backward, Mul",
            "add": "forward, backward, Add",
            "relu": "forward, backward, Relu",
            "sigmoid": "forward, backward, Sigmoid",
            "affine": "forward, backward, Affine",
            "cross_entropy": "forward, backward, CrossEntropy",
            "dropout": "forward, backward, Dropout",
        },
    ),
    Case(
        "update rules: w = 1, g = 0.5, lr = 0.1",
        updates,
        {
            "sgd": "0.95",  # 1 - 0.1*0.5
            "momentum, v = 0.2": "[1.13, 0.13]",  # 0.9*0.2 - 0.05 = 0.13
            "nesterov, v = 0.2": "[1.067, 0.13]",  # 1 + 0.9*0.13 - 0.05
            "adagrad, h = 0.75": "[0.950000005, 1]",  # 1 - 0.05/(sqrt(0.75 + 0.25) + 1e-7)
            "rmsprop, s = 0.25, rho = 1/2": "[0.900000002, 0.25]",  # 1 - 0.05/(sqrt(0.125 + 0.125) + 1e-8)
            "adam, first step": "[0.900000002, 0.05, 0.00025]",  # 1 - 0.1*0.5/(0.5 + 1e-8)
            "adamw, first step": "[0.899000002, 0.05, 0.00025]",  # 1 - 0.1*0.01 - 0.1*0.5/(0.5 + 1e-8)
        },
    ),
)
