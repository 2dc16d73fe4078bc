"""Texts of deep networks: an MLP of any depth, and a GPT of any number of blocks, with its embedding and its loss."""

from __future__ import annotations

PARTS = """
pre_norm(x, *, gamma, beta):
    mu[...]  = mean(x[...,d], d)
    v[...]   = mean((x[...,d] - mu[...])**2, d)
    y[...,d] = gamma[d]*(x[...,d] - mu[...])/sqrt(v[...] + 1e-5) + beta[d]
gate(x): y = x*(1 + erf(x/sqrt(2)))/2
"""

# x (B, T, C); the heads are axes of the weights. {0} is the number of the block, {1} the block before.
BLOCK = """
    norm{0} = pre_norm(x{1}, g{0}, c{0})
    q{0}[b,h,t,d] = sum(norm{0}[b,t,c]*Q{0}[c,h,d], c)
    k{0}[b,h,t,d] = sum(norm{0}[b,t,c]*K{0}[c,h,d], c)
    v{0}[b,h,t,d] = sum(norm{0}[b,t,c]*V{0}[c,h,d], c)
    s{0}[b,h,i,j] = where(j <= i, sum(q{0}[b,h,i,d]*k{0}[b,h,j,d], d)/sqrt(size(d)), -inf)
    p{0} = softmax(s{0})
    o{0}[b,h,i,d] = sum(p{0}[b,h,i,j]*v{0}[b,h,j,d], j)
    r{0}[b,t,c] = x{1}[b,t,c] + sum(o{0}[b,h,t,d]*O{0}[h,d,c], h, d)
    again{0} = pre_norm(r{0}, gg{0}, cc{0})
    wide{0} = affine(again{0}, A{0}, a{0})
    gated{0}[b,t,f] = gate(wide{0}[b,t,f])
    narrow{0} = affine(gated{0}, B{0}, b{0})
    x{0}[b,t,c] = r{0}[b,t,c] + narrow{0}[b,t,c]"""
WEIGHTS = ("g", "c", "Q", "K", "V", "O", "gg", "cc", "A", "a", "B", "b")


def mlp(layers: int, activation: str = "sigmoid") -> str:
    """affine and activation by turns, then cross entropy."""
    lines, before = [], "x"
    for k in range(1, layers):
        lines += [f"z{k} = affine({before}, W{k}, b{k})", f"a{k}[n,h] = {activation}(z{k}[n,h])"]
        before = f"a{k}"
    lines += [f"z{layers} = affine({before}, W{layers}, b{layers})", f"L = cross_entropy(z{layers}, t)"]
    weights = ", ".join(f"W{k}, b{k}" for k in range(1, layers + 1))
    return "\n    ".join([f"mlp(x, t, *, {weights}):", *lines])


def block() -> str:
    """One pre-norm transformer block."""
    return f"{PARTS}block(x0, *, {', '.join(f'{name}1' for name in WEIGHTS)}):{BLOCK.format(1, 0)}"


def gpt(blocks: int) -> str:
    """Token and position embeddings, the blocks, a last norm, logits, and the mean loss of the labels."""
    weights = [f"{name}{k}" for k in range(1, blocks + 1) for name in WEIGHTS]
    return "\n    ".join(
        [
            f"{PARTS}gpt(ids, labels, *, E, P, {', '.join(weights)}, gain, shift, H):",
            "x0[b,t,c] = E[ids[b,t],c] + P[t,c]" + "".join(BLOCK.format(k, k - 1) for k in range(1, blocks + 1)),
            f"last = pre_norm(x{blocks}, gain, shift)",
            "logits[b,t,k] = sum(last[b,t,c]*H[c,k], c)",
            "chosen[b,t,k] = logits[b,t,k] - logsumexp(logits[b,t,j], j)",
            "L = -mean(chosen[b,t,labels[b,t]], b, t)",
        ]
    )
