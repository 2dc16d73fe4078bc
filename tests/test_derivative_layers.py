"""layer.vjp() and layer.jvp(): layers like any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import symbp
from symbp.reading import module_layer

SOFTMAX = symbp.catalog["softmax"]
MUL = symbp.catalog["mul"]


def test_the_gradient_of_a_layer_is_a_layer_that_shows_its_equations() -> None:
    layer = SOFTMAX.vjp()
    assert repr(layer) == "<Layer softmax_vjp(x, y_bar) -> x_bar>"
    assert str(layer).splitlines() == [
        "softmax_vjp(x, y_bar):",
        "    y[...,k] = exp(x[...,k]) / sum(exp(x[...,j]), j)",
        "    x_bar[...,k] = (y_bar[...,k] - sum(y[...,k2]*y_bar[...,k2], k2))*y[...,k]",
    ]


def test_the_tangent_of_a_layer_is_a_layer_that_shows_its_equations() -> None:
    layer = SOFTMAX.jvp()
    assert repr(layer) == "<Layer softmax_jvp(x, x_dot) -> y, y_dot>"
    assert layer.equations[1] == "y_dot[...,k] = (x_dot[...,k] - sum(x_dot[...,k2]*y[...,k2], k2))*y[...,k]"


def test_what_a_tangent_divides_by_cancels_as_in_a_gradient() -> None:
    assert symbp.catalog["cross_entropy"].jvp().equations[-1].startswith("L_dot = (-sum(z_dot[n,t[n]], n) + ")


def test_the_text_says_which_derivative_of_what_it_is() -> None:
    layer = SOFTMAX.vjp().jvp()
    assert layer.text.splitlines() == ["# softmax_vjp_jvp = jvp(softmax_vjp)", "# softmax_vjp = vjp(softmax)", SOFTMAX.text]


def test_the_text_is_read_back_as_the_derivative() -> None:
    layer = SOFTMAX.vjp().jvp()
    assert symbp.layer(layer.text).definition.program == layer.definition.program


def test_a_comment_about_another_layer_is_a_comment() -> None:
    assert symbp.layer(f"# cube_vjp = vjp(cube)\n{SOFTMAX.text}").name == "softmax"


@pytest.mark.parametrize("name", ["cross_entropy", "mul"])
def test_a_module_is_read_back_as_the_derivative(name: str, tmp_path: Path) -> None:
    layer = symbp.catalog[name].vjp()
    path = tmp_path / "module.py"
    path.write_text(layer.source(), encoding="utf-8")
    assert module_layer(path).source() == layer.source()


@pytest.mark.parametrize(
    "layer",
    [SOFTMAX.vjp().vjp(), MUL.vjp().vjp(), MUL.vjp().jvp(), MUL.jvp(), symbp.catalog["affine"].jvp().vjp()],
    ids=lambda layer: layer.name,
)
def test_a_derivative_is_checked_like_any_layer(layer: symbp.Layer) -> None:
    report = layer.check()
    assert report, str(report)


def test_a_derivative_is_explained_like_any_layer() -> None:
    layer = SOFTMAX.vjp()
    assert "dy_bar" in layer.derive().to_text(depth="equations")
    assert layer.graph().to_dot().startswith("digraph")


def test_what_is_broadcast_is_broadcast_in_the_gradient_too() -> None:
    a, b = np.arange(6.0).reshape(3, 2), np.array([2.0, 3.0])
    (a_bar, b_bar), _ = MUL.vjp().load().forward(a, b, np.ones((3, 2)))
    np.testing.assert_array_equal(a_bar, np.broadcast_to(b, (3, 2)))
    np.testing.assert_array_equal(b_bar, [6, 9])


def test_a_cotangent_has_the_shape_that_the_inputs_are_broadcast_to() -> None:
    expected = r"^mul_vjp: y_bar has shape \(2,\), expected \(3, 2\), that of a and b broadcast together$"
    with pytest.raises(ValueError, match=expected):
        MUL.vjp().load().forward(np.ones((3, 2)), np.ones(2), np.ones(2))


def test_a_tangent_has_the_shape_of_its_value() -> None:
    with pytest.raises(ValueError, match=r"^mul_jvp: axis \.\.\.b of b_dot has length \(3, 2\), expected \(2,\) \(axis \.\.\.b of b\)$"):
        MUL.jvp().load().forward(np.ones((3, 2)), np.ones(2), np.ones((3, 2)), np.ones((3, 2)))
