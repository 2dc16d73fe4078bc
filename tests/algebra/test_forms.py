"""The forms that textbooks print must come out of the forward equations unaided."""

from __future__ import annotations

import pytest

from symbp.algebra import output_form, simplify, stabilise
from symbp.algebra.mining import settled_sums
from symbp.calculus import derive
from symbp.ir.derivation import Derivation
from symbp.language import read
from symbp.layer import Layer

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


CENTRED = "(-mu[...] + x[...,d])"
SPREAD = "sqrt(eps + v[...])"
MOMENTS = "mu[...] = mean(x[...,d], d); v[...] = mean((x[...,d] - mu[...])**2, d)\n    "
NORM = "f(x, *, gamma, beta, eps=1e-5): " + MOMENTS

NORMS = {
    "layer norm": (
        NORM + "y[...,d] = gamma[d]*(x[...,d] - mu[...])/sqrt(v[...] + eps) + beta[d]",
        {
            "dx": f"(gamma[d]*dy[...,d] - sum(gamma[d2]*dy[...,d2], d2)/D - {CENTRED}"
            f"*sum((-mu[...] + x[...,d2])*gamma[d2]*dy[...,d2], d2)/(D*(eps + v[...])))/{SPREAD}",
            "dgamma": f"sum({CENTRED}*dy[...,d]/{SPREAD}, ...)",
            "dbeta": "sum(dy[...,d], ...)",
        },
    ),
    "layer norm, which names h and r": (
        NORM + "r[...] = 1/sqrt(v[...] + eps); h[...,d] = (x[...,d] - mu[...])*r[...]; y[...,d] = gamma[d]*h[...,d] + beta[d]",
        {
            "dh": "gamma[d]*dy[...,d]",
            "dx": "(dh[...,d] - h[...,d]*sum(dh[...,d2]*h[...,d2], d2)/D - sum(dh[...,d2], d2)/D)*r[...]",
            "dgamma": "sum(dy[...,d]*h[...,d], ...)",
            "dbeta": "sum(dy[...,d], ...)",
        },
    ),
    "layer norm, which names h": (
        NORM + "h[...,d] = (x[...,d] - mu[...])/sqrt(v[...] + eps); y[...,d] = gamma[d]*h[...,d] + beta[d]",
        {
            "dh": "gamma[d]*dy[...,d]",
            "dx": f"(dh[...,d] - h[...,d]*sum(dh[...,d2]*h[...,d2], d2)/D - sum(dh[...,d2], d2)/D)/{SPREAD}",
            "dgamma": "sum(dy[...,d]*h[...,d], ...)",
            "dbeta": "sum(dy[...,d], ...)",
        },
    ),
    "standardize, whose h is the output": (
        "f(x, eps=1e-5): " + MOMENTS + "y[...,d] = (x[...,d] - mu[...])/sqrt(v[...] + eps)",
        {"dx": f"(dy[...,d] - y[...,d]*sum(dy[...,d2]*y[...,d2], d2)/D - sum(dy[...,d2], d2)/D)/{SPREAD}"},
    ),
    "layer norm, whose variance is unbiased": (
        "f(x, eps=1e-5): mu[n] = mean(x[n,d], d); v[n] = sum((x[n,d] - mu[n])**2, d)/(size(d) - 1)\n"
        "    y[n,d] = (x[n,d] - mu[n])/sqrt(v[n] + eps)",
        {"dx": "(dy[n,d] - y[n,d]*sum(dy[n,d2]*y[n,d2], d2)/(D - 1) - sum(dy[n,d2], d2)/D)/sqrt(eps + v[n])"},
    ),
    "batch norm over (n)": (
        "f(x, *, gamma, beta, eps=1e-5): mu[c] = mean(x[n,c], n); v[c] = mean((x[n,c] - mu[c])**2, n)\n"
        "    y[n,c] = gamma[c]*(x[n,c] - mu[c])/sqrt(v[c] + eps) + beta[c]",
        {
            "dx": "(dy[n,c] - sum(dy[n2,c], n2)/N - (-mu[c] + x[n,c])*sum((-mu[c] + x[n2,c])*dy[n2,c], n2)/(N*(eps + v[c])))"
            "*gamma[c]/sqrt(eps + v[c])",
            "dgamma": "sum((-mu[c] + x[n,c])*dy[n,c], n)/sqrt(eps + v[c])",
            "dbeta": "sum(dy[n,c], n)",
        },
    ),
    "batch norm over (n, h, w)": (
        "f(x, *, gamma, beta, eps=1e-5): mu[c] = mean(x[n,c,h,w], n, h, w); v[c] = mean((x[n,c,h,w] - mu[c])**2, n, h, w)\n"
        "    y[n,c,h,w] = gamma[c]*(x[n,c,h,w] - mu[c])/sqrt(v[c] + eps) + beta[c]",
        {
            "dx": "(dy[n,c,h,w] - sum(dy[n2,c,h2,w2], n2, h2, w2)/(H*N*W) - (-mu[c] + x[n,c,h,w])"
            "*sum((-mu[c] + x[n2,c,h2,w2])*dy[n2,c,h2,w2], n2, h2, w2)/(H*N*W*(eps + v[c])))*gamma[c]/sqrt(eps + v[c])",
            "dgamma": "sum((-mu[c] + x[n,c,h,w])*dy[n,c,h,w], n, h, w)/sqrt(eps + v[c])",
            "dbeta": "sum(dy[n,c,h,w], n, h, w)",
        },
    ),
    "rms norm": (
        "f(x, *, g, eps=1e-5): q[...] = mean(x[...,j]**2, j); y[...,d] = g[d]*x[...,d]/sqrt(q[...] + eps)",
        {
            "dx": "g[d]*dy[...,d]/sqrt(eps + q[...]) - x[...,d]*sum(dy[...,j]*y[...,j], j)/(J*(eps + q[...]))",
            "dg": "sum(dy[...,d]*x[...,d]/sqrt(eps + q[...]), ...)",
        },
    ),
    "rms norm, which names h and r": (
        "f(x, *, g, eps=1e-5): r[...] = 1/sqrt(mean(x[...,j]**2, j) + eps); h[...,d] = x[...,d]*r[...]; y[...,d] = g[d]*h[...,d]",
        {
            "dh": "g[d]*dy[...,d]",
            "dx": "(dh[...,d] - h[...,d]*sum(dh[...,j]*h[...,j], j)/J)*r[...]",
            "dg": "sum(dy[...,d]*h[...,d], ...)",
        },
    ),
    "l2 normalize": (
        "f(x): y[...,d] = x[...,d]/sqrt(sum(x[...,j]**2, j))",
        {"dx": "(dy[...,d] - y[...,d]*sum(dy[...,d2]*y[...,d2], d2))/sqrt(sum(x[...,d2]**2, d2))"},
    ),
    "cosine similarity: g (z/(a c) - y x/a^2)": (
        "f(x, z): a[n] = sqrt(sum(x[n,d]**2, d)); c[n] = sqrt(sum(z[n,d]**2, d)); y[n] = sum(x[n,d]*z[n,d], d)/(a[n]*c[n])",
        {
            "dx": "dy[n]*z[n,d]/(a[n]*c[n]) - dy[n]*y[n]*x[n,d]/a[n]**2",
            "dz": "-dy[n]*y[n]*z[n,d]/c[n]**2 + dy[n]*x[n,d]/(a[n]*c[n])",
        },
    ),
}

SCORES = "s[i,j] = where(j <= i, sum(q[i,d]*k[j,d], d)/sqrt(size(d)), -inf)"
SHIFTED = "m[n] = max(x[n,k], k); e[n,k] = exp(x[n,k] - m[n]); s[n] = sum(e[n,k], k); "

SOFTMAXES = {
    "attention, without the mask where P is 0": (
        SOFTMAX + "f(q, k, v): " + SCORES + "\n    o[i,e] = sum(softmax(s)[i,j]*v[j,e], j)",
        {
            "dsoftmax_y": "sum(do[i,e]*v[k,e], e)",
            "ds": "(dsoftmax_y[i,j] - sum(dsoftmax_y[i,j2]*softmax_y[i,j2], j2))*softmax_y[i,j]",
            "dq": "sum(ds[i,j]*k[j,d], j)/sqrt(D)",
            "dk": "sum(ds[i,j]*q[i,d], i)/sqrt(D)",
            "dv": "sum(do[i,e]*softmax_y[i,j], i)",
        },
    ),
    "attention to positions (a, b): rowsum(dO O), which is less than rowsum(dP P)": (
        "f(q, k, v): s[i,a,b] = sum(q[i,d]*k[a,b,d], d); m[i] = max(s[i,a,b], a, b); u[i,a,b] = exp(s[i,a,b] - m[i])\n"
        "    z[i] = sum(u[i,a,b], a, b); p[i,a,b] = u[i,a,b]/z[i]; o[i,e] = sum(p[i,a,b]*v[a,b,e], a, b)",
        {
            "dp": "sum(do[i,e]*v[a,b,e], e)",
            "ds": "(dp[i,a,b] - sum(do[i,e]*o[i,e], e))*p[i,a,b]",
            "dq": "sum(ds[i,a,b]*k[a,b,d], a, b)",
            "dk": "sum(q[i,d]*ds[i,a,b], i)",
            "dv": "sum(do[i,e]*p[i,a,b], i)",
        },
    ),
    "softmax whose maximum is subtracted by hand": (
        "f(x): " + SHIFTED + "y[n,k] = e[n,k]/s[n]",
        {"dx": "(dy[n,k] - sum(dy[n,k2]*y[n,k2], k2))*y[n,k]"},
    ),
    "softmax whose maximum is subtracted by hand, in one equation": (
        "f(x): y[n,k] = exp(x[n,k] - max(x[n,i], i))/sum(exp(x[n,j] - max(x[n,l], l)), j)",
        {"dx": "(dy[n,k] - sum(dy[n,k2]*y[n,k2], k2))*y[n,k]"},
    ),
    "logsumexp whose maximum is taken out by hand": ("f(x): " + SHIFTED + "y[n] = m[n] + log(s[n])", {"dx": "dy[n]*e[n,k]/s[n]"}),
    "log-softmax: g - exp(y) sum(g)": (
        "f(x): y[n,k] = x[n,k] - log(sum(exp(x[n,j]), j))",
        {"dx": "-exp(y[n,k])*sum(dy[n,k2], k2) + dy[n,k]"},
    ),
}


@pytest.mark.parametrize("name", NORMS | SOFTMAXES)
def test_a_norm_or_softmax_comes_back_in_the_textbook_form(name: str) -> None:
    text, expected = (NORMS | SOFTMAXES)[name]
    assert {e.name: str(e.value) for e in simplified(text).backward.equations} == expected


@pytest.mark.parametrize("name", NORMS | SOFTMAXES)
def test_the_module_of_the_textbook_form_checks(name: str) -> None:
    report = Layer(read((NORMS | SOFTMAXES)[name][0])[-1]).check()
    assert report, str(report)


def test_deviations_from_a_mean_are_known_to_add_up_to_zero() -> None:
    text = "f(x): mu[n] = mean(x[n,d], d); r[n] = max(x[n,d], d); h[n,d] = (x[n,d] - mu[n])*r[n]"
    assert [str(rule) for rule in settled_sums(read(text)[0].program.equations)] == [
        "sum(h[n,d'1_0], d'1_0) = 0",
        "sum(mu[n] - x[n,d'1_0], d'1_0) = 0",
    ]


def test_a_softmax_is_known_to_add_up_to_one() -> None:
    text = "f(x): " + SHIFTED + "y[n,k] = e[n,k]/s[n]"
    assert "sum(y[n,k'1_0], k'1_0) = 1" in [str(rule) for rule in settled_sums(read(text)[0].program.equations)]


@pytest.mark.parametrize("text", ["y[n,k] = e[n,k]/s[n]", "y[n] = m[n] + log(s[n])"])
def test_no_position_of_a_maximum_is_left_where_it_only_shifts(text: str) -> None:
    source = Layer(read("f(x): " + SHIFTED + text)[0]).source()
    assert "max(" in source and "argmax" not in source


def test_a_maximum_that_is_more_than_a_shift_keeps_its_share_of_the_gradient() -> None:
    backward = simplified("f(x): " + SHIFTED + "y[n,k] = e[n,k]/s[n]; z[n] = m[n]**2").backward
    assert str(backward.equations[-1].value).endswith("+ 2*[k == m_argmax[n]]*dz[n]*m[n]")


def test_a_mask_that_is_given_as_data_stays() -> None:
    text = SOFTMAX + "f(x, mask): s[i,j] = where(mask[i,j], x[i,j], -inf); y = softmax(s)"
    assert "where(Ne(mask[i,j], 0)" in str(simplified(text).backward.equations[-1].value)


def test_a_mask_stays_where_what_it_hides_is_not_zero() -> None:
    text = "f(x): s[i,j] = where(j <= i, x[i,j], 0); y[i,j] = exp(s[i,j])"
    assert str(simplified(text).backward.equations[-1].value) == "where(j <= i, dy[i,j]*y[i,j], 0)"


def test_a_sum_of_differences_is_not_split() -> None:
    backward = simplified("f(x, t, b): L = mean((x[n] + b[0] - t[n])**2, n)").backward
    assert str(backward.equations[-1].value) == "2*[b0 == 0]*dL*sum(b[0] - t[n] + x[n], n)/N"


def test_a_product_of_two_sums_is_one() -> None:
    backward = simplified("f(x, w): y[n] = sum(x[n,k]*w[j], k, j)").backward
    assert [str(e.value) for e in backward.equations] == ["dy[n]*sum(w[j], j)", "sum(dy[n]*x[n,k], n, k)"]


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
