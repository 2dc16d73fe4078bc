"""Recurrent layers in PyTorch, whose weights hold the gates in rows."""

from __future__ import annotations

from typing import Any

from torch_layers.draws import normal, uniform


def rows(weight: Any) -> Any:
    """(D, G, K), or (D, K), as PyTorch's (G K, D)."""
    return weight.flatten(1).T


def module(torch: Any, kind: str, v: dict[str, Any], start: Any) -> Any:
    """A recurrent module of one layer on the given weights, called on x."""
    size, second = v["W"].shape[0], v["e"].flatten() if "e" in v else torch.zeros_like(v["b"].flatten())
    weights = [rows(v["W"]), rows(v["U"]), v["b"].flatten(), second]
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    layer = getattr(torch.nn, kind)(size, v["U"].shape[0]).double()
    return torch.func.functional_call(layer, dict(zip(names, weights, strict=True)), (v["x"], start))


def cell(torch: Any, kind: str, v: dict[str, Any], start: Any) -> Any:
    second = v["e"].flatten() if "e" in v else torch.zeros_like(v["b"].flatten())
    weights = [rows(v["W"]), rows(v["U"]), v["b"].flatten(), second]
    layer = getattr(torch.nn, kind)(v["W"].shape[0], v["U"].shape[0]).double()
    names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    return torch.func.functional_call(layer, dict(zip(names, weights, strict=True)), (v["x"], start))


def linear(torch: Any, v: dict[str, Any]) -> Any:
    state, states = v["h0"], []
    for a, x in zip(v["a"], v["x"], strict=True):
        state = a * state + x
        states.append(state)
    return torch.stack(states)


def moving(torch: Any, v: dict[str, Any]) -> Any:
    state, states = v["y0"], []
    for x in v["x"]:
        state = 0.9 * state + (1 - 0.9) * x
        states.append(state)
    return torch.stack(states)


STEP = {"x": normal(3, 4), "h": normal(3, 5)}
SEQUENCE = {"x": normal(6, 3, 4), "h0": normal(3, 5)}
PLAIN = {"W": normal(4, 5), "U": normal(5, 5), "b": normal(5)}
FOUR = {"W": normal(4, 4, 5), "U": normal(5, 4, 5), "b": normal(4, 5)}
THREE = {"W": normal(4, 3, 5), "U": normal(5, 3, 5), "b": normal(3, 5), "e": normal(3, 5)}

LAYERS = {
    "rnn_cell": (lambda torch, v: cell(torch, "RNNCell", v, v["h"]), STEP | PLAIN, "torch"),
    "lstm_cell": (lambda torch, v: tuple(cell(torch, "LSTMCell", v, (v["h"], v["c"]))), STEP | {"c": normal(3, 5)} | FOUR, "torch"),
    "gru_cell": (lambda torch, v: cell(torch, "GRUCell", v, v["h"]), STEP | THREE, "torch"),
    "rnn": (lambda torch, v: module(torch, "RNN", v, v["h0"][None])[0], SEQUENCE | PLAIN, "torch"),
    "lstm": (lambda torch, v: module(torch, "LSTM", v, (v["h0"][None], v["c0"][None]))[0], SEQUENCE | {"c0": normal(3, 5)} | FOUR, "torch"),
    "gru": (lambda torch, v: module(torch, "GRU", v, v["h0"][None])[0], SEQUENCE | THREE, "torch"),
    "cumsum": (lambda torch, v: torch.cumsum(v["x"], -1), {"x": normal(2, 3, 5)}, "torch"),
    "cumprod": (lambda torch, v: torch.cumprod(v["x"], -1), {"x": uniform(0.5, 1.5, 2, 3, 5)}, "torch"),
    "exponential_smoothing": (moving, {"x": normal(6, 3), "y0": normal(3)}, "formula"),
    "linear_recurrence": (linear, {"a": uniform(0.1, 0.9, 6, 3), "x": normal(6, 3), "h0": normal(3)}, "formula"),
}
