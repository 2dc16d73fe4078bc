"""The derivative by what forward computed: where it is less work and loses no digits, and a proof where there is no such form."""

from __future__ import annotations

import pytest
import sympy

import symbp
from symbp.algebra import output_form, simplify
from symbp.algebra.proof import proved
from symbp.calculus import derive
from symbp.ir import Constant, Element, Equation, Tensor, Where
from symbp.ir.derivation import Derivation, Step
from symbp.language import read
from symbp.layer import Layer

RULE = "no output form"


def simplified(text: str) -> Derivation:
    definition = read(text)[-1]
    return simplify(derive(definition.program, definition.nodes, output_form))


def derivative(text: str) -> str:
    return str(simplified(text).backward.equations[-1].value)


BY_OUTPUT = {
    "elu: y + alpha": ("f(x, alpha=1): y = where(x > 0, x, alpha*(exp(x) - 1))", "dy[...]*where(x[...] > 0, 1, alpha + y[...])"),
    "elu without alpha: y + 1": ("f(x): y = where(x > 0, x, exp(x) - 1)", "dy[...]*where(x[...] > 0, 1, y[...] + 1)"),
    "selu: y + scale alpha": (
        "f(x, scale=1.0507, alpha=1.67326): y = scale*where(x > 0, x, alpha*(exp(x) - 1))",
        "dy[...]*where(x[...] > 0, scale, alpha*scale + y[...])",
    ),
    "celu: y/alpha + 1": (
        "f(x, alpha=2): y = where(x > 0, x, alpha*(exp(x/alpha) - 1))",
        "dy[...]*where(x[...] > 0, 1, 1 + y[...]/alpha)",
    ),
    "softsign: (1 - |y|)^2": ("f(x): y = x/(1 + abs(x))", "(1 - Abs(y[...]))**2*dy[...]"),
    "x/(1 + x): (1 - y)^2": ("f(x): y = x/(1 + x)", "(1 - y[...])**2*dy[...]"),
    "a sigmoid by exp(x): y(1 - y)": ("f(x): y = exp(x)/(1 + exp(x))", "(1 - y[...])*dy[...]*y[...]"),
    "tanh in full: 1 - y^2": ("f(x): y = (exp(x) - exp(-x))/(exp(x) + exp(-x))", "(1 - y[...]**2)*dy[...]"),
    "sinh/cosh: 1 - y^2": ("f(x): y = sinh(x)/cosh(x)", "(1 - y[...]**2)*dy[...]"),
    "2 sigmoid(2x) - 1: 1 - y^2": ("f(x): y = 2/(1 + exp(-2*x)) - 1", "(1 - y[...]**2)*dy[...]"),
    "tanh(a x): a (1 - y^2)": ("f(x, a=3): y = tanh(a*x)", "a*(1 - y[...]**2)*dy[...]"),
    "log-sigmoid: 1 - exp(y)": ("f(x): y = -log(1 + exp(-x))", "(1 - exp(y[...]))*dy[...]"),
    "one over a root: -y^3/2": ("f(x): y = 1/sqrt(x)", "-dy[...]*y[...]**3/2"),
    "gaussian: -x y": ("f(x): y = exp(-x**2/2)", "-dy[...]*x[...]*y[...]"),
}

BY_INPUT = {
    "relu": ("f(x): y = maximum(0, x)", "where(0 >= x[...], 0, dy[...])"),
    "leaky relu": ("f(x, a=0.01): y = where(x > 0, x, a*x)", "dy[...]*where(x[...] > 0, 1, a)"),
    "sinh, for y^2 overflows before cosh(x) does": ("f(x): y = sinh(x)", "cosh(x[...])*dy[...]"),
    "atan, for cos is more work": ("f(x): y = atan(x)", "dy[...]/(x[...]**2 + 1)"),
    "asinh": ("f(x): y = asinh(x)", "dy[...]/sqrt(x[...]**2 + 1)"),
    "x/sqrt(1 + x^2), for 1 - y^2 may be rounded below 0": ("f(x): y = x/sqrt(1 + x**2)", "dy[...]/(x[...]**2 + 1)**(3/2)"),
    "cosh, whose inverse has two branches": ("f(x): y = cosh(x)", "sinh(x[...])*dy[...]"),
    "sin, whose inverse has many": ("f(x): y = sin(x)", "cos(x[...])*dy[...]"),
    "a square": ("f(x): y = x**2", "2*dy[...]*x[...]"),
    "exp(x) + 1000, which has lost the digits of exp(x)": ("f(x): y = exp(x) + 1000", "exp(x[...])*dy[...]"),
    "a sigmoid + 1000": ("f(x): y = 1000 + exp(x)/(1 + exp(x))", "exp(x[...])*dy[...]/(exp(x[...]) + 1)**2"),
    "a sigmoid of which data are subtracted": ("f(x, z): y[n] = exp(x[n]) - z[n]", "-dy[n]"),
}


@pytest.mark.parametrize("name", BY_OUTPUT)
def test_a_derivative_is_restated_by_the_output_where_that_is_less_work(name: str) -> None:
    text, expected = BY_OUTPUT[name]
    assert derivative(text) == expected


@pytest.mark.parametrize("name", BY_INPUT)
def test_a_derivative_stays_by_the_input_where_the_output_has_lost_digits_or_saves_nothing(name: str) -> None:
    text, expected = BY_INPUT[name]
    assert derivative(text) == expected


@pytest.mark.parametrize("name", [name for name in BY_OUTPUT if "gaussian" not in name])
def test_an_output_form_is_proved_exactly_case_by_case(name: str) -> None:
    steps = [step for step in simplified(BY_OUTPUT[name][0]).steps if step.rule == "output form"]
    assert steps and all(step.proof == "exact" and step.facts for step in steps)


ROUNDED = {"sinh/cosh: 1 - y^2", "2 sigmoid(2x) - 1: 1 - y^2"}  # whose forward, computed as written, overflows or cancels


@pytest.mark.parametrize("name", [name for name in BY_OUTPUT if name not in ROUNDED])
def test_the_module_of_an_output_form_checks(name: str) -> None:
    report = Layer(read(BY_OUTPUT[name][0])[0]).check()
    assert report, str(report)


def test_a_kink_is_told_from_the_output_where_that_saves_the_input() -> None:
    text = "f(x, W, V): z[n,k] = sum(x[n,i]*W[i,k], i); a[n,k] = maximum(0, z[n,k]); y[n,o] = sum(a[n,k]*V[k,o], k)"
    backward = simplified(text).backward
    assert str(backward.definitions["dz"].value) == "where(0 >= a[n,k], 0, da[n,k])"
    assert "z" not in backward.tensors


def test_a_kink_is_not_told_from_an_output_that_does_not_show_it() -> None:
    text = "f(x, W, V, s=0.1): z[n,k] = sum(x[n,i]*W[i,k], i); a[n,k] = where(z[n,k] > 0, z[n,k], s*z[n,k])\n"
    backward = simplified(text + "    y[n,o] = sum(a[n,k]*V[k,o], k)").backward
    assert "where(z[n,k] > 0, 1, s)" in str(backward.definitions["dz"].value)  # with s < 0 both branches are positive


# ---------------------------------------------------------------- proofs by cases

X, Y, ALPHA = Element(Tensor("x")), Element(Tensor("y")), Constant("alpha")


def test_a_choice_is_proved_branch_by_branch() -> None:
    relu = Equation(Y, Where(X > 0, X, 0))
    assert proved(Where(X > 0, X**2, 0), Y**2, Y, (relu,)) == "exact"
    assert proved(Where(X > 0, X**2, 1), Y**2, Y, (relu,)) is None


def test_an_absolute_value_is_proved_above_below_and_at_zero() -> None:
    assert proved(sympy.Abs(X) * sympy.sign(X), X, X, ()) == "exact"
    assert proved(sympy.sign(X) ** 2, sympy.Integer(1), X, ()) == "numerical"  # at 0 it is 0, where no random point falls


# ---------------------------------------------------------------- no output form

IMPOSSIBLE = {
    "silu": ("f(x): y = x/(1 + exp(-x))", "x, exp(-x)"),
    "swish": ("f(x, beta=1.5): y = x/(1 + exp(-beta*x))", "x, exp(-beta*x)"),
    "mish": ("f(x): y = x*tanh(log(1 + exp(x)))", "x, exp(x)"),
    "tanhshrink": ("f(x): y = x - tanh(x)", "x, exp(-x)"),
    "gaussian": ("f(x): y = exp(-x**2)", "x, exp(-x**2)"),
    "half exponents": ("f(x): y = x*exp(x/2) + exp(x)", "x, exp(x/2)"),
    "two exponentials": ("f(x): y = x + exp(x)*exp(x**2)", "x, exp(x), exp(x**2)"),
}

NOT_CLAIMED = {
    "sigmoid has one": "f(x): y = 1/(1 + exp(-x))",
    "sinh has one, which is not used": "f(x): y = sinh(x)",
    "a square has one, with two branches": "f(x): y = x**2",
    "sin and cos depend on one another": "f(x): y = sin(x)",
    "atan is no kernel of the proof": "f(x): y = x*atan(x)",
    "erf is no kernel of the proof": "f(x): y = x*(1 + erf(x))/2",
    "exp(x) and exp(x + 1) depend on one another": "f(x): y = exp(x) + exp(x + 1)",
    "a root is not rational": "f(x): y = sqrt(x)*exp(x)",
    "two inputs": "f(x, z): y = x*exp(z)",
    "a sum": "f(x): y[n] = x[n]*exp(sum(x[k], k))",
}


def claims(text: str) -> list[Step]:
    return [step for step in simplified(text).steps if step.rule == RULE]


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_derivative_that_no_algebraic_formula_gives_is_said_to_be_so(name: str) -> None:
    text, kernels = IMPOSSIBLE[name]
    (step,) = claims(text)
    assert step.proof == "exact" and not step.equal
    (told,) = step.reason
    assert told.key == "algebraically independent"
    output, operand, independent = told.about
    assert (output, operand, ", ".join(map(str, independent))) == ("y", "x", kernels)


@pytest.mark.parametrize("name", NOT_CLAIMED)
def test_nothing_is_claimed_without_a_proof(name: str) -> None:
    assert not claims(NOT_CLAIMED[name])


@pytest.mark.parametrize("depth", ["nodes", "equations", "result"])
def test_a_derivation_says_once_at_its_end_that_there_is_no_output_form(depth: str) -> None:
    text = symbp.catalog["silu"].derive().to_text(depth)
    assert text.count("No algebraic formula") == 1
    assert text.rindex("No algebraic formula") > text.index("Result")
