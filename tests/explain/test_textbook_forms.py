"""The classics end in the form that books print, which is compared with what was derived, never trusted."""

from dataclasses import replace

import mpmath
import pytest
from exact import cotangents, sample

import symbp
from symbp import textbook
from symbp.ir import Equation, run
from symbp.ir.derivation import Derivation
from symbp.textbook import FORMS, printed

CLASSICS = {  # whether the source prints it as it is derived
    "sigmoid": True,
    "tanh": True,
    "softmax": False,
    "cross_entropy": True,
    "layer_norm": False,
    "batch_norm": False,
    "attention": True,
    "lstm_cell": False,
}
MISTAKES = {
    "sigmoid": ("(1 - y)", "(1 + y)"),
    "tanh": ("y**2", "y"),
    "softmax": ("- y[...,k]*sum(y[...,j]*y_bar", "- y[...,k]*sum(y[...,k]*y_bar"),
    "cross_entropy": ("k == t[n], 1, 0", "k == t[n], 0, 1"),
    "layer_norm": ("- mean(norm_bar[...,j], j)", "+ mean(norm_bar[...,j], j)"),
    "batch_norm": ("**(-3/2), n)/2", "**(-3/2), n)"),
    "attention": ("o_bar[...,i,e]*v[...,j,e], e", "o_bar[...,i,e]*v[...,j,e]*2, e"),
    "lstm_cell": ("(1 - tanh(s[n,k])**2)", "(1 - s[n,k]**2)"),
}
LENGTHS = {"Q": 4, "D": 3, "K": 3}  # of some axes; there are four gates


def of(name: str) -> Derivation:
    return symbp.catalog[name].derivation


def test_every_form_of_the_table_is_tested() -> None:
    assert set(CLASSICS) == set(textbook._read(FORMS)) == set(MISTAKES)


@pytest.mark.parametrize(("name", "identical"), CLASSICS.items())
def test_a_classic_has_its_printed_form(name: str, identical: bool) -> None:
    form = printed(of(name))
    assert form is not None and form.identical == identical
    assert {e.name for e in form.equations} >= {t.name for t in of(name).backward.outputs}


@pytest.mark.parametrize("depth", ["nodes", "equations", "result"])
@pytest.mark.parametrize(("name", "identical"), CLASSICS.items())
def test_the_document_ends_with_the_form_or_says_that_it_is_the_one(name: str, identical: bool, depth: str) -> None:
    text = " ".join(symbp.catalog[name].derive().to_text(depth).split())
    source = textbook._read(FORMS)[name].doc
    assert f"This is the form printed in {source}." in text if identical else f"The same, as printed in {source}" in text


@pytest.mark.parametrize("name", CLASSICS)
def test_the_printed_form_has_the_derived_values_at_random_points(name: str) -> None:
    derivation, form = of(name), printed(of(name))
    assert form is not None
    sizes = {size: LENGTHS.get(size.name, 2) for tensor in derivation.forward.tensors.values() for size in tensor.shape}
    arrays = sample(derivation.forward, sizes, name)
    upstream = {f"d{output}": value for output, value in cotangents(derivation.forward, arrays, name).items()}
    derived, booked = (_values(derivation, equations, arrays | upstream) for equations in (derivation.backward.equations, form.equations))
    for claim in form.equations:
        if claim.name in derived:
            for one, other in zip(derived[claim.name].ravel(), booked[claim.name].ravel(), strict=True):
                assert mpmath.almosteq(one, other, 1e-30)


def _values(derivation: Derivation, equations: tuple[Equation, ...], arrays: dict) -> dict:
    forward = derivation.forward
    return run(
        replace(forward, inputs=(*forward.inputs, *derivation.upstream), equations=(*forward.equations, *equations)), arrays, digits=40
    )


@pytest.mark.parametrize(("name", "mistake"), MISTAKES.items())
def test_a_wrong_form_is_refused(name: str, mistake: tuple[str, str]) -> None:
    before, begin, rest = FORMS.partition(f"\n{name}(")
    wrong = rest.replace(*mistake, 1)
    assert wrong != rest and begin
    assert printed(of(name), before + begin + wrong) is None


def test_a_layer_of_the_same_name_with_another_body_gets_no_form() -> None:
    assert printed(symbp.layer("sigmoid(x): y = x/(1 + abs(x))").derivation) is None
    assert printed(symbp.layer("softmax(x): y[n] = exp(x[n])/sum(exp(x[m]), m)").derivation) is None
    assert printed(symbp.layer("tanh(a, b): y = tanh(a)*b").derivation) is None
    assert (
        printed(symbp.layer("attention(q, k, v): s[i] = q[i]*k[i]; softmax_y[i] = exp(s[i]); o[i] = softmax_y[i]*v[i]").derivation) is None
    )


def test_the_same_layer_of_the_users_own_gets_the_form_whatever_its_axes_are_called() -> None:
    form = printed(symbp.layer("softmax(x): y[...,c] = exp(x[...,c])/sum(exp(x[...,a]), a)").derivation)
    assert form is not None and str(form.equations[0].target) == "dx[...,c]"


def test_a_layer_without_a_printed_form_says_nothing() -> None:
    assert "printed in" not in symbp.catalog["gelu"].derive().to_text("result")
