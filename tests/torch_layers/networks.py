"""Whole networks in PyTorch."""

from __future__ import annotations

from typing import Any

from torch_layers.draws import Draw, integers, normal

BLOCK = ("g1", "c1", "Wq", "Wk", "Wv", "Wo", "bo", "g2", "c2", "W1", "b1", "W2", "b2")  # the parameters of a transformer block
IN_GPT = ("g", "c", "Wq", "Wk", "Wv", "Wo", "bo", "f", "d", "V", "b", "U", "a")  # what they are called there, less the block's number


def linear(torch: Any, x: Any, W: Any, b: Any) -> Any:
    return torch.nn.functional.linear(x, W.T, b)


def multi_layer_net(torch: Any, v: dict[str, Any]) -> Any:
    a1 = torch.relu(linear(torch, v["x"], v["W1"], v["b1"]))
    a2 = torch.relu(linear(torch, a1, v["W2"], v["b2"]))
    return torch.nn.functional.cross_entropy(linear(torch, a2, v["W3"], v["b3"]), v["t"])


def simple_conv_net(torch: Any, v: dict[str, Any]) -> Any:
    a = torch.relu(torch.nn.functional.conv2d(v["x"], v["w"], v["b"]))
    p = torch.nn.functional.max_pool2d(a, 2)
    return torch.nn.functional.cross_entropy(p.flatten(1) @ v["V"].flatten(0, 2) + v["d"], v["t"])


def transformer_block(torch: Any, x: Any, p: list[Any]) -> Any:
    g1, c1, wq, wk, wv, wo, bo, g2, c2, w1, b1, w2, b2 = p
    u = torch.nn.functional.layer_norm(x, x.shape[-1:], g1, c1)
    q, k, v = (torch.einsum("ntc,chd->nhtd", u, w) for w in (wq, wk, wv))
    o = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    r = x + torch.einsum("nhtd,hdc->ntc", o, wo) + bo
    w = torch.nn.functional.layer_norm(r, r.shape[-1:], g2, c2)
    return r + linear(torch, torch.nn.functional.gelu(linear(torch, w, w1, b1)), w2, b2)


def gpt(torch: Any, v: dict[str, Any]) -> Any:
    h = v["E"][v["t"]] + v["P"]
    for number in (1, 2):
        h = transformer_block(torch, h, [v[f"{name}{number}"] for name in IN_GPT])
    y = torch.nn.functional.layer_norm(h, h.shape[-1:], v["g"], v["c"])
    return torch.nn.functional.cross_entropy((y @ v["R"]).flatten(0, 1), v["s"].flatten())


def block(*names: str) -> dict[str, Draw]:
    """The parameters of a block of width 8 with two heads of three."""
    heads = (8, 2, 3)
    shapes = [(8,), (8,), heads, heads, heads, (2, 3, 8), (8,), (8,), (8,), (8, 10), (10,), (10, 8), (8,)]
    return {name: normal(*shape) for name, shape in zip(names, shapes, strict=True)}


LAYERS = {
    "multi_layer_net": (
        multi_layer_net,
        {"x": normal(7, 5), "t": integers(4, 7), "W1": normal(5, 6), "b1": normal(6), "W2": normal(6, 3), "b2": normal(3)}
        | {"W3": normal(3, 4), "b3": normal(4)},
        "torch",
    ),
    "simple_conv_net": (
        simple_conv_net,
        {"x": normal(2, 3, 8, 7), "t": integers(5, 2), "w": normal(4, 3, 3, 2), "b": normal(4), "V": normal(4, 3, 3, 5), "d": normal(5)},
        "torch",
    ),
    "transformer_block": (
        lambda torch, v: transformer_block(torch, v["x"], [v[name] for name in BLOCK]),
        {"x": normal(2, 5, 8)} | block(*BLOCK),
        "torch",
    ),
    "gpt": (
        gpt,
        {"t": integers(9, 2, 5), "s": integers(9, 2, 5), "E": normal(9, 8), "P": normal(5, 8)}
        | {name: draw for k in "12" for name, draw in block(*(n + k for n in IN_GPT)).items()}
        | {"g": normal(8), "c": normal(8), "R": normal(8, 9)},
        "torch",
    ),
}
