"""Affine subscripts and padding: what is read is what loops over plain NumPy arrays compute, and lengths follow from the reads."""

from typing import Any

import numpy as np
import pytest

from symbp.errors import ReadError
from symbp.ir import Derived, Index, run
from symbp.language import Definition, read

RANDOM = np.random.default_rng(1)

CONV2D = """conv2d(x, *, w, b, stride=1, padding=0, dilation=1):
    y[n,o,i,j] = b[o] + sum(
        pad(x[n,c,i*stride+p*dilation-padding,j*stride+q*dilation-padding])*w[o,c,p,q], c, p, q)
"""
CONV1D = "conv1d(x, *, w, stride=1): y[n,o,i] = sum(x[n,c,i*stride+p]*w[o,c,p], c, p)\n"
MAX_POOL = "max_pool(x, kernel=2, stride=2, padding=0): y[n,i] = max(pad(x[n,i*stride+p-padding], -inf), p=kernel)\n"


def normal(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape)


def computed(definition: Definition, inputs: dict[str, Any], **constants: int) -> np.ndarray:
    """What both forms of a layer compute; they have to agree."""
    [output] = definition.program.outputs
    by_equation, by_node = (run(form, inputs, constants)[output.name].astype(float) for form in (definition.program, definition.nodes))
    np.testing.assert_allclose(by_node, by_equation, rtol=1e-13)
    return by_equation


def conv2d(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int, padding: int, dilation: int) -> np.ndarray:
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows, columns = ((x.shape[2 + a] - dilation * (w.shape[2 + a] - 1) - 1) // stride + 1 for a in (0, 1))
    y = np.empty((len(x), len(w), rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * stride :, j * stride :][:, :, ::dilation, ::dilation][:, :, : w.shape[2], : w.shape[3]]
            y[:, :, i, j] = np.tensordot(window, w, ((1, 2, 3), (1, 2, 3))) + b
    return y


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 0, 1), (1, 1, 1), (2, 1, 1), (1, 2, 2), (3, 2, 2)])
def test_a_convolution_is_what_loops_compute(stride: int, padding: int, dilation: int) -> None:
    x, w, b = normal(1, 2, 5, 6), normal(2, 2, 2, 3), normal(2)
    found = computed(read(CONV2D)[0], {"x": x, "w": w, "b": b}, stride=stride, padding=padding, dilation=dilation)
    np.testing.assert_allclose(found, conv2d(x, w, b, stride, padding, dilation), rtol=1e-12)


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, 2, 0), (3, 2, 0), (3, 1, 1), (2, 3, 1)])
def test_a_maximum_over_windows_sees_minus_infinity_outside(kernel: int, stride: int, padding: int) -> None:
    x = normal(2, 7)
    wide = np.pad(x, ((0, 0), (padding, padding)), constant_values=-np.inf)
    count = (wide.shape[1] - kernel) // stride + 1
    expected = np.stack([wide[:, i * stride : i * stride + kernel].max(1) for i in range(count)], axis=1)
    found = computed(read(MAX_POOL)[0], {"x": x}, kernel=kernel, stride=stride, padding=padding)
    np.testing.assert_array_equal(found, expected)


ROW = np.arange(1.0, 8.0)
READS = {
    "every second": ("f(x): y[i] = x[2*i]", ROW[::2]),
    "every second from the second on": ("f(x): y[i] = x[2*i + 1]", ROW[1::2]),
    "reversed": ("f(x): y[i] = x[size(i) - 1 - i]", ROW[::-1]),
    "reversed, every second": ("f(x): y[i] = x[2*(size(i) - 1 - i)]", ROW[::2][::-1]),
    "without the first two": ("f(x, k=2): y[i] = x[i + k]", ROW[2:]),
    "differences": ("f(x): y[i] = x[i + 1] - x[i + 0]", np.diff(ROW)),
    "the nearest of two ends": ("f(x): y[i] = x[i + 2]*x[3*i]", ROW[2:5] * ROW[::3]),
    "halves": ("f(x): y[i] = x[i + size(i)]", ROW[3:6]),
    "one place": ("f(x, k=2): y = x[k]", ROW[2]),
    "one place from the end": ("f(x): y = x[size(i) - 2] + 0*sum(x[i], i)", ROW[-2]),
    "a folded number": ("f(x): y = x[2*3 - 1]", ROW[5]),
    "a window of given length": ("f(x, k=3): y[i] = sum(x[i + p], p=k)", np.convolve(ROW, np.ones(3), "valid")),
    "a shift within a plain read": ("f(x): y[i] = x[i] + pad(x[i - 1]) + pad(x[i + 1], 10)", ROW + np.r_[0, ROW[:-1]] + np.r_[ROW[1:], 10]),
    "a border": ("f(x, b=2): y[i] = pad(x[i - b], -1)", np.pad(ROW, 2, constant_values=-1)),
    "a border that is a constant": ("f(x, c=0.5): y[i] = pad(x[i - 1], c)", np.pad(ROW, 1, constant_values=0.5)),
    "a full convolution": ("f(x): y[i] = sum(pad(x[i - p]), p=3)", np.convolve(ROW, np.ones(3), "full")),
    "a branch that is not taken": ("f(x): y[i] = x[i]*where(i > 0, x[i - 1], 5)", ROW * np.r_[5, ROW[:-1]]),
    "the same on both sides": ("f(x, w): y[i] = x[i] + sum(pad(x[i + p - 1])*w[p], p)", None),
    "a table": ("f(x): size(j) = 3; y[i,j] = x[3*i + j]", ROW[:6].reshape(2, 3)),
    "a transposed table": ("f(x, n=3): size(j) = n; y[j,i] = x[i*n + j]", ROW[:6].reshape(2, 3).T),
    "a difference in a condition": ("f(x): y[i] = where(x[i + 1] > x[i + 0], 1, 0)", np.ones(6)),
    "a gather that moves": ("f(x, t): s[i] = t[i] + 1; y[i] = x[s[i]]", ROW[[3, 1, 2]]),
    "a padded gather": ("f(x, t): s[i] = t[i] - 1; y[i] = pad(x[s[i]])", np.array([2.0, 0, 1])),
}  # fmt: skip


@pytest.mark.parametrize("what", READS)
def test_a_read_is_what_slicing_gives(what: str) -> None:
    text, expected = READS[what]
    definition, w = read(text)[0], normal(3)
    given = {"x": ROW, "w": w, "t": np.array([2, 0, 1])}
    expected = ROW + np.convolve(ROW, w[::-1], "same") if expected is None else expected
    found = computed(definition, {tensor.name: given[tensor.name] for tensor in definition.program.inputs})
    np.testing.assert_allclose(found, expected, rtol=1e-13)


# ---------------------------------------------------------------- lengths


def formulas(text: str) -> dict[str, str]:
    """The formulas of the derived lengths of a layer, by name."""
    program = read(text)[-1].program
    sizes = {size for tensor in program.tensors.values() for size in tensor.shape}
    sizes |= {index.size for equation in program.equations for index in equation.value.atoms(Index)}
    sizes = {size for size in sizes if isinstance(size, Derived)}
    return {size.name: " and ".join(map(str, size.formulas)) for size in sorted(sizes, key=str)}


def shapes(text: str) -> dict[str, str]:
    return {name: ",".join(map(str, tensor.shape)) for name, tensor in read(text)[-1].program.tensors.items()}


def test_a_window_runs_as_far_as_it_stays_inside() -> None:
    assert formulas(CONV1D) == {"I": "floor((-P + X2)/stride) + 1"}


def test_padding_at_the_start_is_there_at_the_end_too() -> None:
    found = formulas("f(x, w, stride=1, padding=0): y[i] = sum(pad(x[i*stride+p-padding])*w[p], p)")
    assert found == {"I": "floor((2*padding - P + X0)/stride) + 1"}


def test_the_shortest_of_several_reads_counts() -> None:
    assert formulas("f(x, z): y[i] = x[2*i]*z[i + 1]") == {"I": "Min(Z0 - 1, floor(X0/2 - 1/2) + 1)"}


def test_a_length_that_is_that_of_another_axis_is_the_same() -> None:
    assert shapes("f(x): y[i] = x[size(i) - 1 - i]") == {"x": "I", "y": "I"}
    assert shapes("f(x): y[i] = pad(x[i - 1]); z[j] = y[j + 2]") == {"x": "J", "y": "I", "z": "J"}


def test_a_plain_read_gives_the_length_before_any_window_does() -> None:
    assert formulas("f(x): y[i] = x[i]*pad(x[i + 1])") == {}


def test_one_axis_that_two_equations_say_has_both_formulas() -> None:
    assert formulas("f(x, z): a[i] = x[2*i]; b[i] = z[3*i]; y[k] = a[k] + b[k]") == {"I": "floor(X0/2 - 1/2) + 1 and floor(Z0/3 - 1/3) + 1"}


def test_an_input_read_beside_a_window_has_its_length() -> None:
    assert shapes("f(x, z): a[i] = x[2*i]; y[k] = a[k] + z[k]") == {"x": "X0", "z": "I", "a": "I", "y": "I"}


def test_a_length_that_the_text_says_has_to_agree_with_the_window() -> None:
    assert formulas("f(x): a[i] = x[2*i]; y = sum(a[k], k=3)") == {"I": "3 and floor(X0/2 - 1/2) + 1"}


def test_a_residual_connection_says_how_long_the_filters_are() -> None:
    text = "conv(x, *, w, padding=0): y[n,o,i] = sum(pad(x[n,c,i+p-padding])*w[o,c,p], c, p)\n"
    assert shapes(text + "f(x, *, w): h = conv(x, w, padding=1); y[n,c,i] = h[n,c,i] + x[n,c,i]")["w"] == "C,C,3"
    found = formulas(text + "f(x, *, w, margin=1): h = conv(x, w, padding=margin); y[n,c,i] = h[n,c,i] + x[n,c,i]")
    assert found == {"P": "2*margin + 1"}


def test_what_is_halved_and_doubled_again_has_an_even_length() -> None:
    text = "f(x, w): h[i] = exp(sum(x[2*i+q]*w[q], q=2)); size(p) = 2; z[2*i+p] = h[i]; L = mean((z[u] - x[u])**2, u)"
    assert formulas(text) == {"I": "floor(V/2) and -floor(-V/2)"}
    [definition] = read(text)
    for length, refused in ((6, False), (7, True)):
        given = {"x": normal(length), "w": normal(2)}
        if refused:
            with pytest.raises(ValueError, match=r"^axis I would have length 3 and 4$"):
                run(definition.program, given)
        else:
            expected = np.mean((np.exp(given["x"].reshape(-1, 2) @ given["w"]).repeat(2) - given["x"]) ** 2)
            np.testing.assert_allclose(computed(definition, given), expected, rtol=1e-12)


def test_a_network_that_goes_down_and_up_has_lengths_that_divide() -> None:
    down, up = "down(x): y[i] = max(x[2*i+p], p=2)\n", "up(x): size(p) = 2; y[2*i+p] = x[i]\n"
    net = "net(x): a = down(x); b = down(a); c = up(b); d[i] = a[i] + c[i]; e = up(d); y[i] = e[i]*x[i]"
    definition = read(down + up + net)[-1]
    a = (x := normal(8)).reshape(-1, 2).max(1)
    b = a.reshape(-1, 2).max(1)
    np.testing.assert_allclose(computed(definition, {"x": x}), (a + b.repeat(2)).repeat(2) * x, rtol=1e-12)
    for length in (6, 7, 9, 10):
        with pytest.raises(ValueError, match=r"^axis I\d? would have length \d and \d$"):
            run(definition.program, {"x": normal(length)})


def test_parts_of_an_axis_are_as_long_as_what_they_meet() -> None:
    text = "f(z, c): i[k] = exp(z[k+0*size(k)]); g[k] = tanh(z[k+size(k)]); o[k] = z[k+2*size(k)]; y[k] = c[k]*i[k]*g[k]*o[k]"
    [definition] = read(text)
    z, c = normal(9), normal(3)
    np.testing.assert_allclose(computed(definition, {"z": z, "c": c}), c * np.exp(z[:3]) * np.tanh(z[3:6]) * z[6:], rtol=1e-12)


def test_a_length_that_would_follow_from_itself_is_refused() -> None:
    with pytest.raises(ReadError, match=r"^f, line 1, column \d+: the length of this axis, I, would follow from itself: I = floor"):
        read("f(x, s=1): a[i] = x[i*s]; y[i] = a[i] + x[i]")


def test_a_window_of_a_window_has_a_length_of_its_own() -> None:
    found = formulas("f(x): a[i] = x[2*i]; y[i] = a[2*i]")
    assert found == {"I": "floor(X0/2 - 1/2) + 1", "I2": "floor(I/2 - 1/2) + 1"}


def test_a_second_unknown_length_may_come_through_the_target() -> None:
    assert shapes("f(x, z): y[i] = sum(x[i + p], p); r[i] = y[i]*z[i]")["z"] == "I"
    assert formulas("f(x, z): y[i] = sum(x[i + p], p); r[i] = y[i]*z[i]") == {"P": "-I + X0 + 1"}


def test_a_layer_with_windows_is_called_like_any_other() -> None:
    text = CONV1D + "net(x, *, v, w): a = conv1d(x, v, stride=2); b = conv1d(a, w); y[n,o] = max(b[n,o,i], i)"
    x, v, w = normal(2, 2, 9), normal(3, 2, 3), normal(2, 3, 2)

    def conv1d(x: np.ndarray, w: np.ndarray, stride: int) -> np.ndarray:
        starts = range(0, x.shape[2] - w.shape[2] + 1, stride)
        return np.stack([np.tensordot(x[:, :, i : i + w.shape[2]], w, ((1, 2), (1, 2))) for i in starts], axis=2)

    found = computed(read(text)[-1], {"x": x, "v": v, "w": w})
    np.testing.assert_allclose(found, conv1d(conv1d(x, v, 2), w, 1).max(2), rtol=1e-12)


def test_a_length_by_formulas_that_disagree_is_refused_when_it_runs() -> None:
    [definition] = read("f(x, z): a[i] = x[2*i]; y[k] = a[k] + z[k]")
    with pytest.raises(ValueError, match=r"^axis I has length 3, expected 4$"):
        run(definition.program, {"x": ROW, "z": ROW[:3]})


def test_a_read_that_leaves_its_array_is_refused_when_it_runs() -> None:
    [definition] = read("f(x, z): y[i] = z[i]*x[2*i]")
    with pytest.raises(IndexError, match=r"^x\[2\*i\]: position 8 is outside axis 0 of length 7$"):
        run(definition.program, {"x": ROW, "z": ROW})
