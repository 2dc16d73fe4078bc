"""Matrix forms: what they look like, and that NumPy's products of whole arrays agree with the equations element by element."""

import numpy as np
import pytest

from symbp import Layer, catalog
from symbp.explain.latex import formula
from symbp.explain.matrices import matrix_form
from symbp.explain.order import names_of
from symbp.explain.unicode import Unicode
from symbp.ir import Constant, Equation, Program, elements, run
from symbp.language import read

CONSTANT = 1.5


def forms(text):
    derivation = Layer(*read(text)).derivation
    names = names_of([derivation.forward])
    found = [matrix_form(e, names) for e in (*derivation.forward.equations, *derivation.backward.equations)]
    return [" = ".join(map(Unicode(names).formula, form)) for form in found if form]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "affine(x, *, W, b): y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]",
            ["y = x·W + 𝟏·bᵀ", "dx = dy·Wᵀ", "dW = xᵀ·dy", "db = dyᵀ·𝟏"],
        ),
        ("mv(A, x): y[i] = sum(A[i,j]*x[j], j)", ["y = A·x", "dA = dy·xᵀ", "dx = Aᵀ·dy"]),
        ("f(A, X): Y[i,l] = sum(A[i,j]*X[j,k]*A[l,k], j, k)", ["Y = A·X·Aᵀ", "dA = dY·A·Xᵀ + dYᵀ·A·X", "dX = Aᵀ·dY·A"]),
        (
            "s(q, k): s[...,i,j] = sum(q[...,i,d]*k[...,j,d], d)/sqrt(size(d))",
            ["s = q·kᵀ/sqrt(D)", "dq = ds·k/sqrt(D)", "dk = dsᵀ·q/sqrt(D)"],
        ),
        ("f(A, B): C[i,k] = sum(A[i,j]*B[j,k], j) - sum(B[i,j]*A[j,k], j)", ["C = A·B − B·A", "dA = dC·Bᵀ − Bᵀ·dC", "dB = Aᵀ·dC − dC·Aᵀ"]),
    ],
)
def test_a_sum_over_one_index_of_two_tensors_is_a_product_of_matrices(text, expected):
    assert forms(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "scale(x, *, g): y[n,d] = g[d]*x[n,d]",
        "add(a, b): y[i,j] = a[i,j] + b[i,j]",
        "trace(a): y = sum(a[i,i], i)",
        "trilinear(a, b, c): y[i,k] = sum(a[i,j]*b[j,k]*c[j], j)",
        "rows(x): y[n] = sum(x[n,d], d)",
        "convolution(x, w): y[i,k] = sum(x[i+p,k]*w[p,k], p)",
    ],
)
def test_what_is_no_product_of_matrices_has_no_matrix_form(text):
    derivation = Layer(*read(text)).derivation
    assert matrix_form(derivation.forward.equations[0], names_of([derivation.forward])) is None


def test_a_matrix_form_in_latex_has_fractions_for_cotangents():
    derivation = Layer(*read("linear(x, *, W): y[n,o] = sum(x[n,i]*W[i,o], i)")).derivation
    names = names_of([derivation.forward])
    left, right = matrix_form(derivation.backward.definitions["dW"], names)
    assert formula(left, names) == r"\frac{\partial L}{\partial W}"
    assert formula(right, names) == r"x^{\top} \, \frac{\partial L}{\partial y}"


def test_every_matrix_form_of_the_catalog_agrees_with_its_equation():
    tried = 0
    for name, layer in catalog.items():
        derivation = layer.derivation
        names = names_of([derivation.forward])
        for equation in (*derivation.forward.equations, *derivation.backward.equations):
            if form := matrix_form(equation, names):
                assert _agrees(equation, form[1]), f"{name}: {equation}"
                tried += 1
    assert tried > 200


def _agrees(equation, form):
    """The products by NumPy, and the form's own element in the exact interpreter, against the exact interpreter on the index form."""
    heads = tuple({element.head: None for element in elements(equation.value)})
    shapes = {head.name: head.shape for head in (*heads, equation.target.head)}
    lengths = {size: k for k, size in enumerate(sorted({s for shape in shapes.values() for s in shape}, key=str), 2)}
    rng = np.random.default_rng(0)
    arrays = {head.name: rng.integers(-3, 4, [lengths[s] for s in head.shape]).astype(float) for head in heads}
    shape = [lengths[s] for s in shapes[equation.name]]
    wanted = _exact(equation.value, equation, heads, arrays, shape)
    computed = sum(_by_numpy(product, arrays, lengths, len(shape)) for product in form.products)
    return np.allclose(np.reshape(computed, shape), wanted) and np.allclose(_exact(form.entry, equation, heads, arrays, shape), wanted)


def _exact(value, equation, heads, arrays, shape):
    constants = tuple((c, CONSTANT) for c in sorted(equation.value.atoms(Constant), key=str))
    program = Program("one", heads, (Equation(equation.target, value),), (equation.target.head,), constants)
    return np.reshape(run(program, arrays)[equation.name].astype(float), shape)


def _by_numpy(product, arrays, lengths, rank):
    """One product: a tensor with one axis is a column, ones are as long as they have to be."""
    number = product.number.subs(dict.fromkeys(product.number.atoms(Constant), CONSTANT)).subs(lengths)
    found = None
    for matrix in product.matrices:
        array = None if matrix.element is None else arrays[matrix.element.name]
        if array is not None:
            array = array[:, None] if array.ndim == 1 else array
            array = np.swapaxes(array, -1, -2) if matrix.transposed else array
        elif matrix.transposed:
            array = np.ones((1, 1))  # a row of ones: NumPy repeats the column
        else:
            array = np.ones((found.shape[-1], 1)) if found is not None else np.ones((1, 1))
        found = array if found is None else found @ array
    return float(number) * (-1 if product.negative else 1) * (found[:, 0] if rank == 1 else found)
