"""Every line of every derivation of the catalog is true, at all three depths; and a line that is not true is found."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
from explain.points import Point, close, point, slope, slope_and_cotangents
from explain.truth import Claim, claims, counted, unequal_sums, untrue
from sympy import Add, Expr

from symbp.catalog import catalog
from symbp.check.exact import Sparse
from symbp.explain.document import DEPTHS, document
from symbp.explain.lines import Partial
from symbp.ir import Element, Index, Size, free_indices
from symbp.ir.derivation import Fact, Phrase


@pytest.mark.parametrize("name", list(catalog))
def test_every_line_of_a_layer_is_true(name: str, record_property: Callable[[str, object], None]) -> None:
    derivation = catalog[name].traced
    here = point(derivation)
    for program in (derivation.nodes, derivation.forward):
        assert close(*slope_and_cotangents(here, program)), f"the cotangents of {name}"
    found = [claims(document(derivation, depth), derivation) for depth in DEPTHS]
    lines = [claim for of_depth in found for claim in of_depth]
    record_property("lines checked", dict(counted(lines)))
    assert not list(untrue(here, dict.fromkeys(lines)))
    assert not [fault for of_depth in found for fault in unequal_sums(here, of_depth)]


# ---------------------------------------------------------------- what is not true is found

SMOOTH = ("sigmoid", "softmax", "layer_norm", "gelu_tanh", "attention", "lstm_cell", "mse")


def lines_of(name: str, depth: str) -> tuple[Point, tuple[Claim, ...]]:
    derivation = catalog[name].traced
    return point(derivation), claims(document(derivation, depth), derivation)


def with_last(claim: Claim, side: Expr) -> Claim:
    return replace(claim, sides=(*claim.sides[:-1], side))


def compared(found: Iterable[Claim]) -> list[Claim]:
    """The lines that say an expression to be equal to something."""
    least = {"contribution": 3}
    return [c for c in found if len(c.sides) >= least.get(c.line.kind, 2) and isinstance(c.sides[-1], Expr)]


def is_zero(here: Point, expr: Expr) -> bool:
    """Somewhere: a term behind a mask."""
    places = itertools.product(*(list(here.machine.places(i)) for i in free_indices(expr)))
    return any(close(here.value(expr, dict(zip(free_indices(expr), place, strict=True))), 0) for place in places)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("depth", DEPTHS)
def test_a_wrong_sign_is_found_in_every_line(name: str, depth: str) -> None:
    here, found = lines_of(name, depth)
    spoiled = [with_last(claim, -claim.sides[-1]) for claim in compared(found) if not is_zero(here, claim.sides[-1])]
    assert spoiled and not [claim for claim in spoiled if not list(untrue(here, [claim]))]


@pytest.mark.parametrize("name", SMOOTH)
def test_a_dropped_term_is_found_in_every_line(name: str) -> None:
    here, found = lines_of(name, "equations")
    terms = [(claim, term) for claim in compared(found) for term in Add.make_args(claim.sides[-1]) if not is_zero(here, term)]
    spoiled = [with_last(claim, claim.sides[-1] - term) for claim, term in terms]
    assert spoiled and not [claim for claim in spoiled if not list(untrue(here, [claim]))]


def test_a_contribution_that_is_left_out_is_found() -> None:
    here, found = lines_of("softmax", "nodes")
    assert not list(unequal_sums(here, found))
    for left_out in [claim for claim in found if claim.line.kind == "contribution"]:
        assert list(unequal_sums(here, [claim for claim in found if claim is not left_out]))


def test_a_wrong_fact_is_found() -> None:
    here, found = lines_of("softmax", "nodes")
    claim = next(claim for claim in found if any(isinstance(thing, Fact) for phrase in claim.line.why for thing in phrase.about))
    fact = next(thing for phrase in claim.line.why for thing in phrase.about if isinstance(thing, Fact))
    wrong = replace(claim.line, why=(Phrase("by", (replace(fact, right=2 * fact.right),)),))
    assert not list(untrue(here, [claim])) and list(untrue(here, [replace(claim, line=wrong)]))


def test_an_index_from_nowhere_is_found() -> None:
    here, found = lines_of("softmax", "nodes")
    stray = Index("m", Size("M"))
    assert any("no m on the left" in fault for fault in untrue(here, [with_last(found[0], found[0].sides[-1] * stray)]))


@pytest.mark.parametrize("name", SMOOTH)
def test_a_wrong_cotangent_is_found(name: str) -> None:
    derivation = catalog[name].traced
    here = point(derivation)
    for wrong in (e.name for e in derivation.node_backward.equations):
        tables = {**here.machine.values, wrong: here.machine.values[wrong] * 2}
        spoiled = replace(here, machine=Sparse(tables, here.machine.lengths, here.machine.constants))
        assert is_zero_table(tables[wrong]) or not close(*slope_and_cotangents(spoiled, derivation.nodes)), wrong


def is_zero_table(table: np.ndarray) -> bool:
    return all(close(value, 0) for value in table.ravel())


def test_a_partial_derivative_is_by_its_operand_alone() -> None:
    derivation = catalog["silu"].traced
    here, (sigmoid, product) = point(derivation), derivation.forward.equations
    x = Element(derivation.forward.inputs[0], *sigmoid.target.position)
    at = {i: next(iter(here.machine.places(i))) for i in free_indices(x)}
    assert close(slope(here, Partial(product.target, x), derivation.forward, at), here.value(sigmoid.target, at))
