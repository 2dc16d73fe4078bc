"""Recurrences from text to module: the report of each, PyTorch's layers, and what the modules promise of their loops."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from recurrent_texts import GRU, LSTM, RNN, STEPS

import symbp

T, N, D, K = 5, 3, 4, 2
STATES = {"rnn": ("h0",), "lstm": ("h0", "c0"), "gru": ("h0",)}
TEXTS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


@cache
def module(name: str) -> Any:
    return symbp.layer(TEXTS[name]).load()


def backward(name: str) -> str:
    text: str = symbp.layer(TEXTS[name]).source()
    return text[text.index("def backward") : text.index("\nclass ", text.index("def backward"))]


# ---------------------------------------------------------------- right


@pytest.mark.parametrize("name", TEXTS)
def test_the_common_recurrent_layers_hold(name: str) -> None:
    report = symbp.layer(TEXTS[name]).check()
    assert report, str(report)


@pytest.mark.parametrize("case", STEPS)
def test_a_recurrence_holds_with(case: str) -> None:
    report = symbp.layer(STEPS[case]).check()
    assert report, str(report)


@pytest.mark.parametrize("name", TEXTS)
def test_values_and_all_gradients_are_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test")
    theirs = getattr(torch.nn, name.upper())(D, K, dtype=torch.float64)
    draw = np.random.default_rng(1)
    x, *start = (torch.tensor(draw.normal(size=shape), requires_grad=True) for shape in ((T, N, D), *((N, K) for _ in STATES[name])))
    states = tuple(state[None] for state in start)
    expected, _ = theirs(x, states if len(states) > 1 else states[0])
    upstream = draw.normal(size=expected.shape)
    (expected * torch.tensor(upstream)).sum().backward()

    def ours(values: Any) -> np.ndarray:
        """Their rows of all gates as axes (input, gate, unit)."""
        rows = np.asarray(values.detach())
        axes = rows.T.reshape(*rows.shape[1:], GATES[name], K)
        return axes[..., 0, :] if name == "rnn" else axes

    W, U, b, a = (getattr(theirs, f"{kind}_l0") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    biases = (ours(b), ours(a)) if name == "gru" else (ours(b + a),)
    given = [v.detach().numpy() for v in (x, *start)]
    y, residuals = module(name).forward(*given, ours(W), ours(U), *biases)
    assert y == pytest.approx(expected.detach().numpy(), rel=1e-11, abs=1e-12)
    found = module(name).backward(upstream, residuals)
    wanted = [x.grad, *(s.grad for s in start), ours(W.grad), ours(U.grad), ours(b.grad), *([ours(a.grad)] if name == "gru" else [])]
    for field, gradient, other in zip(found._fields, found, wanted, strict=True):
        assert gradient == pytest.approx(np.asarray(other), rel=1e-11, abs=1e-12), field


@pytest.mark.parametrize("name", TEXTS)
def test_an_empty_sequence_has_gradients_of_zero(name: str) -> None:
    gates = () if name == "rnn" else (GATES[name],)
    biases = [np.ones((*gates, K))] * (2 if name == "gru" else 1)
    weights = [np.ones((D, *gates, K)), np.ones((K, *gates, K)), *biases]
    given = [np.ones((0, N, D)), *(np.ones((N, K)) for _ in STATES[name]), *weights]
    y, residuals = module(name).forward(*given)
    assert y.shape == (0, N, K)
    for gradient, argument in zip(module(name).backward(y, residuals), given, strict=True):
        assert np.array_equal(gradient, np.zeros(argument.shape))


# ---------------------------------------------------------------- readable, and no more work than there has to be


def test_a_loop_reads_as_one_writes_it() -> None:
    text = symbp.layer(RNN).source()
    assert (
        "    h = np.empty((T, N, K), x.dtype)\n"
        "    total = x @ W + b\n"
        "    for t in range(T):\n"
        "        h_before = h0 if t == 0 else h[t - 1]\n"
        "        h[t] = np.tanh(total[t] + h_before @ U)  # (1)\n"
        "    return h, Residuals(x, h0, W, U, h)\n"
    ) in text
    assert (
        "    dh_sent = np.empty((T, N, K), dh.dtype)\n"
        "    for t in reversed(range(T)):\n"
        "        dh_sent_after = dh_sent[t + 1] if t < T - 1 else np.zeros((N, K), dh.dtype)\n"
        "        dh_total = dh[t] + dh_sent_after @ U.T  # (2)\n"
        "        dh_sent[t] = dh_total * (1 - h[t] * h[t])\n"
        '    if "x" in wrt:\n'
        "        dx = dh_sent @ W.T  # (3)\n"
    ) in text


def test_gradients_of_parameters_are_products_over_all_steps_after_the_loop() -> None:
    text = backward("lstm")
    assert text.index("for t in reversed(range(T)):") < min(text.index(f"        d{name} = ") for name in "WUb")
    assert "dW = (x.reshape(N * T, D).T @ dz.reshape(N * T, G * K)).reshape(D, G, K)" in backward("lstm")


def test_what_only_one_step_needs_is_no_array_of_all_steps() -> None:
    text = symbp.layer(LSTM).source()
    assert "        z = total[t] + " in text
    assert "z = np.empty" not in text
    assert "Residuals(x, h0, c0, W, U, i, f, q, o, c, tanh_c, h)" in text


def test_no_function_of_the_loop_is_computed_again_in_backward() -> None:
    assert "np.exp" not in backward("lstm") + backward("gru")
    assert "np.tanh" not in backward("lstm") + backward("gru")


def test_a_gradient_that_is_not_asked_for_costs_no_loop() -> None:
    text = symbp.layer("f(x, *, a, W): h[t] = tanh(x[t] + a*pad(h[t-1])); y[t,k] = h[t]*W[k]").source()
    assert '    if wrt & {"x", "a"}:\n        ' in text
    loop = text.index("for t in reversed(range(T)):")
    assert text.rindex('if wrt & {"x", "a"}:', 0, loop) < loop < text.index('    if "W" in wrt:')


def test_a_step_that_is_not_there_is_named() -> None:
    last = symbp.layer("f(x): h[t,k] = tanh(x[t,k] + pad(h[t-1,k])); y[k] = h[-1,k]").load()
    with pytest.raises(IndexError, match=r"^f: "):
        last.forward(np.ones((0, 2)))


def test_a_position_that_the_condition_of_a_step_does_not_keep_inside_is_refused() -> None:
    short = symbp.layer("f(x): y[t] = where(t > 0, x[t-2], 0) + x[t] + pad(y[t-1])").load()
    with pytest.raises(IndexError, match=r"^f: axis t of x has length 3, but position -1 is read$"):
        short.forward(np.ones(3))
    right = symbp.layer("f(x): y[t] = where(t > 1, x[t-2], 0) + x[t] + pad(y[t-1])").load()
    assert right.forward([1.0, 2.0, 3.0])[0].tolist() == [1, 3, 7]


def test_the_gradients_of_a_recurrence_share_no_memory() -> None:
    module = symbp.layer("f(x, c): y[-1,k] = c[k]; y[t,k] = y[t-1,k] + x[t,k]").load()
    y, residuals = module.forward(np.ones((3, 2)), np.ones(2))
    gradients = module.backward(y, residuals)
    assert not np.shares_memory(gradients.x, gradients.c)


def test_a_sequence_with_a_mask_computes_no_function_twice() -> None:
    text = symbp.layer("f(x, m, *, U): h[t,k] = where(m[t], tanh(x[t,k] + sum(pad(h[t-1,j])*U[j,k], j)), pad(h[t-1,k]))").source()
    assert text.count("np.tanh(") == 1


def test_names_that_a_loop_calls_are_kept_free() -> None:
    with pytest.raises(symbp.EmitError, match=r"^f: range is a name of the generated module itself"):
        symbp.layer("f(x, range): y[t] = pad(y[t-1])*range + x[t]").source()
    assert symbp.layer("f(x): y[range] = pad(y[range-1]) + x[range]").check()
    assert symbp.layer("f(range): y = 2*range").check()
