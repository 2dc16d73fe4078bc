"""The forms that textbooks print must come out of the forward equations unaided."""

from __future__ import annotations

import pytest

from symbp.algebra import output_form, simplify, stabilise
from symbp.calculus import derive
from symbp.ir.derivation import Derivation
from symbp.language import read

SOFTMAX = "softmax(x): y[...,k] = exp(x[...,k]) / sum(exp(x[...,j]), j)\n"
SIGMOID = "sigmoid(x): y = 1/(1 + exp(-x))\n"


def simplified(text: str) -> Derivation:
    definition = read(text)[-1]
    return simplify(derive(definition.program, definition.nodes, output_form))


FORMS = {
    "sigmoid: y(1 - y)": (SIGMOID, {"dx": "(1 - y[...])*dy[...]*y[...]"}),
    "tanh: 1 - y^2": ("f(x): y = tanh(x)", {"dx": "(1 - y[...]**2)*dy[...]"}),
    "softplus: 1 - exp(-y)": ("f(x): y = log(1 + exp(x))", {"dx": "(1 - exp(-y[...]))*dy[...]"}),
    "exp: y": ("f(x): y = exp(x)", {"dx": "dy[...]*y[...]"}),
    "square root: 1/(2y)": ("f(x): y = sqrt(x)", {"dx": "dy[...]/(2*y[...])"}),
    "reciprocal: -y^2": ("f(x): y = 1/x", {"dx": "-dy[...]*y[...]**2"}),
    "silu: s + y(1 - s)": (SIGMOID + "silu(x): y = x*sigmoid(x)", {"dx": "((1 - sigmoid_y[...])*y[...] + sigmoid_y[...])*dy[...]"}),
    "softmax: y(g - <g, y>)": (SOFTMAX, {"dx": "(dy[...,k] - sum(dy[...,k2]*y[...,k2], k2))*y[...,k]"}),
    "logsumexp: exp(x - y)": ("f(x): y[n] = logsumexp(x[n,k], k)", {"dx": "exp(-y[n])*exp(x[n,k])*dy[n]"}),
    "softmax + cross entropy, labels: (p - [k = t])/N": (
        SOFTMAX + "f(z, t): L = -mean(log(softmax(z)[n, t[n]]), n)",
        {"dz": "(-[k == t[n]] + softmax_y[n,k])*dL/N"},
    ),
    "softmax + cross entropy, one-hot: (p - t)/N, where t need not add up to 1": (
        SOFTMAX + "f(z, t): L = -mean(sum(t[n,k]*log(softmax(z)[n,k]), k), n)",
        {"dz": "(softmax_y[n,k]*sum(t[n,k2], k2) - t[n,k])*dL/N", "dt": "-log(softmax_y[n,k])*dL/N"},
    ),
    "sigmoid + BCE: (y - t)/N": (
        SIGMOID + "f(z, t): y[n] = sigmoid(z[n]); L = -mean(t[n]*log(y[n]) + (1 - t[n])*log(1 - y[n]), n)",
        {"dz": "(-t[n] + y[n])*dL/N", "dt": "(log(1 - y[n]) - log(y[n]))*dL/N"},
    ),
    "mean squared error: 2(y - t)/N": (
        "f(y, t): L = mean((y[n] - t[n])**2, n)",
        {"dy": "2*(-t[n] + y[n])*dL/N", "dt": "2*(t[n] - y[n])*dL/N"},
    ),
    "affine: dy W^T, x^T dy, sum of dy": (
        "f(x, *, W, b): y[n,o] = sum(x[n,i]*W[i,o], i) + b[o]",
        {"dx": "sum(dy[n,o]*W[i,o], o)", "dW": "sum(dy[n,o]*x[n,i], n)", "db": "sum(dy[n,o], n)"},
    ),
    "attention: P(dP - rowsum(dP P))": (
        SOFTMAX + "f(q, k): s[i,j] = where(j <= i, sum(q[i,d]*k[j,d], d), -inf); p = softmax(s)",
        {
            "ds": "(dp[i,j] - sum(dp[i,j2]*p[i,j2], j2))*p[i,j]",
            "dq": "sum(ds[i,j]*k[j,d], j)",
            "dk": "sum(ds[i,j]*q[i,d], i)",
        },
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_textbook_form_comes_out(name: str) -> None:
    text, expected = FORMS[name]
    assert {e.name: str(e.value) for e in simplified(text).backward.equations} == expected


STABLE = {
    "the largest element is taken out of a softmax": (
        SOFTMAX,
        "exp(x[...,k] - max(x[...,k2], k2))/sum(exp(x[...,k2] - max(x[...,k3], k3)), k2)",
    ),
    "softplus is logaddexp": ("f(x): y = log(1 + exp(x))", "logaddexp(0, x[...])"),
    "log(1 - p) is log1p(-p)": ("f(p): y = log(1 - p)", "log1p(-p[...])"),
    "exp(x) - 1 is expm1(x)": ("f(x): y = exp(x) - 1", "expm1(x[...])"),
    "1 + erf(x) keeps its tail as erfc(-x)": ("gelu(x): y = x*(1 + erf(x/sqrt(2)))/2", "erfc(-sqrt(2)*x[...]/2)*x[...]/2"),
    "the log of a called sigmoid is a softplus": (SIGMOID + "f(x): y = log(sigmoid(x))", "-logaddexp(0, -x[...])"),
    "the log of its complement has no cancelling x": (SIGMOID + "f(x): y = log(1 - sigmoid(x))", "-logaddexp(0, x[...])"),
    "the log of a called softmax is a log-softmax": (
        SOFTMAX + "f(z): y[n,k] = log(softmax(z)[n,k])",
        "-log(sum(exp(z[n,k2] - max(z[n,k3], k3)), k2)) + z[n,k] - max(z[n,k2], k2)",
    ),
}


@pytest.mark.parametrize("name", STABLE)
def test_a_textbook_formula_is_computed_in_a_stable_form(name: str) -> None:
    text, expected = STABLE[name]
    stable = stabilise(simplified(text)).stable
    assert stable is not None
    assert str(stable[0].equations[-1].value) == expected


def test_a_sum_of_forward_values_is_not_multiplied_out() -> None:
    backward = simplified("f(x, g): mu = mean(x[d], d); y[d] = g[d]*(x[d] - mu)").backward
    assert str(backward.equations[-1].value) == "(-mu + x[d])*dy[d]"


def test_every_simplification_states_the_rule_and_how_it_was_proved() -> None:
    steps = [s for s in simplified(SIGMOID).steps if s.rule == "output form"]
    said = [(str(fact.left), str(fact.right), step.proof) for step in steps for fact in step.facts]
    assert said == [("exp(-x[...])", "-1 + 1/y[...]", "exact")]
