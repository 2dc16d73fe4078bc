"""Places on the left: what is read is what assignments into NumPy arrays compute, and what overlaps in one equation adds up."""

from typing import Any

import numpy as np
import pytest

from symbp.ir import Derived, run
from symbp.language import Definition, read

RANDOM = np.random.default_rng(2)


def normal(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape)


def computed(definition: Definition, inputs: dict[str, Any], **constants: int) -> np.ndarray:
    """What both forms of a layer compute; they have to agree."""
    [output] = definition.program.outputs
    by_equation, by_node = (run(form, inputs, constants)[output.name].astype(float) for form in (definition.program, definition.nodes))
    np.testing.assert_allclose(by_node, by_equation, rtol=1e-13)
    return by_equation


def spread(x: np.ndarray, w: np.ndarray, stride: int, padding: int, dilation: int) -> np.ndarray:
    """A transposed convolution along the last axis: x (N, C, I), w (C, O, P)."""
    y = np.zeros((len(x), w.shape[1], (x.shape[2] - 1) * stride + dilation * (w.shape[2] - 1) + 1))
    for i in range(x.shape[2]):
        for p in range(w.shape[2]):
            y[:, :, i * stride + p * dilation] += x[:, :, i] @ w[:, :, p]
    return y[:, :, padding : y.shape[2] - padding]


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 0, 1), (3, 1, 1), (2, 1, 2), (1, 2, 1)])
def test_a_transposed_convolution_adds_up_where_windows_overlap(stride: int, padding: int, dilation: int) -> None:
    [layer] = read(
        """conv_transpose1d(x, *, w, stride=1, padding=0, dilation=1):
            pad(y[n,o,i*stride+p*dilation-padding]) = sum(x[n,c,i]*w[c,o,p], c)"""
    )
    x, w = normal(2, 3, 4), normal(3, 2, 3)
    found = computed(layer, {"x": x, "w": w}, stride=stride, padding=padding, dilation=dilation)
    np.testing.assert_allclose(found, spread(x, w, stride, padding, dilation), rtol=1e-12)


A, B, T = normal(2, 3), normal(2, 3), np.array([1, 3, 1])
SCATTERS = {
    "a stack": ("f(a, b): y[0,n,k] = a[n,k]; y[1,n,k] = b[n,k]", np.stack([A, B])),
    "interleaved columns": ("f(a, b): y[n,2*k] = a[n,k]; y[n,2*k+1] = b[n,k]", np.stack([A, B], axis=2).reshape(2, 6)),
    "one after the other": ("f(a, b): y[n,k] = a[n,k]; y[n,k+size(k)] = b[n,k]", np.hstack([A, B])),
    "one after the other, of other lengths": (
        "f(a, b): y[n,j] = a[n,j]; y[n,k+size(j)] = b[n,k+1]*2 + b[n,k+1]", np.hstack([A, 3 * B[:, 1:]]),
    ),
    "three after each other": (
        "f(a, b): y[i,k] = a[i,k]; y[j+size(i),k] = b[j,k]; y[m+size(i)+size(j),k] = a[m,k]*b[m,k]", np.vstack([A, B, A * B]),
    ),
    "after other leading axes": ("f(a, b): y[...,k] = a[...,k]; y[...,j+size(k)] = b[...,j]", np.hstack([A, B])),
    "a number before": ("f(a): y[n,0] = 1; y[n,k+1] = a[n,k]", np.hstack([np.ones((2, 1)), A])),
    "a number after": ("f(a): y[n,k] = a[n,k]; y[n,size(k)] = 7", np.hstack([A, np.full((2, 1), 7.0)])),
    "reversed": ("f(a): y[n,size(k)-1-k] = a[n,k]", A[:, ::-1]),
    "zeros between": ("f(a): y[n,3*k] = a[n,k]", np.pad(A[:, :, None], ((0, 0), (0, 0), (0, 2))).reshape(2, 9)[:, :7]),
    "a border at the start": ("f(a, m=2): y[n,k+m] = a[n,k]", np.pad(A, ((0, 0), (2, 0)))),
    "a border left out": ("f(a): pad(y[n,k-1]) = a[n,k]", A[:, 1:-1]),
    "every value twice": ("f(a, s=2): size(p) = s; y[n,k*s+p] = a[n,k]", A.repeat(2, axis=1)),
    "a table as a row": ("f(a): y[n*size(k)+k] = a[n,k]", A.ravel()),
    "a row as a table": ("f(a): r[n*size(k)+k] = a[n,k]; size(j) = 2; y[i,j] = r[2*i+j]", A.reshape(3, 2)),
    "the sum over diagonals": ("f(a): y[n+k] = a[n,k]", np.array([np.trace(A[:, ::-1], k) for k in (2, 1, 0, -1)])),
    "a band": ("f(c): y[i,i+1] = c[i]", np.diag(A[0], 1)[:3]),
}  # fmt: skip


@pytest.mark.parametrize("what", SCATTERS)
def test_a_scatter_is_what_assignments_give(what: str) -> None:
    text, expected = SCATTERS[what]
    [layer] = read(text)
    given = {"a": A, "b": B, "c": A[0]}
    found = computed(layer, {tensor.name: given[tensor.name] for tensor in layer.program.inputs})
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_places_of_an_integer_tensor_add_up() -> None:
    [layer] = read("f(x, t, w): s[t[n],d] = x[n,d]; y[v,d] = s[v,d] + w[v,d]")
    x, w = normal(3, 2), normal(5, 2)
    expected = w.copy()
    np.add.at(expected, T, x)
    np.testing.assert_allclose(computed(layer, {"x": x, "t": T, "w": w}), expected, rtol=1e-13)


def test_a_scatter_of_whole_numbers_is_an_integer_tensor() -> None:
    [layer] = read("f(x, t): s[2*i] = t[i]; s[2*i+1] = 1; y[k] = x[s[k]]")
    assert [layer.program.tensors[name].kind for name in "xtsy"] == ["real", "integer", "integer", "real"]
    np.testing.assert_array_equal(computed(layer, {"x": np.arange(4.0), "t": T}), [1, 1, 3, 1, 1, 1])


# ---------------------------------------------------------------- the form of what is read


def lines(text: str) -> list[str]:
    return str(read(text)[-1].program).split("\n")


def test_a_place_on_the_left_becomes_a_sum_with_a_bracket() -> None:
    assert lines("f(x): y[n,2*k+1] = exp(x[n,k])") == ["y[n,u] = sum(exp(x[n,k])*[u == 2*k + 1], k)"]


def test_what_is_left_out_is_cut_off_a_wider_target() -> None:
    assert lines("f(x, w, s=2, m=1): pad(y[n,i*s+p-m]) = x[n,i]*w[p]") == [
        "y_wide[n,u] = sum([u == s*i + p]*w[p]*x[n,i], i, p)",
        "y[n,u] = y_wide[n,m + u]",
    ]


def test_pad_around_a_target_that_begins_at_the_first_place_changes_nothing() -> None:
    assert lines("f(x): pad(y[2*k]) = x[k]") == lines("f(x): y[2*k] = x[k]")


def test_the_axes_of_a_target_take_names_that_are_free() -> None:
    assert lines("f(u, v): y[2*i,3*j] = u[i]*v[j]") == ["y[r,s] = sum([r == 2*i]*[s == 3*j]*u[i]*v[j], i, j)"]


def test_the_sum_with_brackets_is_one_node() -> None:
    nodes = str(read("f(a, b): y[2*k] = 3*a[k]; y[2*k+1] = b[k]")[0].nodes).split("\n")
    assert nodes == ["u1[k] = 3*a[k]", "y[u] = sum([u == 2*k]*u1[k], k) + sum([u == 2*k2 + 1]*b[k2], k2)"]


def test_the_text_of_a_scatter_is_that_of_all_its_equations() -> None:
    [layer] = read("f(a, b): y[2*k] = a[k]; z[k] = b[k] + 1; y[2*k + 1] = z[k]")
    assert [e.text for e in layer.program.equations] == ["z[k] = b[k] + 1", "y[2*k] = a[k]; y[2*k + 1] = z[k]"]


def length(text: str) -> str:
    """The formula of the first axis of y."""
    size = read(text)[-1].program.tensors["y"].shape[0]
    return " and ".join(map(str, size.formulas)) if isinstance(size, Derived) else str(size)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(x): y[2*k] = x[k]", "2*K - 1"),
        ("f(x): y[2*k] = x[k]; y[2*k+1] = 1/x[k]", "2*K"),
        ("f(x, w, s=2): y[i*s+p] = x[i]*w[p]", "s*I - s + P"),
        ("f(x, w, s=2, m=1): pad(y[i*s+p-m]) = x[i]*w[p]", "-2*m + U2"),
        ("f(x): y[0] = x; y[3] = 2*x", "4"),
        ("f(x): y[size(k)-1-k] = x[k]", "K"),
        ("f(a, b): y[i] = a[i]; y[j+size(i)] = b[j]", "I + J"),
    ],
)
def test_a_target_is_as_long_as_its_largest_place_says(text: str, expected: str) -> None:
    assert length(text) == expected


def test_an_input_beside_a_scatter_has_its_length() -> None:
    [layer] = read("f(a, b, w): y[i] = a[i]; y[j+size(i)] = b[j]; z[k] = y[k]*w[k]")
    with pytest.raises(ValueError, match=r"^axis U has length 4, expected 5$"):
        run(layer.program, {"a": [1, 2], "b": [1, 2, 3], "w": [1, 2, 3, 4]})
