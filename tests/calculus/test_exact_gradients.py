"""What the engine derives, against difference quotients of the forward equations in the exact interpreter."""

from __future__ import annotations

import random

import mpmath
import numpy as np
import pytest
from exact import difference_quotients, run_backward, worst_difference

from symbp.algebra import output_form, simplify, stabilise, trace_nodes
from symbp.calculus import derive
from symbp.ir import Leading, Program, run, validate
from symbp.language import Definition, read

DEFINITIONS = """
sigmoid(x):         y = 1/(1 + exp(-x))
affine(x, *, W, b): y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]
softmax(x):         y[...,k] = exp(x[...,k]) / sum(exp(x[...,j]), j)
layer_norm(x, *, gamma, beta, eps=1e-5):
    mu[...]  = mean(x[...,d], d)
    v[...]   = mean((x[...,d] - mu[...])**2, d)
    y[...,d] = gamma[d]*(x[...,d] - mu[...])/sqrt(v[...] + eps) + beta[d]
cross_entropy(z, t): L = -mean(log(softmax(z)[n, t[n]]), n)
attention(q, k, v):
    s[h,i,j] = where(j <= i, sum(q[h,i,d]*k[h,j,d], d)/sqrt(size(d)), -inf)
    o[h,i,e] = sum(softmax(s)[h,i,j]*v[h,j,e], j)
two_layer_net(x, t, *, W1, b1, W2, b2): a = sigmoid(affine(x, W1, b1)); L = cross_entropy(affine(a, W2, b2), t)
broadcast_product(a, b): y = a*b
broadcast_quotient(a, b): y = a/b
mse(y, t): L = mean((y[...] - t[...])**2, ...)
embedding(t, *, E): y[n,d] = E[t[n],d]
pair(u, v, *, E): y[n] = sum(E[u[n],d]*E[v[n],d], d)
diagonal(s): y[i] = s[i,i]
first_and_last(z): y[n] = z[n,0]*z[n,-1]
max_over_one(x): y[n] = max(x[n,k]*2, k)
max_over_two(x): y[n] = max(x[n,k]*x[m,k], m, k)
min_over_one(x): y[n] = min(x[n,k]**3, k)
product(x): y[n] = prod(x[n,k], k)
read_only_in_a_comparison(x, z): y = where(z > 0, x*2, x)
silu(x): y = x*sigmoid(x)
swiglu(x, *, W, V): y[n,k] = silu(sum(x[n,i]*W[i,k], i))*sum(x[n,i]*V[i,k], i)
indices_as_numbers(x): y[i] = x[i]*sum(x[j]*(i-j), j)
log_sum_exp(x): y[...] = logsumexp(x[...,k], k)
ranges(x): y[n] = sum(x[n]**p, p=3)
clip(x, lo=-0.5, hi=0.5): y = minimum(maximum(x, lo), hi)
masked(x, m): y[n,k] = where(0 < x[n,k] < 0.5 and m[n], x[n,k]**2, 0)
cosine(x, z, eps=1e-8): y[n] = sum(x[n,d]*z[n,d], d)/sqrt(sum(x[n,d]**2, d)*sum(z[n,d]**2, d) + eps)
two_outputs(x, w): a = x*w; b = exp(x)
used_twice(x): u = sin(x); y = u*u + cos(u)
"""
LAYERS = {d.name: d for d in read(DEFINITIONS)}


def arrays(program: Program, draw: random.Random) -> dict[str, np.ndarray]:
    """Small random inputs; sizes that are free differ, so that axes cannot be mixed up."""
    lengths: dict[object, tuple[int, ...]] = {}
    for size in (s for t in program.inputs for s in t.shape):
        lengths.setdefault(size, (2,) if isinstance(size, Leading) else (2 + len(lengths) % 2,) if size.is_Symbol else (int(size),))
    drawn = {}
    for tensor in program.inputs:
        table = np.empty(sum((lengths[s] for s in tensor.shape), ()), dtype=object)
        for place in np.ndindex(table.shape):
            table[place] = mpmath.mpf(draw.randint(100, 900)) / 1000 if tensor.kind == "real" else draw.randrange(2)
        drawn[tensor.name] = table
    return drawn


def case(definition: Definition) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray]]:
    """(inputs, upstream, exact gradients)"""
    draw = random.Random(definition.name)
    inputs = arrays(definition.program, draw)
    values = run(definition.program, inputs)
    cotangent = np.vectorize(lambda _: mpmath.mpf(draw.randint(-900, 900)) / 1000, otypes=[object])
    upstream = {o.name: cotangent(values[o.name]) for o in definition.program.outputs}
    return inputs, upstream, difference_quotients(definition.program, inputs, upstream)


@pytest.mark.parametrize("name", LAYERS)
def test_every_stage_of_the_engine_gives_the_exact_gradient(name: str) -> None:
    definition = LAYERS[name]
    inputs, upstream, exact = case(definition)
    raw = derive(definition.program, definition.nodes)
    simplified = simplify(derive(definition.program, definition.nodes, output_form))
    traced = trace_nodes(simplified)
    stable = stabilise(simplified).stable
    assert stable is not None and traced.node_backward is not None
    stages = {
        "derived": (raw.forward, raw.backward),
        "simplified": (simplified.forward, simplified.backward),
        "stable": stable,
        "node by node": (traced.nodes, traced.node_backward),
    }
    for stage, (forward, backward) in stages.items():
        validate(forward)
        validate(backward)
        assert worst_difference(run_backward(forward, backward, inputs, upstream), exact) < 1e-30, stage
