"""What textbooks and papers print for the backward pass of the classics, and whether it is what was derived.

Nothing is ever computed by these forms: they are read, brought to the names of a derivation and compared with its result.
The texts are written in the language of the layers. The inputs are what the source takes as known, by the names that the
derivation has for them, y_bar for the cotangent dy; a name that the derivation does not have is the source's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sympy import Eq, Expr

from symbp.algebra.match import same
from symbp.algebra.proof import proved
from symbp.calculus import inlined
from symbp.ir import Bracket, Cotangent, Element, Equation, Index, Program, Tensor, Where, numbering, rename_bound, rewrite_elements
from symbp.ir.derivation import Derivation, Printed
from symbp.language import Definition, read

FORMS = """
# Saito, Deep Learning from Scratch, ch. 5.5.2
sigmoid(y, y_bar): x_bar = y_bar*y*(1 - y)

# Bishop, Pattern Recognition and Machine Learning, 2006, ch. 5.3.2
tanh(y, y_bar): x_bar = y_bar*(1 - y**2)

# Saito, Deep Learning from Scratch 2, class Softmax
softmax(y, y_bar): x_bar[...,k] = y[...,k]*y_bar[...,k] - y[...,k]*sum(y[...,j]*y_bar[...,j], j)

# Saito, Deep Learning from Scratch, ch. 5.6.3 and appendix A
cross_entropy(softmax_y, t, L_bar): z_bar[n,k] = L_bar*(softmax_y[n,k] - where(k == t[n], 1, 0))/size(n)

# Karpathy, llm.c, doc/layernorm, 2024
layer_norm(x, gamma, mu, v, y_bar, eps=1e-5):
    norm[...,d] = (x[...,d] - mu[...])/sqrt(v[...] + eps)
    norm_bar[...,d] = y_bar[...,d]*gamma[d]
    x_bar[...,d] = (norm_bar[...,d] - mean(norm_bar[...,j], j) - norm[...,d]*mean(norm_bar[...,l]*norm[...,l], l))/sqrt(v[...] + eps)
    gamma_bar[d] = sum(y_bar[...,d]*norm[...,d], ...)
    beta_bar[d] = sum(y_bar[...,d], ...)

# Ioffe and Szegedy 2015, ch. 3
batch_norm(x, gamma, mu, v, y_bar, eps=1e-5):
    x_hat[n,c] = (x[n,c] - mu[c])/sqrt(v[c] + eps)
    x_hat_bar[n,c] = y_bar[n,c]*gamma[c]
    v_bar[c] = -sum(x_hat_bar[n,c]*(x[n,c] - mu[c])*(v[c] + eps)**(-3/2), n)/2
    mu_bar[c] = -sum(x_hat_bar[n,c]/sqrt(v[c] + eps), n) - 2*v_bar[c]*sum(x[n,c] - mu[c], n)/size(n)
    x_bar[n,c] = x_hat_bar[n,c]/sqrt(v[c] + eps) + 2*v_bar[c]*(x[n,c] - mu[c])/size(n) + mu_bar[c]/size(n)
    gamma_bar[c] = sum(y_bar[n,c]*x_hat[n,c], n)
    beta_bar[c] = sum(y_bar[n,c], n)

# Dao et al. 2022, FlashAttention, algorithm 3 (there without the scale)
attention(q, k, v, softmax_y, o_bar):
    v_bar[...,j,e] = sum(softmax_y[...,i,j]*o_bar[...,i,e], i)
    softmax_y_bar[...,i,j] = sum(o_bar[...,i,e]*v[...,j,e], e)
    s_bar[...,i,j] = softmax_y[...,i,j]*(softmax_y_bar[...,i,j] - sum(softmax_y[...,i,l]*softmax_y_bar[...,i,l], l))
    q_bar[...,i,d] = sum(s_bar[...,i,j]*k[...,j,d], j)/sqrt(size(d))
    k_bar[...,j,d] = sum(s_bar[...,i,j]*q[...,i,d], i)/sqrt(size(d))

# Saito, Deep Learning from Scratch 2, ch. 6, class LSTM
lstm_cell(x, h, c, W, U, i, f, g, o, s, h_next_bar, c_next_bar):
    s_bar[n,k] = c_next_bar[n,k] + h_next_bar[n,k]*o[n,k]*(1 - tanh(s[n,k])**2)
    c_bar[n,k] = s_bar[n,k]*f[n,k]
    i_bar[n,k] = s_bar[n,k]*g[n,k]
    f_bar[n,k] = s_bar[n,k]*c[n,k]
    o_bar[n,k] = h_next_bar[n,k]*tanh(s[n,k])
    g_bar[n,k] = s_bar[n,k]*i[n,k]
    z_bar[n,q,k] = i_bar[n,k]*i[n,k]*(1 - i[n,k])*where(q == 0, 1, 0) + f_bar[n,k]*f[n,k]*(1 - f[n,k])*where(q == 1, 1, 0) \
+ g_bar[n,k]*(1 - g[n,k]**2)*where(q == 2, 1, 0) + o_bar[n,k]*o[n,k]*(1 - o[n,k])*where(q == 3, 1, 0)
    U_bar[j,q,k] = sum(h[n,j]*z_bar[n,q,k], n)
    W_bar[d,q,k] = sum(x[n,d]*z_bar[n,q,k], n)
    b_bar[q,k] = sum(z_bar[n,q,k], n)
    x_bar[n,d] = sum(z_bar[n,q,k]*W[d,q,k], q, k)
    h_bar[n,j] = sum(z_bar[n,q,k]*U[j,q,k], q, k)
"""

BAR = "_bar"  # of a cotangent's name


def printed(derivation: Derivation, forms: str = FORMS) -> Printed | None:
    """The printed form of what was derived, if there is one and it is proved equal; None otherwise."""
    form = _read(forms).get(derivation.forward.name)
    if form is None or not _fits(form.program, derivation):
        return None
    with numbering():
        return _compared(_in_names_of(derivation, form.program), derivation, form.doc)


@cache
def _read(forms: str) -> Mapping[str, Definition]:
    return {definition.name: definition for definition in read(forms)}


# ---------------------------------------------------------------- the form in the names of the derivation


def _fits(form: Program, derivation: Derivation) -> bool:
    """Has the derivation what the form takes as known, and does the form give every gradient, all with as many axes?"""
    forward, heads = derivation.forward.tensors, _heads(derivation)
    taken, given = ({_derived_name(t.name) for t in tensors} for tensors in (form.inputs, (e.target.head for e in form.equations)))
    whole = taken <= heads.keys() and given >= {t.name for t in derivation.backward.outputs} and not given & forward.keys()
    ranks = {_derived_name(name): len(tensor.shape) for name, tensor in form.tensors.items()}
    return whole and all(ranks[name] == len(heads[name].shape) for name in ranks.keys() & heads.keys())


def _heads(derivation: Derivation) -> dict[str, Tensor]:
    return derivation.forward.tensors | derivation.backward.tensors


def _derived_name(name: str) -> str:
    """y_bar is dy."""
    return f"d{name.removesuffix(BAR)}" if name.endswith(BAR) else name


def _in_names_of(derivation: Derivation, form: Program) -> tuple[Equation, ...]:
    """The equations of the form with the heads, sizes and indices of the derivation."""
    heads = _heads(derivation)
    tensors = {_derived_name(name): tensor for name, tensor in form.tensors.items()}
    pairs = [zip(tensor.shape, heads[name].shape, strict=True) for name, tensor in tensors.items() if name in heads]
    sizes = {own: theirs for pair in pairs for own, theirs in pair}
    new = {t.name: heads.get(name) or _own(t, name, sizes) for name, t in tensors.items()}

    def brought(expr: Any) -> Any:
        indices = {i: Index(i.name, sizes[i.size]) for i in expr.atoms(Index) if i.size in sizes}
        moved = expr.xreplace(indices).xreplace(sizes)
        return rewrite_elements(moved, lambda e: Element(new[e.name], *e.position))

    return tuple(_as_derived(Equation(brought(e.target), _bracketed(brought(e.value))), derivation) for e in form.equations)


def _own(tensor: Tensor, name: str, sizes: Mapping[Expr, Expr]) -> Tensor:
    """A value that only the source names."""
    return (Cotangent if tensor.name.endswith(BAR) else Tensor)(name, tuple(sizes.get(s, s) for s in tensor.shape))


def _bracketed(expr: Any) -> Any:
    """expr with where(a == b, 1, 0) as the bracket [a = b]."""
    if isinstance(expr, Element) or not expr.args:
        return expr
    built = expr.func(*map(_bracketed, expr.args))
    if isinstance(built, Where) and isinstance(built.condition, Eq) and built.branches == (1, 0):
        return Bracket(*built.condition.args)
    return built


def _as_derived(equation: Equation, derivation: Derivation) -> Equation:
    """The equation with the indices on its left called as in the derivation."""
    derived = derivation.backward.definitions.get(equation.name)
    if derived is None:
        return equation
    renamed = dict(zip(equation.target.position, derived.target.position, strict=True))
    return replace(equation, target=derived.target, value=rename_bound(equation.value).xreplace(renamed))


# ---------------------------------------------------------------- the comparison


def _compared(form: Sequence[Equation], derivation: Derivation, source: str) -> Printed | None:
    derived = derivation.backward.definitions
    own = [e for e in form if e.name not in derived]
    claims = [e for e in form if e.name in derived]
    unprinted = [e for e in derivation.backward.equations if e.name not in {c.name for c in claims}]
    for claim in claims:
        if not _is_proved(claim, own, unprinted, derivation):
            return None
    identical = not own and not unprinted and all(same(e.value, derived[e.name].value) for e in claims)
    return Printed(source, tuple(form), identical)


def _is_proved(claim: Equation, own: Sequence[Equation], unprinted: Sequence[Equation], derivation: Derivation) -> bool:
    """Both sides with what only one of them names written out; what both name is a free variable, and a claim of its own."""
    left = _written_out(derivation.backward.definitions[claim.name].value, unprinted)
    right = _written_out(claim.value, own)
    return proved(left, right, claim.target, derivation.forward.equations, derivation.forward.constants) is not None


def _written_out(expr: Expr, equations: Sequence[Equation]) -> Expr:
    for equation in reversed(equations):
        expr = inlined(expr, equation)
    return expr
