"""Local derivatives and the chain rule, in words."""

from __future__ import annotations

import pytest
import sympy

from symbp.calculus import derive
from symbp.calculus.local import partials
from symbp.errors import DeriveError
from symbp.ir import Element, Tensor
from symbp.language import read


def derived(text: str) -> dict[str, str]:
    definition = read(text)[-1]
    backward = derive(definition.program, definition.nodes).backward
    return {e.name: str(e.value) for e in backward.equations}


def test_a_value_used_twice_accumulates_its_cotangents() -> None:
    assert derived("f(x): u[n] = 3*x[n]; y[n] = 5*u[n] + u[n]**2") == {"du": "(2*u[n] + 5)*dy[n]", "dx": "3*du[n]"}


def test_a_product_sends_back_the_other_sides_value() -> None:
    assert derived("f(a, b): y[n] = a[n]*b[n]") == {"da": "dy[n]*b[n]", "db": "dy[n]*a[n]"}


def test_a_gather_scatters_its_cotangent_by_a_bracket() -> None:
    assert derived("f(E, t): y[n,d] = E[t[n],d]")["dE"] == "sum([e0 == t[n]]*dy[n,d], n)"


def test_an_axis_that_the_operand_lacks_is_summed() -> None:
    assert derived("f(b, x): y[n,k] = x[n,k] + b[k]")["db"] == "sum(dy[n,k], n)"


def test_a_maximum_sends_its_cotangent_to_the_saved_position() -> None:
    definition = read("f(x): y[n] = max(x[n,k], k)")[0]
    derivation = derive(definition.program, definition.nodes)
    assert [e.name for e in derivation.forward.equations] == ["y_argmax", "y"]
    assert str(derivation.backward.equations[-1].value) == "[k == y_argmax[n]]*dy[n]"


def test_an_input_that_no_output_depends_on_has_gradient_zero() -> None:
    assert derived("f(x, z): y[n] = where(z[n] > 0, x[n], 2*x[n])")["dz"] == "0"


def test_a_gradient_stays_inside_the_branch_it_belongs_to() -> None:
    assert derived("f(x): y[n] = where(x[n] > 0, log(x[n]), 0)")["dx"] == "where(x[n] > 0, dy[n]/x[n], 0)"


def test_at_a_kink_relu_takes_its_first_argument() -> None:
    assert derived("relu(x): y[n] = maximum(0, x[n])")["dx"] == "where(0 >= x[n], 0, dy[n])"


def test_the_sign_function_is_flat_on_both_sides() -> None:
    assert derived("f(x): y[n] = x[n]*sign(x[n])")["dx"] == "sign(x[n])*dy[n]"


def test_a_function_without_a_derivative_raises_and_is_named() -> None:
    element = Element(Tensor("x"))
    with pytest.raises(DeriveError, match=r"^f, equation 1: .*floor"):
        partials(sympy.floor(element), "f, equation 1: y")
