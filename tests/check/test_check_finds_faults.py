"""Every row of the report can fail: modules with one fault each."""

from types import SimpleNamespace

import layers_by_hand as by_hand
import numpy as np
import pytest
import sympy
from layers_by_hand import RIGHT, gradients, module, real

import symbp
from symbp.check import check
from symbp.check.exact import Exact
from symbp.check.interface import class_name


def backward_instead(name, backward):
    program, right = RIGHT[name]
    return program, module(right.forward, backward)


def forward_instead(name, forward):
    program, right = RIGHT[name]
    return program, module(forward, right.backward)


def failed(program, faulty):
    return {row.name for row in check(program, faulty).failures}


GRADIENT_ROWS = {"backward", "complex step", "central differences", "adjoint identity"}


def test_a_wrong_sign_is_found():
    faulty = backward_instead("sigmoid", lambda dy, y: gradients(x=-dy * y * (1 - y)))
    assert failed(*faulty) >= GRADIENT_ROWS


def test_a_factor_of_1_0005_is_found():
    faulty = backward_instead("sigmoid", lambda dy, y: gradients(x=dy * y * (1 - y) * 1.0005))
    assert failed(*faulty) >= GRADIENT_ROWS


def test_an_error_of_one_element_in_the_ninth_digit_is_found():
    def backward(dy, y):
        dx = dy * y * (1 - y)
        return gradients(x=dx * (1 + 1e-9 * (np.arange(dx.size).reshape(dx.shape) == 0)))

    assert "backward" in failed(*backward_instead("sigmoid", backward))


def test_a_wrong_forward_value_is_found():
    faulty = forward_instead("sigmoid", lambda x: (by_hand.sigmoid_forward(x)[0] + 1e-9, by_hand.sigmoid_forward(x)[1]))
    assert "forward" in failed(*faulty)


def test_an_upstream_that_is_ignored_is_found():
    def backward(dL, residuals):
        return by_hand.picked_backward(1.0, residuals)

    assert failed(*backward_instead("picked", backward)) >= {"linear in upstream", "adjoint identity"}


def test_a_second_upstream_that_is_ignored_is_found():
    faulty = backward_instead("leaky", lambda dy, dz, residuals: by_hand.leaky_backward(dy, np.ones_like(dz), residuals))
    assert failed(*faulty) >= {"linear in upstream", "adjoint identity", "backward"}


def test_a_constant_that_is_ignored_is_found():
    faulty = forward_instead("leaky", lambda x, m, alpha=0.01: by_hand.leaky_forward(x, m, 0.01))
    assert "forward" in failed(*faulty)


def test_a_gradient_written_into_the_upstream_is_found():
    def backward(dy, mask):
        dy = np.asarray(dy)
        dy *= mask
        return gradients(x=dy)

    assert "arguments unchanged" in failed(*backward_instead("relu", backward))


def test_an_input_that_is_written_to_is_found():
    def forward(x):
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":
            x[...] = 2 * x
            x[...] = x / 2 + 0.5
        return by_hand.sigmoid_forward(x)

    assert "arguments unchanged" in failed(*forward_instead("sigmoid", forward))


def test_residuals_that_backward_consumes_are_found():
    def backward(dy, y):
        if isinstance(y, np.ndarray) and y.flags.writeable:
            dx = dy * y * (1 - y)
            y *= 0
            return gradients(x=dx)
        return gradients(x=dy * y * (1 - y))

    row = check(*backward_instead("sigmoid", backward))["arguments unchanged"]
    assert row.note.startswith("dx differs when backward is called again")


def test_a_float64_leak_is_found():
    faulty = backward_instead("sigmoid", lambda dy, y: gradients(x=dy * y * (1 - y) * np.ones(1)[0].reshape(())))
    assert "dtypes" in failed(*faulty)


def test_integers_that_are_not_promoted_are_found():
    program, right = RIGHT["product"]
    faulty = module(lambda a, b: (np.asarray(a) * np.asarray(b), (np.asarray(a), np.asarray(b))), right.backward)
    assert "dtypes" in failed(program, faulty)


@pytest.mark.parametrize("at_zero", [0.5, 1.0])
def test_another_slope_of_relu_at_zero_is_found(at_zero):
    program, right = RIGHT["relu"]
    faulty = module(lambda x: (right.forward(x)[0], real(x)), lambda dy, x: gradients(x=dy * np.where(x == 0, at_zero, x > 0)))
    assert "kinks" in failed(program, faulty)


def test_the_last_instead_of_the_first_maximum_is_found():
    program, right = RIGHT["rowmax"]

    def forward(x):
        x = real(x)
        by_hand.expect(x.ndim == 2)
        at = x.shape[1] - 1 - x[:, ::-1].argmax(axis=1)
        return x.max(axis=1), (x, at)

    assert failed(program, module(forward, right.backward)) == {"kinks"}


def test_a_gradient_shared_out_among_equal_maxima_is_found():
    program, _ = RIGHT["rowmax"]

    def forward(x):
        x = real(x)
        return x.max(axis=1), x == x.max(axis=1, keepdims=True)

    faulty = module(forward, lambda dy, at: gradients(x=(dy[:, None] * at / at.sum(axis=1, keepdims=True)).astype(np.result_type(dy))))
    assert "kinks" in failed(program, faulty)


def test_a_missing_sum_over_a_broadcast_axis_is_found():
    faulty = backward_instead("product", lambda dy, residuals: gradients(a=dy * residuals[1], b=dy * residuals[0]))
    assert failed(*faulty) >= {"backward", "shapes"}


def test_swapped_axes_are_found():
    def backward(dy, residuals):
        g = by_hand.affine_backward(dy, residuals)
        return g._replace(W=g.W.T)

    assert failed(*backward_instead("affine", backward)) >= {"backward", "shapes"}


def test_a_gradient_that_is_the_upstream_itself_is_found():
    report = check(by_hand.PLUS_ONE, module(lambda x: (real(x) + 1, None), lambda dy, residuals: gradients(x=dy)))
    assert "the gradient dx shares memory with the argument upstream of y" in report["arguments unchanged"].note


def test_a_gradient_that_is_a_residual_aliasing_an_input_is_found():
    faulty = module(lambda x: (real(x) * real(x) / 2, real(x)), lambda dy, x: gradients(x=x))
    report = check(by_hand.elementwise("half", lambda x: x * x / 2), faulty)
    assert "the gradient dx shares memory with the argument x" in report["arguments unchanged"].note


def test_two_gradients_in_one_array_are_found():
    def backward(dy, residuals):
        both = np.asarray(dy) + 0
        return gradients(
            **{n: both if both.shape == shape else by_hand.summed_to(both, shape) for n, shape in zip("ab", residuals, strict=True)}
        )

    faulty = module(lambda a, b: (real(a) + real(b), (np.shape(a), np.shape(b))), backward)
    assert "the gradients da and db share memory" in check(by_hand.total(), faulty)["arguments unchanged"].note


def test_a_read_only_view_as_gradient_is_found():
    faulty = module(lambda x: (real(x) + 1, None), lambda dy, residuals: gradients(x=np.broadcast_to(np.asarray(dy) + 0, np.shape(dy))))
    assert "is read-only" in check(by_hand.PLUS_ONE, faulty)["arguments unchanged"].note


def test_overflow_at_extreme_arguments_is_found():
    def forward(x):
        x = real(x)
        return np.log(1 + np.exp(x)), x

    report = check(*forward_instead("softplus", forward))
    assert {row.name for row in report.failures} >= {"extremes", "large and small"}
    assert report["extremes"].note.startswith("y is inf at x=800, exact 800.0")


def test_a_nan_of_backward_at_extreme_arguments_is_found():
    faulty = backward_instead("softplus", lambda dy, x: gradients(x=dy * np.exp(x) / (1 + np.exp(x))))
    assert "extremes" in failed(*faulty)


def test_a_nan_that_disappears_is_found():
    faulty = forward_instead("sigmoid", lambda x: by_hand.sigmoid_forward(np.where(np.isnan(np.asarray(x, float)), 0, x)))
    assert "y is 0.5 for nan" in check(*faulty)["extremes"].note


def test_a_derivative_lost_in_an_output_form_is_found_only_where_full_accuracy_is_asked_for():
    program, right = by_hand.elementwise("tanh", sympy.tanh), module(by_hand.tanh_forward, lambda dy, y: gradients(x=dy * (1 - y * y)))
    balanced, full = (check(program, right, accuracy=accuracy)["extremes"] for accuracy in ("balanced", "full"))
    assert balanced.held and balanced.note == "2 derivatives below 1e-15 of the largest came out as 0"
    assert not full.held and full.note.startswith("dx is 0 at x=30, exact 3.5026e-26")


def test_a_root_of_zero_is_not_asked_for_its_slope():
    program = by_hand.of_two("product_with_root", lambda a, b: a * sympy.sqrt(b))
    exact = Exact(program, {})
    assert exact.is_singular({"a": 0.0, "b": 0.0}) and not exact.is_singular({"a": 0.0, "b": 1.0})
    faulty = module(product_with_root, lambda dy, ab: gradients(a=dy * np.sqrt(ab[1]), b=dy * ab[0] / (2 * np.sqrt(ab[1]))))
    assert "nan" not in check(program, faulty)["extremes"].note


def test_softmax_without_its_shift_is_found_at_large_values():
    def forward(x):
        e = np.exp(real(x))
        y = e / e.sum(axis=-1, keepdims=True)
        return y, y

    assert failed(*forward_instead("softmax", forward)) == {"large and small"}


def test_leading_axes_that_are_not_supported_are_found():
    program, right = RIGHT["affine"]

    def backward(dy, residuals):
        x, W = residuals
        return gradients(x=dy @ W.T, W=x.T @ dy, b=dy.sum(axis=0))

    assert "backward" in failed(program, module(right.forward, backward))


def test_empty_arrays_that_are_refused_are_found():
    def forward(x):
        if np.size(x) == 0:
            raise ValueError("x is empty")
        return by_hand.sigmoid_forward(x)

    report = check(*forward_instead("sigmoid", forward))
    assert report["shapes"].note == "raised ValueError: x is empty"


def test_storage_that_is_taken_as_contiguous_is_found():
    def forward(x):
        x = real(x)
        flat = x.T.ravel(order="F") if x.flags.c_contiguous else x.ravel(order="K")
        return 1 / (1 + np.exp(-flat.reshape(x.shape))), 1 / (1 + np.exp(-x))

    assert "memory layouts" in failed(*forward_instead("sigmoid", forward))


def test_a_shape_that_does_not_fit_and_is_accepted_is_found():
    faulty = forward_instead("picked", lambda p, t: (-np.log(real(p)[np.arange(len(t)), t]).sum() / len(t), (real(p), t)))
    assert check(*faulty)["wrong shapes"].note.startswith("p of shape (4, 2) is accepted; p (3, 2), t (3,)")


def test_an_axis_too_many_that_is_accepted_is_found():
    faulty = forward_instead("affine", lambda x, W, b: (real(x) @ real(W) + real(b), (real(x), real(W))))
    assert "W of shape (1, " in check(*faulty)["wrong shapes"].note


def test_an_imaginary_part_lost_without_abs_is_a_failure():
    faulty = forward_instead("sigmoid", lambda x: by_hand.sigmoid_forward(np.real(x)))
    assert "complex step" in failed(*faulty)


def test_a_function_that_takes_no_complex_numbers_is_not_a_failure():
    def forward(x):
        return by_hand.softplus_forward(x) if np.asarray(x).dtype.kind != "c" else (np.logaddexp(x, 0), x)

    row = check(*forward_instead("softplus", forward))["complex step"]
    assert row.held and row.note == "not applicable: np.logaddexp takes no complex numbers"


def test_a_module_that_raises_fails_every_row_with_the_message():
    def forward(x):
        raise KeyError("W")

    report = check(*forward_instead("sigmoid", forward))
    assert report["forward"].note == "raised KeyError: 'W'"
    assert not report["backward"].held


def test_a_missing_field_of_the_result_is_found():
    faulty = backward_instead("sigmoid", lambda dy, y: gradients(z=dy))
    assert "AttributeError" in check(*faulty)["backward"].note


def test_a_result_that_is_not_outputs_and_residuals_is_found():
    report = check(*forward_instead("sigmoid", lambda x: real(x)))
    assert report["forward"].note.endswith("expected (outputs, residuals)")


def test_a_wrt_that_gives_everything_is_found():
    program, right = RIGHT["product"]
    faulty = module(right.forward, lambda dy, residuals, wrt=("a", "b"): right.backward(dy, residuals))
    assert check(program, faulty)["wrt"].note.startswith("wrt=('a',) also gives b")


def product_with_root(a, b):
    a, b = real(a), real(b)
    return a * np.sqrt(b), (a, b)


class Affine:
    """The class of the right affine module; subclasses put one thing wrong."""

    def __init__(self, W, b):
        self.params = {"W": W, "b": b}

    def forward(self, x):
        y, self.residuals = by_hand.affine_forward(x, **self.params)
        return y

    def backward(self, dy):
        found = by_hand.affine_backward(dy, self.residuals)
        self.grads = {"W": found.W, "b": found.b}
        return found.x


class WrongGrads(Affine):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = self.grads["b"] + 1
        return dx


def class_row(layer):
    program, right = RIGHT["affine"]
    return check(program, SimpleNamespace(forward=right.forward, backward=right.backward, Affine=layer), parameters=("W", "b"))["class"]


def test_a_class_that_agrees_with_the_functions_passes():
    row = class_row(Affine)
    assert row.held and row.applicable


@pytest.mark.parametrize(("layer", "name"), [("cross_entropy", "CrossEntropy"), ("conv2d", "Conv2d"), ("myLayer", "MyLayer")])
def test_a_class_is_looked_for_under_the_name_that_is_generated(layer, name):
    assert class_name(layer) == name
    assert f"class {name}:" in symbp.layer(f"{layer}(x): y = 2*x").source()


def test_a_class_with_other_grads_is_found():
    assert class_row(WrongGrads).note == "grads['b'] is not what the function backward gives"
