"""Large networks written as one definition with calls are read, in time that grows with their text alone."""

import cProfile
import pstats

import pytest

from symbp.ir import Derived
from symbp.language import Definition, read

LAYERS = """
affine(x, *, W, b): y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]
relu(x): y = maximum(0, x)
gelu(x): y = x*(1 + erf(x/sqrt(2)))/2
softmax(x): y[...,k] = exp(x[...,k])/sum(exp(x[...,j]), j)
cross_entropy(z, t): L = -mean(log(softmax(z)[n, t[n]]), n)
layer_norm(x, *, gamma, beta, eps=1e-5):
    mu[...] = mean(x[...,d], d)
    v[...] = mean((x[...,d] - mu[...])**2, d)
    y[...,d] = gamma[d]*(x[...,d] - mu[...])/sqrt(v[...] + eps) + beta[d]
attention(q, k, v):
    s[...,i,j] = where(j <= i, sum(q[...,i,d]*k[...,j,d], d)/sqrt(size(d)), -inf)
    o[...,i,e] = sum(softmax(s)[...,i,j]*v[...,j,e], j)
conv(x, *, w, stride=1, padding=0): y[n,o,i,j] = sum(pad(x[n,c,i*stride+p-padding,j*stride+q-padding])*w[o,c,p,q], c, p, q)
block(x, *, g1, b1, Wq, Wk, Wv, Wo, g2, b2, W1, c1, W2, c2):
    r = layer_norm(x, g1, b1)
    q[b,h,t,d] = sum(r[b,t,m]*Wq[m,h,d], m)
    k[b,h,t,d] = sum(r[b,t,m]*Wk[m,h,d], m)
    v[b,h,t,d] = sum(r[b,t,m]*Wv[m,h,d], m)
    o = attention(q, k, v)
    a[b,t,m] = x[b,t,m] + sum(o[b,h,t,d]*Wo[h,d,m], h, d)
    z = affine(layer_norm(a, g2, b2), W1, c1)
    f[b,t,e] = gelu(z[b,t,e])
    y[b,t,m] = a[b,t,m] + sum(f[b,t,e]*W2[e,m], e) + c2[m]
"""
SCOPE = {definition.name: definition for definition in read(LAYERS)}
WEIGHTS = ("g1", "b1", "Wq", "Wk", "Wv", "Wo", "g2", "b2", "W1", "c1", "W2", "c2")


def mlp(layers: int) -> str:
    weights = ", ".join(f"W{k}, b{k}" for k in range(layers))
    hidden = "".join(f"    h{k + 1} = relu(affine(h{k}, W{k}, b{k}))\n" for k in range(layers - 1))
    last = layers - 1
    return f"mlp(h0, t, *, {weights}):\n{hidden}    L = cross_entropy(affine(h{last}, W{last}, b{last}), t)\n"


def gpt(blocks: int) -> str:
    weights = ", ".join(f"{name}_{k}" for k in range(blocks) for name in WEIGHTS)
    calls = "".join(f"    x{k + 1} = block(x{k}, {', '.join(f'{name}_{k}' for name in WEIGHTS)})\n" for k in range(blocks))
    return f"""gpt(t, y, *, E, P, {weights}, g, b):
    x0[n,s,m] = E[t[n,s],m] + P[s,m]
{calls}    r = layer_norm(x{blocks}, g, b)
    z[n,s,v] = sum(r[n,s,m]*E[v,m], m)
    L = -mean(log(softmax(z)[n,s,y[n,s]]), n, s)
"""


def resnet(blocks: int) -> str:
    weights = ", ".join(f"v{k}, w{k}" for k in range(blocks))
    calls = "".join(
        f"    a{k}[n,c,i,j] = relu(conv(h{k}, v{k}, padding=1)[n,c,i,j])\n"
        f"    h{k + 1}[n,c,i,j] = relu(conv(a{k}, w{k}, padding=1)[n,c,i,j] + h{k}[n,c,i,j])\n"
        for k in range(blocks)
    )
    return f"resnet(h0, *, {weights}):\n{calls}"


def last(text: str) -> Definition:
    return read(text, SCOPE)[-1]


def test_a_perceptron_of_a_hundred_layers_is_one_definition() -> None:
    definition = last(mlp(100))
    assert len(definition.program.equations) == 201 and len(definition.program.inputs) == 202


def test_a_transformer_of_four_blocks_is_one_definition() -> None:
    definition = last(gpt(4))
    shape = {name: ",".join(map(str, tensor.shape)) for name, tensor in definition.program.tensors.items()}
    assert len(definition.program.equations) == 71
    assert (shape["x0"], shape["Wq_0"], shape["W2_0"], shape["L"]) == ("N,S,M", "M,H,D", "E2,M", "")


def test_a_residual_network_of_twenty_blocks_says_how_long_its_filters_are_together() -> None:
    heads = last(resnet(20)).program.tensors
    for k in range(20):
        first, second = heads[f"v{k}"].shape[2], heads[f"w{k}"].shape[2]
        assert isinstance(first, Derived) and first.formulas == (6 - second,)


def test_a_thousand_equations_are_no_problem() -> None:
    assert len(last("f(x):\n" + "\n".join(f"y{k} = x + x + x" for k in range(1000))).program.equations) == 1000


def steps(text: str) -> int:
    """The function calls that reading takes."""
    profile = cProfile.Profile()
    profile.runcall(read, text, SCOPE)
    return pstats.Stats(profile).total_calls  # type: ignore[attr-defined]


@pytest.mark.parametrize("network", [mlp, gpt, resnet])
def test_the_work_of_reading_grows_with_the_text(network: object) -> None:
    assert callable(network)
    read(network(4), SCOPE)  # what SymPy remembers from the first time does not count
    assert steps(network(16)) < 6 * steps(network(4))
