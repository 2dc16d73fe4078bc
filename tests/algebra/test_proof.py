"""What is proved, and from what: the facts that are cited and nothing else."""

from __future__ import annotations

import pytest
import sympy
from sympy import Expr, exp

from symbp.algebra.proof import proved
from symbp.ir import Constant, Derived, Element, Equation, Index, Reduce, Size, Tensor, Where

N = Size("N")
n, m = Index("n", N), Index("m", N)


def at(name: str, *position: Index, **sign: bool) -> Element:
    return Element(Tensor(name, tuple(i.size for i in position), **sign), *position)


x, y, z = at("x", n), at("y", n, positive=True), at("z", n)
d = Element(Tensor("dx", (N,)), n)
SIGMOID = Equation(y, 1 / (1 + exp(-x)))


def test_a_rewrite_is_proved_by_the_fact_that_it_cites() -> None:
    assert proved(exp(-x), 1 / y - 1, d, (SIGMOID,)) == "exact"


def test_a_rewrite_is_refused_without_the_fact_that_it_needs() -> None:
    assert proved(exp(-x), 1 / y - 1, d, ()) is None


def test_a_wrong_rewrite_is_refused() -> None:
    assert proved(exp(-x), 1 / y + 1, d, (SIGMOID,)) is None


def test_sums_are_proved_at_points() -> None:
    both = Reduce("sum", at("x", m) + at("z", m), m)
    apart = Reduce("sum", at("x", m), m) + Reduce("sum", at("z", m), m)
    assert proved(both, apart, d, ()) == "numerical"
    assert proved(both, 2 * apart, d, ()) is None


def test_names_of_bound_indices_are_no_rewrite() -> None:
    assert proved(Reduce("sum", x, n), Reduce("sum", at("x", m), m), Element(Tensor("ds")), ()) == "identical"


def test_what_holds_for_positive_values_is_proved_for_positive_tensors_alone() -> None:
    root = sympy.sqrt(z**2)
    assert proved(Where(z > 0, z, -z), root, d, ()) is not None
    assert proved(Reduce("sum", sympy.Abs(at("y", m, positive=True)), m), Reduce("sum", at("y", m, positive=True), m), d, ()) is not None
    assert proved(Reduce("sum", sympy.Abs(at("z", m)), m), Reduce("sum", at("z", m), m), d, ()) is None


def test_a_length_that_no_tensor_has_is_drawn_too() -> None:
    size = Size("K")
    ones = Reduce("sum", x * Index("k", size), Index("k", size))
    assert proved(ones, x * size * (size - 1) / 2, d, ()) == "numerical"


def test_a_constant_has_its_default() -> None:
    alpha = Constant("alpha")
    sides: tuple[Expr, Expr] = Reduce("sum", alpha * x, n), alpha * Reduce("sum", x, n)
    assert proved(*sides, Element(Tensor("ds")), (), ((alpha, sympy.Rational(1, 3)),)) == "numerical"


def test_lengths_that_follow_from_others_fit() -> None:
    height, kernel = Size("H"), Size("KH")
    out = Derived("OH", height - kernel + 1)
    o, k = Index("o", out), Index("k", kernel)
    window = Element(Tensor("image", (height,)), o + k) * Element(Tensor("w", (kernel,)), k)
    twice = Reduce("sum", 2 * window, k)
    assert proved(twice, 2 * Reduce("sum", window, k), Element(Tensor("y", (out,)), o), ()) == "numerical"


@pytest.mark.parametrize("length", [sympy.Integer(3), sympy.Integer(4)])
def test_an_axis_of_a_given_length_has_it(length: sympy.Integer) -> None:
    i = Index("i", length)
    total = Reduce("sum", i * Element(Tensor("v", (length,)), i), i)
    written_out = sympy.Add(*(k * Element(Tensor("v", (length,)), sympy.Integer(k)) for k in range(int(length))))
    assert proved(total, written_out, Element(Tensor("ds")), ()) == "numerical"


SIZES = [Size(name) for name in "ABCD"]


@pytest.mark.parametrize("one", SIZES)
@pytest.mark.parametrize("other", SIZES)
def test_what_holds_for_one_length_is_not_proved_for_another(one: Size, other: Size) -> None:
    everywhere = Element(Tensor("w", tuple(SIZES)), *(Index(size.name.lower(), size) for size in SIZES))
    target = Element(Tensor("y", tuple(SIZES)), *everywhere.position)
    ones = Reduce("sum", Where(Index("k", one) >= 0, 1, 0), Index("k", one))
    proof = proved(everywhere * ones, everywhere * other, target, ())
    assert (proof is not None) == (one == other)
