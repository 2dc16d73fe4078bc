"""Equations that read earlier steps of themselves: what is read is what a loop over the steps computes. And matrix functions."""

from typing import Any

import numpy as np
import pytest

from symbp.errors import ReadError
from symbp.ir import Loop, passes, run
from symbp.language import Definition, read

RANDOM = np.random.default_rng(3)
SIGMOID = "sigmoid(x): y = 1/(1 + exp(-x))\n"


def normal(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape)


def computed(definition: Definition, inputs: dict[str, Any]) -> np.ndarray:
    """What both forms of a layer compute; they have to agree."""
    output = definition.program.outputs[-1]
    by_equation, by_node = (run(form, inputs)[output.name].astype(float) for form in (definition.program, definition.nodes))
    np.testing.assert_allclose(by_node, by_equation, rtol=1e-12)
    return by_equation


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


RNN = """rnn(x, h0, *, W, U, b):
    h[-1,n,k] = h0[n,k]
    h[t,n,k] = tanh(sum(x[t,n,d]*W[d,k], d) + sum(h[t-1,n,j]*U[j,k], j) + b[k])
"""
LSTM = (
    SIGMOID
    + """lstm(x, h0, c0, *, W, U, b):
    size(a) = 4
    h[-1,n,k] = h0[n,k]
    c[-1,n,k] = c0[n,k]
    z[t,n,a,k] = sum(x[t,n,d]*W[d,a,k], d) + sum(h[t-1,n,j]*U[j,a,k], j) + b[a,k]
    i[t,n,k] = sigmoid(z[t,n,0,k])
    f[t,n,k] = sigmoid(z[t,n,1,k])
    g[t,n,k] = tanh(z[t,n,2,k])
    o[t,n,k] = sigmoid(z[t,n,3,k])
    c[t,n,k] = f[t,n,k]*c[t-1,n,k] + i[t,n,k]*g[t,n,k]
    h[t,n,k] = o[t,n,k]*tanh(c[t,n,k])
"""
)
GRU = (
    SIGMOID
    + """gru(x, h0, *, W, U, b):
    h[-1,n,k] = h0[n,k]
    r[t,n,k] = sigmoid(sum(x[t,n,d]*W[0,d,k], d) + sum(h[t-1,n,j]*U[0,j,k], j) + b[0,k])
    z[t,n,k] = sigmoid(sum(x[t,n,d]*W[1,d,k], d) + sum(h[t-1,n,j]*U[1,j,k], j) + b[1,k])
    m[t,n,k] = tanh(sum(x[t,n,d]*W[2,d,k], d) + r[t,n,k]*sum(h[t-1,n,j]*U[2,j,k], j) + b[2,k])
    h[t,n,k] = (1 - z[t,n,k])*m[t,n,k] + z[t,n,k]*h[t-1,n,k]
"""
)


def test_a_recurrent_network_is_a_loop() -> None:
    x, h0, W, U, b = normal(3, 2, 2), normal(2, 3), normal(2, 3), normal(3, 3), normal(3)
    h, steps = h0, []
    for at in x:
        steps.append(h := np.tanh(at @ W + h @ U + b))
    found = computed(read(RNN)[0], {"x": x, "h0": h0, "W": W, "U": U, "b": b})
    np.testing.assert_allclose(found, np.stack(steps), rtol=1e-12)


def test_an_lstm_over_a_sequence_is_a_loop() -> None:
    x, h0, c0, W, U, b = normal(3, 2, 2), normal(2, 3), normal(2, 3), normal(2, 4, 3), normal(3, 4, 3), normal(4, 3)
    h, c, steps = h0, c0, []
    for at in x:
        i, f, g, o = np.moveaxis(np.tensordot(at, W, 1) + np.tensordot(h, U, 1) + b, 1, 0)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        steps.append(h := sigmoid(o) * np.tanh(c))
    layer = read(LSTM)[-1]
    found = computed(layer, {"x": x, "h0": h0, "c0": c0, "W": W, "U": U, "b": b})
    np.testing.assert_allclose(found, np.stack(steps), rtol=1e-12)


def test_the_gates_of_an_lstm_may_be_parts_of_one_axis() -> None:
    text = """lstm(x, h0, c0, *, W, U, b):
        h[-1,n,k] = h0[n,k]
        c[-1,n,k] = c0[n,k]
        z[t,n,m] = sum(x[t,n,d]*W[d,m], d) + sum(h[t-1,n,j]*U[j,m], j) + b[m]
        i[t,n,k] = sigmoid(z[t,n,k+0*size(k)])
        f[t,n,k] = sigmoid(z[t,n,k+1*size(k)])
        g[t,n,k] = tanh(z[t,n,k+2*size(k)])
        o[t,n,k] = sigmoid(z[t,n,k+3*size(k)])
        c[t,n,k] = f[t,n,k]*c[t-1,n,k] + i[t,n,k]*g[t,n,k]
        h[t,n,k] = o[t,n,k]*tanh(c[t,n,k])"""
    x, h0, c0, W, U, b = normal(3, 2, 2), normal(2, 3), normal(2, 3), normal(2, 4, 3), normal(3, 4, 3), normal(4, 3)
    expected = computed(read(LSTM)[-1], {"x": x, "h0": h0, "c0": c0, "W": W, "U": U, "b": b})
    flat = {"W": W.reshape(2, 12), "U": U.reshape(3, 12), "b": b.reshape(12)}
    found = computed(read(SIGMOID + text)[-1], {"x": x, "h0": h0, "c0": c0, **flat})
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_gru_over_a_sequence_is_a_loop() -> None:
    x, h0, W, U, b = normal(3, 2, 2), normal(2, 3), normal(3, 2, 3), normal(3, 3, 3), normal(3, 3)
    h, steps = h0, []
    for at in x:
        r, z = (sigmoid(at @ W[k] + h @ U[k] + b[k]) for k in (0, 1))
        m = np.tanh(at @ W[2] + r * (h @ U[2]) + b[2])
        steps.append(h := (1 - z) * m + z * h)
    found = computed(read(GRU)[-1], {"x": x, "h0": h0, "W": W, "U": U, "b": b})
    np.testing.assert_allclose(found, np.stack(steps), rtol=1e-12)


X = normal(6)


def looped(step: Any, *before: float, x: np.ndarray = X) -> np.ndarray:
    """before, then step(x at t, the values so far) for every t."""
    values = list(before)
    for at in x:
        values.append(step(at, values))
    return np.array(values[len(before) :])


FORWARDS: dict[str, tuple[str, np.ndarray]] = {
    "a cumulative sum": ("f(x): y[t] = pad(y[t-1]) + x[t]", X.cumsum()),
    "a cumulative product": ("f(x): y[t] = pad(y[t-1], 1)*x[t]", X.cumprod()),
    "a running maximum": ("f(x): y[t] = maximum(pad(y[t-1], -inf), x[t])", np.maximum.accumulate(X)),
    "two steps back": ("f(x): y[-1] = 2; y[-2] = 3; y[t] = y[t-1] - y[t-2]/2 + x[t]", looped(lambda x, y: y[-1] - y[-2] / 2 + x, 3, 2)),
    "three steps back alone": (
        "f(x): y[-3] = 1; y[-2] = 2; y[-1] = 3; y[t] = 2*y[t-3] + x[t]", looped(lambda x, y: 2 * y[-3] + x, 1, 2, 3),
    ),
    "a start after it": ("f(x): y[t] = y[t-1]/2 + x[t]; y[-1] = 4", looped(lambda x, y: y[-1] / 2 + x, 4)),
    "a start that is computed": ("f(x, s): y[-1] = exp(s); y[t] = y[t-1]/2 + x[t]", looped(lambda x, y: y[-1] / 2 + x, np.exp(0.5))),
    "reversed": ("f(x, s): y[size(t)] = s; y[t] = y[t+1]/2 + x[t]", looped(lambda x, y: y[-1] / 2 + x, 0.5, x=X[::-1])[::-1]),
    "reversed, from 0": ("f(x): y[t] = pad(y[t+1]) + x[t]", X[::-1].cumsum()[::-1]),
    "reversed, two steps": (
        "f(x, s): y[size(t)] = s; y[size(t)+1] = 2*s; y[t] = y[t+1] - y[t+2] + x[t]",
        looped(lambda x, y: y[-1] - y[-2] + x, 1.0, 0.5, x=X[::-1])[::-1],
    ),
    "read again after the loop": ("f(x, s): y[-1] = s; y[t] = y[t-1] + x[t]; d[t] = y[t] - y[t-1]", X),
    "two that need each other": (
        "f(x): a[t] = x[t] + pad(b[t-1]); b[t] = 2*a[t] - pad(a[t-1])",
        looped(lambda x, y: (a := x + y[-1][1], 2 * a - y[-1][0]), (0.0, 0.0))[:, 1],
    ),
    "with a part that stands apart": (
        "f(x): a[t] = pad(y[t-1])/2; e[t] = exp(x[t]); q[t] = a[t] + 1; y[t] = e[t] + a[t]; r[t] = q[t]*y[t]",
        (lambda y: (np.r_[0, y[:-1]] / 2 + 1) * y)(looped(lambda x, y: np.exp(x) + y[-1] / 2, 0.0)),
    ),
    "a call inside": (SIGMOID + "f(x): y[t] = sigmoid(pad(y[t-1])*2 + 1) + x[t]", looped(lambda x, y: sigmoid(2 * y[-1] + 1) + x, 0.0)),
    "a window along the other axis": (
        "f(x, c): size(k) = 3; y[t,k] = x[t] + sum(pad(y[t-1,k+p-1])*c[p], p)",
        looped(lambda x, y: x + np.convolve(y[-1], [0.5, 0.25, 0.125][::-1], "same"), np.zeros(3)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FORWARDS)
def test_a_recurrence_is_a_loop_over_its_steps(what: str) -> None:
    text, expected = FORWARDS[what]
    definition, given = read(text)[-1], {"x": X, "s": 0.5, "c": np.array([0.5, 0.25, 0.125])}
    found = computed(definition, {tensor.name: given[tensor.name] for tensor in definition.program.inputs})
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_layer_on_whole_tensors_may_be_part_of_a_loop() -> None:
    norm = "norm(x): s[...] = sqrt(sum(x[...,d]**2, d)); y[...,d] = x[...,d]/s[...]\n"
    definition = read(norm + "f(x): a[t,k] = x[t,k] + pad(h[t-1,k]); h = norm(a)")[-1]
    x, h, steps = normal(4, 3), np.zeros(3), []
    for at in x:
        steps.append(h := (at + h) / np.linalg.norm(at + h))
    np.testing.assert_allclose(computed(definition, {"x": x}), np.stack(steps), rtol=1e-12)
    assert {e.loop for e in definition.program.equations} == {definition.program.equations[0].loop}


def test_a_layer_with_a_recurrence_is_called_like_any_other() -> None:
    definition = read(RNN + "f(x, s, *, W, U, b, V): h = rnn(x, s, W, U, b); y = rnn(h, s, V, U, b)")[-1]
    x, s, W, U, b, V = normal(2, 1, 2), normal(1, 2), normal(2, 2), normal(2, 2), normal(2), normal(2, 2)

    def rnn(x: np.ndarray, W: np.ndarray) -> np.ndarray:
        h, steps = s, []
        for at in x:
            steps.append(h := np.tanh(at @ W + h @ U + b))
        return np.stack(steps)

    found = computed(definition, {"x": x, "s": s, "W": W, "U": U, "b": b, "V": V})
    np.testing.assert_allclose(found, rnn(rnn(x, W), V), rtol=1e-12)
    assert [loop.number for loop, _ in passes(definition.program.equations) if loop] == [1, 2]


# ---------------------------------------------------------------- the form of what is read


def lines(text: str) -> list[str]:
    return str(read(text)[-1].program).split("\n")


def loops(definition: Definition, form: str = "program") -> list[tuple[str, Loop | None]]:
    return [(equation.name, equation.loop) for equation in getattr(definition, form).equations]


def test_the_start_is_what_stands_before_the_first_step() -> None:
    assert lines("f(x, h0): h[-1,n] = h0[n]; h[t,n] = h[t-1,n] + x[t,n]") == [
        "h[t,n] = x[t,n] + where(Eq(t, 0), h0[n], h[t - 1,n])",
    ]


def test_a_start_that_is_no_element_has_an_equation_of_its_own() -> None:
    assert lines("f(x, h0): h[-1,n] = 2*h0[n]; h[t,n] = h[t-1,n] + x[t,n]")[0] == "h_start[n] = 2*h0[n]"


def test_the_equations_of_a_loop_carry_it_and_stand_in_the_order_written() -> None:
    found = loops(read(LSTM)[-1])
    assert [name for name, loop in found if loop] == ["z", "i", "f", "g", "o", "c", "h"]
    assert len({loop for _, loop in found if loop}) == 1


def test_equations_apart_from_a_loop_stand_before_and_after_it() -> None:
    [definition] = read("f(x): a[t] = pad(y[t-1])/2; e[t] = exp(x[t]); q[t] = a[t] + 1; y[t] = e[t] + a[t]; r[t] = q[t]*y[t]")
    assert [(name, loop is not None) for name, loop in loops(definition)] == [
        ("e", False),
        ("a", True),
        ("y", True),
        ("q", False),
        ("r", False),
    ]


def test_single_operations_of_a_loop_carry_it_too() -> None:
    [definition] = read("f(x, U): h[t,k] = tanh(x[t,k] + sum(pad(h[t-1,j])*exp(U[j,k]), j))")
    assert [(name, loop is not None) for name, loop in loops(definition, "nodes")] == [
        ("u1", False),
        ("u2", True),
        ("u3", True),
        ("u4", True),
        ("h", True),
    ]


def test_all_equations_of_a_loop_call_its_index_alike() -> None:
    text = "f(x): z[s,k] = x[s,k] + pad(h[s-1,k]); h[t,s] = exp(z[t,s])"
    assert lines(text) == ["z[s,k] = x[s,k] + pad(h[s - 1,k])", "h[s,s2] = exp(z[s,s2])"]
    assert {loop and loop.index.name for _, loop in loops(read(text)[0])} == {"s"}


def test_a_loop_that_goes_back_is_reversed() -> None:
    [definition] = read("f(x): y[t] = pad(y[t+1]) + x[t]")
    assert [loop and loop.reverse for _, loop in loops(definition)] == [True]


def test_a_target_that_only_its_own_steps_read_is_an_output() -> None:
    [definition] = read("f(x): h[t] = pad(h[t-1]) + x[t]; y[t] = 2*x[t]")
    assert [tensor.name for tensor in definition.program.outputs] == ["h", "y"]


def test_the_text_of_a_recurrence_has_its_start() -> None:
    [equation] = read("f(x): y[-1] = 1; y[t] = y[t-1]*x[t]")[0].program.equations
    assert equation.text == "y[-1] = 1; y[t] = y[t-1]*x[t]"


# ---------------------------------------------------------------- matrix functions


def square(*shape: int) -> np.ndarray:
    return normal(*shape) + 3 * np.eye(shape[-1])


MATRICES: dict[str, tuple[str, Any]] = {
    "det": ("f(K): y = det(K)", np.linalg.det),
    "logdet": ("f(K): y = logdet(K)", lambda K: np.linalg.slogdet(K)[1]),
    "inv": ("f(K): a = inv(K)", np.linalg.inv),
    "an element of the inverse": ("f(K): y[n,i] = inv(K)[n,i,i]", lambda K: np.linalg.inv(K).diagonal(axis1=1, axis2=2)),
    "one det for each": ("f(K): y[n] = 2*det(K)[n]", lambda K: 2 * np.linalg.det(K)),
    "of what a layer gives": ("twice(x): y[...,i] = 2*x[...,i]\nf(K): y = logdet(twice(K))", lambda K: np.linalg.slogdet(2 * K)[1]),
    "a linear system": ("f(K): y[n,i] = sum(inv(K)[n,i,j]*K[n,j,0], j)", lambda K: np.eye(len(K[0]))[0] + 0 * K[:, 0]),
}  # fmt: skip


@pytest.mark.parametrize("what", MATRICES)
def test_a_matrix_function_is_what_numpy_says(what: str) -> None:
    text, expected = MATRICES[what]
    K = square(2, 3, 3)
    K = K * np.sign(np.linalg.det(K))[:, None, None]
    np.testing.assert_allclose(computed(read(text)[-1], {"K": K}), expected(K), rtol=1e-10, atol=1e-12)


def test_a_matrix_function_is_a_number_in_a_layer_with_axes() -> None:
    [definition] = read("f(K, y): a = inv(K); L = (logdet(K) + sum(y[i]*a[i,j]*y[j], i, j))/2")
    K, y = square(3, 3) @ np.eye(3), normal(3)
    K = K @ K.T
    expected = (np.linalg.slogdet(K)[1] + y @ np.linalg.inv(K) @ y) / 2
    np.testing.assert_allclose(computed(definition, {"K": K, "y": y}), expected, rtol=1e-10)
    assert [equation.name for equation in definition.program.equations] == ["a", "logdet_K", "L"]


def test_a_matrix_function_written_twice_is_made_once() -> None:
    [definition] = read("f(K, b, c): y[i] = sum(inv(K)[i,j]*b[j], j) + sum(inv(K)[i,j]*c[j], j)")
    assert [equation.name for equation in definition.program.equations] == ["inv_K", "y"]


def test_a_tensor_with_one_axis_has_no_determinant() -> None:
    with pytest.raises(ReadError, match=r"^f, line 1, column 26: det\(v\) does not fit v \(v\[i\], line 1\): it has 1 axis, not 2 axes"):
        read("f(v): y = sum(v[i], i) + det(v)")
