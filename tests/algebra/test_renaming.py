"""Expressions under names that say nothing: equal up to names is equal, and the way back is exact."""

from __future__ import annotations

import pytest
from sympy import Expr, exp

from symbp.algebra.match import canonical
from symbp.algebra.renaming import Renaming
from symbp.ir import Cotangent, Derived, Element, Index, Leading, Reduce, Size, Tensor


def product(matrix: str, vector: str, row: str, column: str) -> Expr:
    """sum over columns of matrix times vector."""
    rows, columns = Size(row.upper()), Size(column.upper())
    i, k = Index(row, rows), Index(column, columns)
    return Reduce("sum", Element(Tensor(matrix, (rows, columns)), i, k) * Element(Tensor(vector, (columns,)), k), k)


def hidden(expr: Expr) -> Expr:
    return Renaming.of([expr]).hidden(expr)


def test_expressions_that_differ_in_names_alone_become_equal() -> None:
    assert hidden(product("W", "x", "i", "k")) == hidden(product("a", "b", "m", "n"))


def test_expressions_of_another_kind_stay_different() -> None:
    x = Element(Tensor("x", (Size("N"),)), Index("n", Size("N")))
    others = (
        Element(Tensor("x", (Size("N"),), positive=True), Index("n", Size("N"))),
        Element(Tensor("x", (Size("N"),), "integer"), Index("n", Size("N"))),
        Element(Cotangent("x", (Size("N"),)), Index("n", Size("N"))),
        Element(Tensor("x", (Leading("..."),)), Index("...", Leading("..."))),
        exp(x),
    )
    assert len({hidden(expr) for expr in (x, *others)}) == 6


def test_a_tensor_that_stands_twice_is_no_two_tensors() -> None:
    n = Index("n", Size("N"))
    x, y = (Element(Tensor(name, (Size("N"),)), n) for name in "xy")
    assert hidden(x * exp(x)) != hidden(x * exp(y))


DOTS = Leading("...", (Leading("...a"), Leading("...b")))
WINDOW = Derived("OH", Size("H") - Size("KH") + 1)
EXPRESSIONS = {
    "a matrix product": product("W", "x", "i", "k"),
    "canonical bound indices": canonical(product("W", "x", "i", "k")),
    "an index that is bound in one place and free in another": product("W", "x", "i", "k") * Element(Tensor("v"), Index("k", Size("K"))),
    "leading axes that broadcast": Element(Tensor("a", (DOTS,)), Index("...", DOTS)),
    "a length that follows from others": Element(Tensor("y", (WINDOW,)), Index("oh", WINDOW)) + WINDOW,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_way_there_and_back_ends_where_it_began(name: str) -> None:
    names = Renaming.of([EXPRESSIONS[name]])
    changed = names.hidden(EXPRESSIONS[name])
    assert changed != EXPRESSIONS[name]
    assert names.shown(changed + 1) == EXPRESSIONS[name] + 1


def test_indices_that_a_canonical_form_names_follow_their_sizes_back() -> None:
    names = Renaming.of([product("W", "x", "i", "k")])
    found = canonical(names.hidden(product("W", "x", "i", "k")))
    assert names.shown(found) == canonical(product("W", "x", "i", "k"))


def test_a_name_that_the_renaming_does_not_know_is_no_name_to_show() -> None:
    with pytest.raises(KeyError):
        Renaming.of([product("W", "x", "i", "k")]).shown(Element(Tensor("stranger")))
