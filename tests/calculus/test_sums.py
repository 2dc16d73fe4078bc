"""Sums over an index that a bracket or a condition fixes, and reads that are sure to lie inside."""

from __future__ import annotations

import pytest
import sympy
from sympy import Expr, Integer, exp, floor

from symbp.calculus import placed, total
from symbp.calculus.inside import without_padding
from symbp.calculus.local import partials
from symbp.calculus.sums import pull
from symbp.errors import DeriveError
from symbp.ir import Bracket, Constant, Derived, Element, Equation, Index, Padded, Program, Reduce, Size, Tensor, Where, numbering

H, N, P = map(Size, "HNP")
s, c = Constant("s"), Constant("c")
h, i, p = Index("h", H), Index("i", N), Index("p", P)
x, z, y, f = Tensor("x", (H,)), Tensor("z", (H,)), Tensor("y", (N,)), Tensor("f", (P,))
t = Tensor("t", (N,), "integer")
X, Z, Y, F = Element(x, h), Element(z, h), Element(y, i), Element(f, p)


def summed(body: Expr, *indices: Index) -> str:
    with numbering():
        return str(total(body, indices))


def sent(leaf: Expr, weight: Expr) -> str:
    """What arrives at x[h] of a weight that is sent to the leaf."""
    with numbering():
        return str(pull(leaf, (h,), weight)).replace("'", "")


def test_the_sum_over_a_place_that_a_window_meets_reads_the_window() -> None:
    assert summed(X * Bracket(h, i * s + p) * F, h) == "f[p]*pad(x[s*i + p])"


def test_a_sum_that_a_window_is_added_up_in_stays() -> None:
    assert sent(Element(x, i * s + p), Y * F) == "sum([h == s*i1 + p2]*f[p2]*y[i1], i1, p2)"


def test_one_index_alone_is_solved_for() -> None:
    assert sent(Element(x, i + 1), Y) == "pad(y[h - 1])"
    assert sent(Element(x, N - 1 - i), Y) == "pad(y[-h + N - 1])"


def test_what_every_second_place_reads_is_no_shift() -> None:
    assert sent(Element(x, 2 * i), Y) == "sum([h == 2*i1]*y[i1], i1)"


def test_what_is_divided_by_is_one_outside() -> None:
    assert summed(X / Z**2 * Bracket(h, i * s + p), h) == "pad(x[s*i + p])/pad(z[s*i + p], 1)**2"


def test_what_is_not_zero_outside_is_not_read_there() -> None:
    assert summed(exp(X) * Bracket(h, i + 1), h) == "sum(exp(x[h])*[h == i + 1], h)"


def test_a_value_that_may_be_infinite_outside_is_not_read_there() -> None:
    assert summed(X * Bracket(h, i + 1) / (Z - Z**2), h) == "sum([h == i + 1]*x[h]/(-z[h]**2 + z[h]), h)"


def test_a_value_is_not_read_at_places_that_forward_never_reads() -> None:
    assert sent(Element(x, i + 1), Y / Element(x, i + 1)) == "sum([h == i1 + 1]*y[i1]/x[i1 + 1], i1)"


def test_what_is_read_where_a_cotangent_arrives_stands_at_that_place() -> None:
    assert sent(Element(x, i * s + p), Y * Element(x, i * s + p)) == "x[h]*sum([h == s*i1 + p2]*y[i1], i1, p2)"


def test_a_condition_that_leaves_one_value_is_a_bracket() -> None:
    assert summed(Where(sympy.Eq(h, Index("k", H)), X, 0) * Z, h) == "x[k]*z[k]"
    assert summed(Where(sympy.Eq(h, i), X, 0) * Z, h) == "pad(x[i])*pad(z[i])"  # the other axis may be the longer one


def test_the_first_place_of_an_axis_may_be_missing() -> None:
    assert summed(Where(sympy.Eq(h, 0), X, 0), h) == "pad(x[0])"


def test_no_place_before_the_first_is_met() -> None:
    assert placed(Bracket(h, i - 1), {i: Integer(0)}) == 0
    assert placed(Padded(Element(x, i - 1), 7), {i: Integer(0)}) == 7
    assert placed(Bracket(h, i), {i: Integer(-1)}) == Bracket(h, -1)


def test_a_comparison_that_positions_decide_is_decided() -> None:
    k = Index("k", H)
    assert placed(Where(sympy.Eq(h, H - 1), X, Z), {h: k - 1}) == Element(z, k - 1)
    assert placed(Where(h < H, X, Z), {h: k}) == Element(x, k)


def test_a_window_is_not_read_at_positions_from_a_tensor() -> None:
    body = Bracket(h, i + p) * Bracket(p, Element(t, i)) * Y
    assert summed(body, p, i) == "sum([h == i + p]*[p == t[i]]*y[i], p, i)"


def test_padding_that_never_matters_is_left_out_as_in_forward() -> None:
    forward = Program("f", (x,), (Equation(Element(y, i), Element(x, i + c)),), (y,))
    value = Reduce("sum", Padded(Element(x, i + c)) * Padded(Element(x, i + 2)), i)
    backward = Program("g", (x,), (Equation(Element(Tensor("d")), value),), ())
    assert str(without_padding(backward, forward).equations[0].value) == "sum(x[c + i]*pad(x[i + 2]), i)"


@pytest.mark.parametrize(
    ("position", "inside"),
    [
        (Index("i", Derived("I", floor((H - P) / s) + 1)) * s + p, True),
        (Index("i", Derived("I", floor((H + 2 * c - P) / s) + 1)) * s + p - c, False),
        (H - 1 - h, True),
        (h - 1, False),
        (h + 1, False),
        (Integer(0), False),
        (Integer(-1), False),
    ],
    ids=str,
)
def test_padding_is_left_out_where_the_lengths_say_so(position: Expr, inside: bool) -> None:
    backward = Program("g", (x,), (Equation(Element(Tensor("d")), Padded(Element(x, position))),), ())
    value = without_padding(backward, Program("f", (x,), (), ())).equations[0].value
    assert isinstance(value, Element) == inside


def test_what_pads_an_element_is_a_number() -> None:
    with pytest.raises(DeriveError, match=r"^f, equation 1: y: pad\(x\[h - 1\], z\[h\]\): what stands outside the array is a number"):
        partials(Padded(Element(x, h - 1), Z) ** 2, "f, equation 1: y")
