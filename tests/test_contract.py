"""What modules and commands promise, at the edges where a promise is easily broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import symbp
from symbp.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


# ---------------------------------------------------------------- layers


@pytest.mark.parametrize("text", ["y = x - x", "y = x/x", "y = x**0", "y = where(2 > 3, x, 1)"])
def test_an_input_that_cancels_has_a_gradient_of_zeros(text: str) -> None:
    module = symbp.layer(text).load()
    y, residuals = module.forward(np.array([1.0, 2.0]))
    assert module.backward(np.ones_like(y), residuals).x.tolist() == [0, 0]


@pytest.mark.parametrize("text", ["f(x): y = 2*x; z = 1", "f(x, a): y = 2*x; z = a/a"])
def test_backward_takes_an_upstream_for_every_output_even_a_constant_one(text: str) -> None:
    assert symbp.layer(text).check()


def test_a_constant_may_be_the_length_of_an_axis_and_is_compared_with_it() -> None:
    module = symbp.layer("f(x, kernel=2): y = max(x[p], p=kernel)").load()
    y, residuals = module.forward([1.0, 3.0])
    assert (y, module.backward(1.0, residuals).x.tolist()) == (3, [0, 1])
    with pytest.raises(ValueError, match=r"^f: axis kernel of x has length 3, expected 2 \(constant kernel\)$"):
        module.forward([1.0, 3.0, 2.0])
    with pytest.raises(ValueError, match=r"^f: kernel is 2.5, expected the length of an axis$"):
        module.forward([1.0, 3.0], kernel=2.5)


@pytest.mark.parametrize("text", ["f(x, c=3): y = x*softplus(c)", "f(x, c=3): y = x*sigmoid(c)", "f(b=2, x): y = b*x"])
def test_functions_of_constants_are_computed(text: str) -> None:
    assert symbp.layer(text).check()


@pytest.mark.parametrize("text", ["f(x, t): z = sum(x[t[n]], n)", "y[p] = u[p] + p", "f(s, u): y[p] = (s + p)*u[p]"])
def test_float32_survives_indices_as_numbers_and_gathers(text: str) -> None:
    assert symbp.layer(text).check()["dtypes"].held


@pytest.mark.parametrize(
    "text",
    [
        "y = log(1 + exp(-abs(x))) + maximum(x, 0)",
        "y = -log(sigmoid(-z))",
        "f(z): p = sigmoid(z); q = 1 - p; y = log(q)",
        "f(z, t, gamma=2): L = -mean((1 - softmax(z)[n,t[n]])**gamma*log(softmax(z)[n,t[n]]), n)",
        "f(q, k): y[i] = logsumexp(sum(q[i,d]*k[j,d], d), j)",
        "f(s): L = mean(logsumexp(s[i,j], j), i)",
        "f(x, w): L = sum(exp(sum(x[i,j]*w[j], j)), i)",
        "y = abs(log(x))",
    ],
)
def test_losses_and_activations_as_people_write_them_hold(text: str) -> None:
    report = symbp.layer(text).check()
    assert report, str(report)


def test_what_was_added_to_a_large_value_is_not_recovered_by_subtraction() -> None:
    module = symbp.layer("f(b, w): y[n] = tanh(b[n]) + w[n]").load()
    _, residuals = module.forward([0.3], [1e17])
    assert module.backward([1.0], residuals).b == pytest.approx(1 - np.tanh(0.3) ** 2, rel=1e-14)


# ---------------------------------------------------------------- files


def test_a_module_carries_the_definitions_of_the_layers_it_calls(tmp_path: Path) -> None:
    file = tmp_path / "own.symbp"
    own = ["sigmoid(x): y = 2*x", "block(x, *, W): h[...,o] = sum(x[...,i]*W[i,o], i)", "net(x, *, W): y = sigmoid(block(x, W))"]
    file.write_text("\n".join(own))
    assert run("generate", str(file), "-o", str(tmp_path)).exit_code == 0
    result = run("check", str(tmp_path / "net.py"))
    assert result.exit_code == 0, result.output


def test_an_edit_above_the_header_is_an_edit(tmp_path: Path) -> None:
    assert run("generate", "relu", "-o", str(tmp_path)).exit_code == 0
    module = tmp_path / "relu.py"
    module.write_text("# (c) me\n" + module.read_text())
    result = run("generate", "relu", "-o", str(tmp_path))
    assert result.exit_code == 2
    assert "edited since symbp wrote it" in result.output
    assert module.read_text().startswith("# (c) me\n")


def test_two_layers_of_one_name_are_not_written_over_each_other(tmp_path: Path) -> None:
    result = run("generate", "relu", "relu(x): y = 2*x", "-o", str(tmp_path))
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("x=1j", "error: graph of sigmoid: x is 1j; expected a number"),
        ("x=None", "error: graph of sigmoid: x is None; expected a number"),
        ("x=[1,[2,3]]", "error: graph of sigmoid: x is [1, [2, 3]]; expected a number"),
        ("x=1,x=2", "error: --at: a value named x is given twice"),
    ],
)
def test_values_that_are_no_numbers_are_refused_by_name(values: str, message: str) -> None:
    result = run("graph", "sigmoid", "--at", values)
    assert result.exit_code == 2
    assert result.output.startswith(message)


def test_a_label_is_a_whole_number() -> None:
    result = run("graph", "cross_entropy", "--at", "z=[[1,2]],t=[0.5]")
    assert result.output == "error: graph of cross_entropy: t is [0.5]; expected whole numbers\n"


@pytest.mark.parametrize("equation", ["y = 0**x", "y = (-2)**x"])
def test_a_derivative_that_is_no_real_number_is_refused(equation: str) -> None:
    result = run("derive", equation)
    assert (result.exit_code, result.output) == (2, "error: y, equation 1: y[...]: its derivative is not a real number\n")


@pytest.mark.parametrize("body", ["1/0", "raise SystemExit(3)", "import nothing_of_this_name"])
def test_a_module_that_cannot_be_imported_is_bad_input(body: str, tmp_path: Path) -> None:
    module = tmp_path / "broken.py"
    module.write_text(f'"""f: forward and backward pass.\n\n    f(x): y = 2*x\n\nSaved: x\n"""\n{body}\n')
    result = run("check", str(module))
    assert result.exit_code == 2
    assert "cannot be imported" in result.output
