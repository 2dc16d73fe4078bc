"""The passes of the algebra: named, in one order, each of use by itself."""

from __future__ import annotations

import inspect

import symbp
from symbp.algebra import output_form, simplify
from symbp.algebra.simplify import PASSES
from symbp.calculus import derive


def test_every_pass_says_its_rule() -> None:
    assert all(inspect.getdoc(one) for one in PASSES)


def test_equations_are_simplified_by_themselves_before_they_are_put_into_one_another() -> None:
    names = [one.__name__ for one in PASSES]
    assert names.index("each_by_itself") < names.index("without_detours")


def test_simplifying_what_is_simplified_changes_nothing() -> None:
    for name in ("sigmoid", "softmax", "cross_entropy", "two_layer_net"):
        definition = symbp.catalog[name].definition
        once = simplify(derive(definition.program, definition.nodes, output_form))
        assert [str(e.value) for e in simplify(once).backward.equations] == [str(e.value) for e in once.backward.equations]


def test_a_cotangent_that_several_equations_read_keeps_its_name() -> None:
    layer = symbp.layer("f(x, y, z): s = x + exp(y); a = s*x; b = s*z")
    assert "ds" in {e.name for e in layer.derivation.backward.equations}
