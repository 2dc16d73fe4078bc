"""The nodes of an equation: what makes them equal, what they simplify to, and names of bound indices."""

import pytest
import sympy
from sympy import Integer

from symbp.ir import (
    Bracket,
    Broadcast,
    Element,
    Index,
    Leading,
    Reduce,
    Size,
    Tensor,
    Where,
    elements,
    free_indices,
    fresh,
    leaves,
    numbering,
    readable,
    reductions,
    rename_bound,
    stem,
)
from symbp.ir.functions import expand_stable, expm1, log1p, logaddexp

NI, NJ = Size("I"), Size("J")
i, j, k = Index("i", NI), Index("j", NJ), Index("k", NI)
x, A, t = Tensor("x", (NI,)), Tensor("A", (NI, NJ)), Tensor("t", (NI,), "integer")


def total(body, *indices):
    return Reduce("sum", body, *indices)


def test_symbols_of_different_kinds_with_one_name_are_different():
    assert len({Size("n"), Index("n", NI), Tensor("n"), sympy.Symbol("n")}) == 4


def test_an_index_is_known_by_its_name_and_its_size():
    assert Index("i", NI) == i and Index("i", NJ) != i


def test_a_tensor_is_known_by_name_shape_kind_and_sign():
    assert Tensor("x", (NI,)) == x
    assert len({x, Tensor("x", (NJ,)), Tensor("x", (NI,), "integer"), Tensor("x", (NI,), positive=True)}) == 4


def test_a_leading_is_known_by_what_it_is_broadcast_from():
    assert Leading() == Leading("...") and Leading("...", (Leading("...a"),)) != Leading()


def test_a_replaced_index_keeps_its_size():
    assert Element(A, i, j).xreplace({i: k}).position[0].size == NI


def test_a_bracket_is_decided_where_it_can_be():
    assert Bracket(i, i) == 1
    assert Bracket(Integer(1), Integer(2)) == 0
    assert Bracket(i, k) == Bracket(k, i)


def test_a_power_of_a_bracket_is_the_bracket():
    assert Bracket(i, k) ** 3 == Bracket(i, k)


def test_a_where_is_decided_where_it_can_be():
    a, b = Element(x, i), Element(x, k)
    assert Where(sympy.true, a, b) == a and Where(sympy.false, a, b) == b
    assert Where(a > b, a, a) == a


def test_a_broadcast_over_all_of_its_index_is_the_index():
    dots = Leading("...")
    rest = Index("...", dots)
    assert Broadcast(rest, dots) == rest
    assert isinstance(Broadcast(rest, Leading("...a")), Broadcast)


def test_an_element_is_opaque_to_differentiation():
    assert Element(x, i).diff(sympy.Symbol("i")) == 0


def test_signs_are_those_of_the_head():
    p = Element(Tensor("p", (NI,), positive=True), i)
    assert p.is_positive and total(p, i).is_positive and Where(i > 0, p, 2 * p).is_positive
    assert Element(x, i).is_positive is None
    assert Element(t, i).is_integer


def test_leaves_are_the_outermost_reads():
    reduction = total(Element(A, i, j), j)
    assert set(leaves(reduction + Element(x, Element(t, i)))) == {reduction, Element(x, Element(t, i))}


def test_elements_are_found_inside_reductions_and_positions():
    assert set(elements(total(Element(x, Element(t, i)), i))) == {Element(t, i), Element(x, Element(t, i))}


def test_bound_indices_are_not_free():
    assert free_indices(Element(x, i) * total(Element(A, k, j), j)) == (i, k)


def test_reductions_are_found_inside_reductions():
    inner = total(Element(A, i, j), j)
    assert set(reductions(total(inner**2, i))) == {inner, total(inner**2, i)}


def test_fresh_indices_are_numbered_from_one_in_each_block():
    for _ in range(2):
        with numbering():
            assert [fresh(i).name, fresh(fresh(j)).name] == ["i'1", "j'3"]


def test_an_inner_block_goes_on_counting():
    with numbering():
        fresh(i)
        with numbering():
            assert fresh(i).name == "i'2"


def test_a_fresh_index_outside_a_block_is_refused():
    with pytest.raises(AssertionError, match=r"^fresh indices are made inside"):
        fresh(i)


def test_the_stem_is_the_name_that_the_user_gave():
    with numbering():
        assert stem(fresh(i)) == "i" and stem(i) == "i"


def test_renaming_gives_every_reduction_an_index_of_its_own():
    product = total(Element(x, i), i) * total(Element(x, i) ** 2, i)
    with numbering():
        bound = [r.indices[0] for r in reductions(rename_bound(product))]
    assert len(set(bound)) == 2 and all(stem(b) == "i" and b != i for b in bound)


def test_renaming_leaves_free_indices_alone():
    with numbering():
        assert free_indices(rename_bound(total(Element(A, i, j), j))) == (i,)


def test_renaming_reaches_nested_reductions():
    nested = total(Element(x, i) * total(Element(A, i, j), j), i)
    with numbering():
        outer = rename_bound(nested)
    inner = outer.body.atoms(Reduce).pop()
    assert inner.body.position[0] == outer.indices[0] and inner.body.position[1] == inner.indices[0]


def test_readable_undoes_fresh_names():
    with numbering():
        assert readable(rename_bound(total(Element(x, i), i))) == total(Element(x, i), i)


def test_readable_numbers_a_name_that_is_free_around_it():
    with numbering():
        value = Element(x, i) * rename_bound(total(Element(x, i), i))
    assert readable(value, frozenset({"i"})) == Element(x, i) * total(Element(x, Index("i2", NI)), Index("i2", NI))


def test_readable_numbers_one_of_two_nested_indices_of_one_name():
    with numbering():
        outer, inner = fresh(i), fresh(i)
        value = readable(total(Element(x, outer) * total(Element(x, inner), inner), outer))
    second = Index("i2", NI)
    assert value == total(Element(x, i) * total(Element(x, second), second), i)


def test_readable_is_not_captured_by_an_index_bound_further_in():
    with numbering():
        outer = fresh(i)
    value = readable(total(Element(x, outer) * total(Element(x, outer) * Element(x, i), i), outer))
    bound, inner = value.indices[0], value.body.atoms(Reduce).pop()
    assert bound != inner.indices[0]
    assert set(inner.body.args) == {Element(x, bound), Element(x, inner.indices[0])}


def test_readable_leaves_the_users_names():
    nested = total(total(Element(A, i, j), j) ** 2, i)
    assert readable(nested) == nested


def test_nodes_print_as_they_are_written():
    assert str(total(Element(A, i, j), j)) == "sum(A[i,j], j)"
    assert str(Where(Element(x, i) > 0, Element(x, i), 0)) == "where(x[i] > 0, x[i], 0)"
    assert str(Bracket(i, k)) == "[i == k]"
    assert str(Element(Tensor("s"))) == "s"


def test_a_stable_function_is_its_definition():
    a, b = Element(x, i), Element(x, k)
    assert expand_stable(log1p(expm1(a))) == sympy.log(sympy.exp(a))
    assert expand_stable(logaddexp(a, b)) == sympy.log(sympy.exp(a) + sympy.exp(b))
