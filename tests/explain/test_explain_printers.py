"""Expressions as text and as LaTeX: order, signs, brackets."""

import re

import pytest
import sympy

from symbp import Layer, catalog
from symbp.explain.latex import formula
from symbp.explain.operations import symbol
from symbp.explain.order import Names, names_of
from symbp.explain.tex import Tex, name_in_tex
from symbp.explain.unicode import Unicode
from symbp.ir import Bracket, Constant, Element, Index, Reduce, Size, Tensor, Where
from symbp.language import read

PLAIN = str.maketrans(dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹", " "))

N, K = Size("N"), Size("K")
n, k, j = Index("n", N), Index("k", K), Index("j", K)
x, y, w = (Element(Tensor(name)) for name in "xyw")
dy = Element(Tensor("dy"))
X, Y, T = Tensor("x", (N, K)), Tensor("y", (N, K)), Tensor("t", (N,), "integer")
eps = Constant("eps")
NAMES = Names({"x": 0, "w": 1, "y": 2}, {"dy": "y", "dx": "x"})

CASES = [
    (dy * y * (1 - y), "dy·y·(1 − y)", r"\frac{\partial L}{\partial y} \, y \, \left(1 - y\right)"),
    (1 / (1 + sympy.exp(-x)), "1/(1 + exp(−x))", r"\frac{1}{1 + e^{-x}}"),
    (w * x, "x·w", r"x \, w"),
    (-y + x, "x − y", "x - y"),
    (-x - 1, "−1 − x", "-1 - x"),
    (-(x + y) * w, "−w·(x + y)", r"-w \, \left(x + y\right)"),
    (x / 2, "x/2", r"\frac{x}{2}"),
    (3 * x / 2, "3·x/2", r"\frac{3 \, x}{2}"),
    (sympy.Rational(1, 10) * x, "0.1·x", r"0.1 \, x"),
    (sympy.Rational(1, 100000), "1e-5", "10^{-5}"),
    (sympy.Rational(-1, 3), "−1/3", r"-\frac{1}{3}"),
    (x**2, "x²", "x^{2}"),
    ((x + 1) ** 2, "(1 + x)²", r"\left(1 + x\right)^{2}"),
    ((-x) ** 3 / y**2, "−x³/y²", r"-\frac{x^{3}}{y^{2}}"),
    (x / (y * w), "x/(w·y)", r"\frac{x}{w \, y}"),
    (x / sympy.sqrt(y + eps), "x/sqrt(y + eps)", r"\frac{x}{\sqrt{y + \varepsilon}}"),
    (Where(x > 0, dy, 0), "where(x > 0, dy, 0)", None),
    (Where(x >= 0, x, 0), "maximum(x, 0)", r"\max\left(x, 0\right)"),
    (Where(sympy.And(x > 0, y <= 1), x, sympy.oo), "where(x > 0 and y ≤ 1, x, ∞)", None),
    (sympy.Abs(x), "abs(x)", r"\left|x\right|"),
    (sympy.polygamma(0, x), "digamma(x)", r"\psi\left(x\right)"),
    (Reduce("sum", Element(X, n, j), j) / K, "(Σ_j x[n,j])/K", r"\frac{\sum_{j} x_{n,j}}{K}"),
    (Element(X, n, k) / Reduce("sum", Element(X, n, j), j), "x[n,k]/Σ_j x[n,j]", r"\frac{x_{n,k}}{\sum_{j} x_{n,j}}"),
    (Reduce("max", Element(X, n, j), j), "max_j x[n,j]", r"\max_{j} x_{n,j}"),
    (Reduce("sum", Element(X, n, j) + 1, j), "Σ_j (1 + x[n,j])", r"\sum_{j} \left(1 + x_{n,j}\right)"),
    (Element(Y, n, Element(T, n)), "y[n,t[n]]", "y_{n,t_{n}}"),
    (Element(Y, n, k) - Bracket(k, Element(T, n)), "y[n,k] − [k = t[n]]", r"y_{n,k} - \left[k = t_{n}\right]"),
]


@pytest.mark.parametrize(("expr", "text", "latex"), CASES, ids=str)
def test_an_expression_reads_as_people_write_it(expr, text, latex):
    assert text is None or Unicode(NAMES).formula(expr) == text
    assert latex is None or formula(expr, NAMES) == latex


def test_cotangents_stand_before_the_sum_they_are_multiplied_with():
    dY = Tensor("dy", (N, K))
    softmax = Element(Y, n, k) * (Element(dY, n, k) - Reduce("sum", Element(dY, n, j) * Element(Y, n, j), j))
    assert Unicode(NAMES).formula(softmax) == "y[n,k]·(dy[n,k] − Σ_j dy[n,j]·y[n,j])"


def test_bound_indices_are_called_as_the_user_called_them():
    inner = Index("j'3", K)
    assert Unicode(NAMES).formula(Reduce("sum", Element(X, n, inner), inner)) == "Σ_j x[n,j]"


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"),
        ("gamma", r"\gamma"),
        ("eps", r"\varepsilon"),
        ("u1", "u_{1}"),
        ("beta2", r"\beta_{2}"),
        ("m_hat", r"\hat{m}"),
        ("w_next", r"w_{\mathrm{next}}"),
        ("softmax_y", r"\mathrm{softmax\_y}"),
        ("price", r"\mathrm{price}"),
    ],
)
def test_a_name_is_printed_as_mathematics(name, latex):
    assert name_in_tex(name) == latex


def test_the_loss_has_a_letter_that_the_layer_does_not_use():
    assert formula(Element(Tensor("dL")), Names({"L": 0}, {"dL": "L"})) == r"\frac{\partial J}{\partial L}"


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        (-x, "×(−1)"),
        (x + 1, "+1"),
        (1 - x, "1−·"),
        (x - eps, "−eps"),
        (x - y, "−"),
        (x + y, "+"),
        (x * y, "×"),
        (2 * x, "×2"),
        (x / 2, "÷2"),
        (x / y, "÷"),
        (1 / x, "1/·"),
        (x**2, "x²"),
        (sympy.sqrt(x), "√"),
        (sympy.exp(x), "exp"),
        (sympy.log(x), "log"),
        (Where(x > 0, x, y), "where"),
        (Where(x >= y, x, y), "maximum"),
        (Reduce("sum", Element(X, n, j), j), "Σ"),
        (Reduce("sum", Element(X, n, j), j) / K, "mean"),
        (Reduce("max", Element(X, n, j), j), "max"),
        (x, "="),
    ],
    ids=str,
)
def test_a_node_has_the_symbol_of_its_operation(value, mark):
    assert symbol(value, NAMES) == mark


def test_terms_and_factors_stay_in_the_order_in_which_they_were_written():
    (definition,) = read("f(b, a, *, lr=0.1, c=2): y = -b + a*c*b; z = lr/a*b - sqrt(2/pi)*abs(b - a)")
    names = names_of([definition.program])
    shown = [Unicode(names).formula(equation.value) for equation in definition.program.equations]
    assert shown == ["−b + a·c·b", "(lr/a)·b − sqrt(2/π)·abs(b − a)"]


def test_a_difference_keeps_its_sign_in_the_backward_pass():
    layer = Layer(*read("f(x): mu[n] = mean(x[n,d], d); y[n,d] = (x[n,d] - mu[n])**3"))
    text = str(layer.derive())
    assert "x[n,d] − mu[n]" in text
    assert "mu[n] − x[n,d]" not in text


def test_a_number_that_was_multiplied_in_stands_before_the_sum_as_it_was_written():
    (definition,) = read("f(a, b): y = sin((b - a)/2)**2 + exp(2*(b - a))")
    assert Unicode(names_of([definition.program])).formula(definition.program.equations[0].value) == "sin((b − a)/2)² + exp(2·(b − a))"


def test_another_index_of_the_same_name_has_a_prime_unless_the_user_typed_that_name():
    sums = "f(x, *, W): y[n,i] = sum(exp(x[n,j]), j) + sum(W[{0},i], {0})"
    layer = Layer(*read("f(x): y[n,k] = exp(x[n,k])/sum(exp(x[n,j]), j)"))
    names = names_of([layer.derivation.forward])
    value = layer.derivation.backward.equations[0].value
    assert Unicode(names).formula(value) == "y[n,k]·(dy[n,k] − Σ_k′ dy[n,k′]·y[n,k′])"
    assert "y_{n,k'}" in Tex(names).formula(value)
    (definition,) = read(sums.format("j2"))
    assert "Σ_j2 W[j2,i]" in Unicode(names_of([definition.program])).formula(definition.program.equations[0].value)


def test_the_equations_of_the_catalog_are_printed_with_their_names_in_the_order_in_which_they_were_written():
    compared = 0
    for layer in catalog.values():
        program = layer.definition.program
        printer = Unicode(names_of([program, layer.definition.nodes]))
        for equation in (equation for equation in program.equations if equation.text):
            written, printed = (_names(text, program) for text in (equation.text.split("=", 1)[1], printer.formula(equation.value)))
            if sorted(written) == sorted(printed):  # else a call is written out, or a power multiplied in
                assert printed == written, equation.text
                compared += 1
    assert compared > 500


def _names(text, program):
    known = {*program.tensors, *(constant.name for constant, _ in program.constants)}
    return [word for word in re.findall(r"[A-Za-z_]\w*", text.translate(PLAIN)) if word in known]
