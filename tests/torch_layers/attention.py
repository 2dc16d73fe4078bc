"""Means of values, weighted by how well a query matches each key."""

from __future__ import annotations

from typing import Any

from torch_layers import Comparison
from torch_layers.draws import Draw, integers, masks, normal, uniform

QKV: dict[str, Draw] = {"q": normal(2, 3, 4, 5), "k": normal(2, 3, 6, 5), "v": normal(2, 3, 6, 7)}
SQUARE: dict[str, Draw] = QKV | {"k": normal(2, 3, 4, 5), "v": normal(2, 3, 4, 7)}


def attention(torch: Any, v: dict[str, Any], **options: Any) -> Any:
    return torch.nn.functional.scaled_dot_product_attention(v["q"], v["k"], v["v"], **options)


def scores(torch: Any, v: dict[str, Any]) -> Any:
    return torch.einsum("...id,...jd->...ij", v["q"], v["k"])


def weighted(torch: Any, v: dict[str, Any], logits: Any) -> Any:
    return torch.einsum("...ij,...je->...ie", torch.softmax(logits, -1), v["v"])


def distance(torch: Any, length: int) -> Any:
    places = torch.arange(length, dtype=torch.float64)
    return places[:, None] - places


def window(torch: Any, v: dict[str, Any]) -> Any:
    far = distance(torch, 4)
    return attention(torch, v, attn_mask=(far >= 0) & (far < 2))


def alibi(torch: Any, v: dict[str, Any]) -> Any:
    far = distance(torch, 4)
    return attention(torch, v, attn_mask=torch.where(far >= 0, -v["slope"][:, None, None] * far, -torch.inf))


def relative(torch: Any, v: dict[str, Any]) -> Any:
    among = torch.einsum("nhid,ijd->nhij", v["q"], torch.nn.functional.embedding(v["r"], v["R"]))
    return weighted(torch, v, (scores(torch, v) + among) / 5**0.5)


def cosine(torch: Any, v: dict[str, Any]) -> Any:
    similarity = torch.nn.functional.cosine_similarity(v["q"][..., :, None, :], v["k"][..., None, :, :], dim=-1)
    return weighted(torch, v, similarity / v["tau"])


def linear(torch: Any, v: dict[str, Any], seen: Any = 1) -> Any:
    features = {"q": torch.nn.functional.elu(v["q"]) + 1, "k": torch.nn.functional.elu(v["k"]) + 1}
    weights = scores(torch, features) * seen
    return weights @ v["v"] / (weights.sum(-1, keepdim=True) + 1e-6)


def additive(torch: Any, v: dict[str, Any]) -> Any:
    hidden = (v["q"] @ v["W"])[..., :, None, :] + (v["k"] @ v["U"])[..., None, :, :]
    return weighted(torch, v, torch.tanh(hidden) @ v["w"])


def multi_query(torch: Any, v: dict[str, Any]) -> Any:
    return attention(torch, {"q": v["q"], "k": v["k"][:, None], "v": v["v"][:, None]})


def grouped_query(torch: Any, v: dict[str, Any]) -> Any:
    o = attention(torch, {"q": v["q"].flatten(1, 2), "k": v["k"], "v": v["v"]}, enable_gqa=True)
    return o.unflatten(1, v["q"].shape[1:3])


def self_attention(torch: Any, v: dict[str, Any]) -> Any:
    return attention(torch, {"q": v["x"] @ v["Wq"], "k": v["x"] @ v["Wk"], "v": v["x"] @ v["Wv"]})


def multi_head(torch: Any, v: dict[str, Any]) -> Any:
    """By PyTorch's own layer, whose matrices hold all heads below each other, and whose first axis is the sequence."""
    heads, channels, _ = v["Wq"].shape
    matrices = torch.cat([v[name].permute(0, 2, 1).reshape(channels, channels) for name in ("Wq", "Wk", "Wv")])
    biases = torch.cat([v[name].flatten() for name in ("bq", "bk", "bv")])
    x, last = v["x"].transpose(0, 1), v["Wo"].reshape(channels, channels).T
    y, _ = torch.nn.functional.multi_head_attention_forward(
        *(x, x, x, channels, heads, matrices, biases, None, None, False, 0.0, last, v["bo"]), need_weights=False
    )
    return y.transpose(0, 1)


def graph(torch: Any, v: dict[str, Any]) -> Any:
    h = v["x"] @ v["W"]
    both = torch.cat([h[:, None].expand(5, 5, 3), h[None].expand(5, 5, 3)], -1) @ torch.cat([v["a"], v["b"]])
    return torch.softmax(torch.nn.functional.leaky_relu(both, 0.2).masked_fill(~v["edge"], -torch.inf), 1) @ h


MATRICES: dict[str, Draw] = {f"W{name}": normal(2, 6, 3) for name in "qkv"}
BIASES: dict[str, Draw] = {f"b{name}": normal(2, 3) for name in "qkv"}

LAYERS: dict[str, Comparison] = {
    "attention": (attention, QKV, "torch"),
    "attention_causal": (lambda torch, v: attention(torch, v, is_causal=True), QKV, "torch"),
    "attention_masked": (lambda torch, v: attention(torch, v, attn_mask=v["mask"]), QKV | {"mask": masks(2, 3, 4, 6)}, "torch"),
    "attention_padded": (
        lambda torch, v: attention(torch, v, attn_mask=v["mask"][:, None, None, :]),
        QKV | {"mask": masks(2, 6)},
        "torch",
    ),
    "attention_window": (window, SQUARE, "torch"),
    "attention_with_bias": (lambda torch, v: attention(torch, v, attn_mask=v["b"]), QKV | {"b": normal(3, 4, 6)}, "torch"),
    "attention_alibi": (alibi, SQUARE | {"slope": normal(3)}, "formula"),
    "attention_relative": (relative, QKV | {"r": integers(8, 4, 6), "R": normal(8, 5)}, "formula"),
    "attention_soft_cap": (
        lambda torch, v: weighted(torch, v, v["cap"] * torch.tanh(scores(torch, v) / 5**0.5 / v["cap"])),
        QKV | {"cap": uniform(1, 5)},
        "formula",
    ),
    "attention_cosine": (cosine, QKV | {"tau": uniform(0.5, 2)}, "formula"),
    "attention_sigmoid": (
        lambda torch, v: torch.sigmoid(scores(torch, v) / 5**0.5 + v["b"]) @ v["v"],
        QKV | {"b": uniform(-2, 0)},
        "formula",
    ),
    "linear_attention": (linear, QKV, "formula"),
    "linear_attention_causal": (lambda torch, v: linear(torch, v, distance(torch, 4) >= 0), SQUARE, "formula"),
    "attention_additive": (
        additive,
        QKV | {"k": normal(2, 3, 6, 8), "W": normal(5, 4), "U": normal(8, 4), "w": normal(4)},
        "formula",
    ),
    "attention_bilinear": (
        lambda torch, v: weighted(torch, v, v["q"] @ v["W"] @ v["k"].transpose(-1, -2)),
        QKV | {"k": normal(2, 3, 6, 8), "W": normal(5, 8)},
        "formula",
    ),
    "multi_query_attention": (multi_query, QKV | {"k": normal(2, 6, 5), "v": normal(2, 6, 7)}, "torch"),
    "grouped_query_attention": (grouped_query, QKV | {"q": normal(2, 3, 2, 4, 5)}, "torch"),
    "self_attention": (self_attention, {"x": normal(2, 4, 5), "Wq": normal(5, 3), "Wk": normal(5, 3), "Wv": normal(5, 6)}, "torch"),
    "multi_head_attention": (
        multi_head,
        {"x": normal(2, 4, 6), **MATRICES, **BIASES, "Wo": normal(2, 3, 6), "bo": normal(6)},
        "torch",
    ),
    "attention_pooling": (
        lambda torch, v: (torch.softmax(v["x"] @ v["w"], -1)[..., None] * v["x"]).sum(-2),
        {"x": normal(2, 3, 4), "w": normal(4)},
        "formula",
    ),
    "hopfield": (
        lambda torch, v: torch.softmax(v["beta"] * scores(torch, v), -1) @ v["k"],
        {"q": normal(2, 4, 5), "k": normal(2, 6, 5), "beta": uniform(0.5, 2)},
        "formula",
    ),
    "graph_attention": (
        graph,
        {"x": normal(5, 4), "edge": masks(5, 5), "W": normal(4, 3), "a": normal(3), "b": normal(3)},
        "formula",
    ),
}
