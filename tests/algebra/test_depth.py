"""Depth: what the algebra finds out about one block holds for all of them, so work grows with depth no faster than the text."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

import symbp
from symbp.algebra.merging import merged_hidden
from symbp.algebra.proof import proved
from symbp.algebra.search import searched, simplest_hidden
from symbp.algebra.stable import _stable_hidden
from symbp.language import read
from symbp.layer import Layer

SEARCHES = (searched, simplest_hidden, merged_hidden, _stable_hidden, proved)

BLOCKS = """
norm(x, *, g, c):
    mu[...]  = mean(x[...,d], d)
    v[...]   = mean((x[...,d] - mu[...])**2, d)
    y[...,d] = g[d]*(x[...,d] - mu[...])/sqrt(v[...] + 1e-5) + c[d]
gate(x): y = x*(1 + erf(x/sqrt(2)))/2
"""


def network(layers: int, activation: str = "sigmoid") -> Layer:
    """affine and activation by turns, then cross entropy."""
    parameters = ", ".join(f"W{k}, b{k}" for k in range(1, layers + 1))
    lines = [f"network(x, t, *, {parameters}):"]
    before = "x"
    for k in range(1, layers):
        lines += [f"    z{k} = affine({before}, W{k}, b{k})", f"    a{k}[n,h] = {activation}(z{k}[n,h])"]
        before = f"a{k}"
    lines += [f"    z{layers} = affine({before}, W{layers}, b{layers})", f"    L = cross_entropy(z{layers}, t)"]
    return symbp.layer("\n".join(lines))


def transformer(blocks: int) -> Layer:
    """Pre-norm blocks: attention over heads as axes, then two affine layers."""
    names = [f"{name}{k}" for k in range(1, blocks + 1) for name in ("g", "c", "Q", "K", "V", "O", "gg", "cc", "A", "p", "B", "q")]
    lines = [f"transformer(x0, *, {', '.join(names)}):"]
    for k in range(1, blocks + 1):
        lines += block(f"x{k - 1}", k)
    return Layer(read(BLOCKS + "\n".join(lines), {name: symbp.catalog[name].definition for name in ("affine", "softmax")})[-1])


def block(x: str, k: int) -> list[str]:
    return [
        f"    n{k} = norm({x}, g{k}, c{k})",
        *(f"    {a}{k}[b,h,t,d] = sum(n{k}[b,t,m]*{w}{k}[m,h,d], m)" for a, w in (("key", "K"), ("query", "Q"), ("value", "V"))),
        f"    s{k}[b,h,i,j] = where(j <= i, sum(query{k}[b,h,i,d]*key{k}[b,h,j,d], d)/sqrt(size(d)), -inf)",
        f"    w{k} = softmax(s{k})",
        f"    o{k}[b,h,i,d] = sum(w{k}[b,h,i,j]*value{k}[b,h,j,d], j)",
        f"    r{k}[b,t,m] = {x}[b,t,m] + sum(o{k}[b,h,t,d]*O{k}[h,d,m], h, d)",
        f"    m{k} = norm(r{k}, gg{k}, cc{k})",
        f"    f{k} = affine(m{k}, A{k}, p{k})",
        f"    u{k}[b,t,f] = gate(f{k}[b,t,f])",
        f"    l{k} = affine(u{k}, B{k}, q{k})",
        f"    x{k}[b,t,m] = r{k}[b,t,m] + l{k}[b,t,m]",
    ]


@pytest.fixture
def forgotten() -> Iterator[None]:
    for search in SEARCHES:
        search.cache_clear()
    yield


def searches() -> int:
    """How many expressions have been searched, merged, stabilised or proved, rather than looked up."""
    return sum(search.cache_info().misses for search in SEARCHES)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_a_deeper_network_asks_the_algebra_nothing_new(activation: str, forgotten: None) -> None:
    network(4, activation).source()
    known = searches()
    network(9, activation).source()
    assert known > 10 and searches() == known


def test_the_second_block_of_a_transformer_costs_the_algebra_a_few_questions_and_the_third_and_fourth_none(forgotten: None) -> None:
    counts = []
    for blocks in (1, 2, 4):
        transformer(blocks).source()
        counts.append(searches())
    one, two, four = counts
    assert two - one < one / 10  # between blocks a cotangent comes from elsewhere
    assert four == two


def calls(work: Callable[[], object]) -> int:
    """How many functions are called: a measure of work that is the same on every machine."""
    count = 0

    def counting(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_work_grows_linearly_with_depth() -> None:
    def work(layers: int) -> tuple[int, int]:
        layer = network(layers)
        return calls(lambda: layer.derivation), calls(layer.source)

    work(32)  # what SymPy remembers of short names is no concern of the test
    for eight, sixteen, thirtytwo in zip(*map(work, (8, 16, 32)), strict=True):
        assert thirtytwo - sixteen < 2.4 * (sixteen - eight)


def test_a_network_of_a_hundred_layers_has_a_module() -> None:
    source = network(100, "tanh").source()
    assert source.count("np.tanh") == 99 and "dz1 = da1 * (1 - " in source


# ---------------------------------------------------------------- a memory may only save time


def sources(*layers: Layer) -> list[str]:
    return [layer.source() for layer in layers]


def test_what_was_derived_before_does_not_change_a_module(forgotten: None) -> None:
    alone = network(3).source()
    for search in SEARCHES:
        search.cache_clear()
    others = [symbp.catalog[name] for name in ("two_layer_net", "softplus", "bce_with_logits", "adam")]
    sources(*(Layer(other.definition) for other in others), network(5), network(4, "relu"))
    assert network(3).source() == alone


def test_the_names_in_a_layer_do_not_change_its_form() -> None:
    plain = symbp.layer("f(x, w): y[n] = sigmoid(sum(x[n,i]*w[i], i))").source()
    other = symbp.layer("f(zeta, alpha): y[n] = sigmoid(sum(zeta[n,q]*alpha[q], q))").source()

    def renamed(line: str) -> str:
        return line.replace("zeta", "x").replace("alpha", "w").replace("Q", "I")

    assert computed(plain) and computed(plain) == [renamed(line) for line in computed(other)]


def computed(source: str) -> list[str]:
    """The lines that compute an equation."""
    return [line for line in source.splitlines() if re.search(r"# \(\d+\)$", line)]
