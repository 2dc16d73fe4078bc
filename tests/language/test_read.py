"""The form of what is read: names, shapes, kinds, outputs, texts, and the split into single operations."""

import os
import subprocess
import sys

import pytest
from sympy import Integer, Rational

from symbp.ir import Constant, Element, Leading, Reduce, Where, elements
from symbp.language import Definition, read

SIGMOID = "sigmoid(x): y = 1/(1 + exp(-x))\n"
AFFINE = "affine(x, *, W, b): y[...,o] = sum(x[...,i]*W[i,o], i) + b[o]\n"
SOFTMAX = "softmax(x): y[...,k] = exp(x[...,k])/sum(exp(x[...,j]), j)\n"
CROSS_ENTROPY = "cross_entropy(z, t): L = -mean(log(softmax(z)[n, t[n]]), n)\n"


def last(text: str) -> Definition:
    return read(text)[-1]


def lines(text: str) -> list[str]:
    return str(last(text).program).split("\n")


def nodes(text: str) -> list[str]:
    return str(last(text).nodes).split("\n")


def kinds(text: str) -> dict[str, str]:
    return {name: tensor.kind for name, tensor in last(text).program.tensors.items()}


def shapes(text: str) -> dict[str, str]:
    return {name: ",".join(map(str, tensor.shape)) for name, tensor in last(text).program.tensors.items()}


# ---------------------------------------------------------------- layers and signatures


def test_data_come_before_the_star_and_parameters_after_it() -> None:
    definition = last("f(x, eps=1e-5, *, W, b, beta=2): y = x*W + b + eps*beta")
    assert [tensor.name for tensor in definition.program.inputs] == ["x", "W", "b"]
    assert definition.parameters == ("W", "b")
    assert definition.program.constants == ((Constant("eps"), Rational(1, 100_000)), (Constant("beta"), Integer(2)))


def test_inputs_without_a_signature_are_the_names_in_order_of_appearance() -> None:
    definition = last("z[n] = sum(x[n,i]*w[i], i) + b; y[n] = tanh(z[n])")
    assert (definition.name, [tensor.name for tensor in definition.program.inputs]) == ("y", ["x", "w", "b"])


def test_a_header_may_be_a_name_alone() -> None:
    assert last("mish: y = x*tanh(log(1 + exp(x)))").name == "mish"


def test_a_layer_keeps_its_own_text_and_the_comment_above_it() -> None:
    first = "# of another\n\n  # Two.\n  # Source: me\n  f(x):  # here\n      a = x  # why\n      y = 2*a # end\n"
    f, g = read(first + "  # of the next\n  g(x): y = x\n")
    assert f.text == "f(x):  # here\n    a = x  # why\n    y = 2*a # end"
    assert (f.doc, g.doc) == ("Two.\nSource: me", "of the next")


def test_an_expression_goes_on_inside_brackets() -> None:
    definition = last("f(x):\n  y = (x +  # one\n2)*x\r\n  z = y")
    assert [equation.text for equation in definition.program.equations] == ["y = (x + 2)*x", "z = y"]


def test_outputs_are_the_last_target_and_all_that_nothing_reads() -> None:
    program = last("f(x): a = exp(x); b = 2*x; c = a*a").program
    assert [output.name for output in program.outputs] == ["b", "c"]


def test_a_later_text_calls_the_layers_of_its_scope() -> None:
    scope = {definition.name: definition for definition in read(SIGMOID)}
    (silu,) = read("silu(x): y = x*sigmoid(x)", scope)
    assert list(map(str, silu.program.equations)) == ["sigmoid_y[...] = 1/(1 + exp(-x[...]))", "y[...] = sigmoid_y[...]*x[...]"]


def test_a_layer_may_have_the_name_of_a_function_which_is_what_is_called() -> None:
    assert lines("tanh(x): y = tanh(x)\nf(x): y = tanh(x)") == ["y[...] = tanh(x[...])"]


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("written", "exact"),
    [("0.1", Rational(1, 10)), ("1e-5", Rational(1, 100_000)), (".5", Rational(1, 2)), ("1.", Integer(1)), ("2.50e+1", Integer(25))],
)
def test_a_number_is_the_exact_value_of_its_digits(written: str, exact: Rational) -> None:
    program = last(f"f(x): y = x + {written}").program
    assert program.equations[0].value - elements(program.equations[0].value)[0] == exact


def test_equations_are_numbered_and_carry_the_users_text() -> None:
    program = last(SIGMOID + "f(x, w): z = sum(x[n]*w[n], n); y = sigmoid(z*2) + z").program
    assert [(e.name, e.number, e.text) for e in program.equations] == [
        ("z", 1, "z = sum(x[n]*w[n], n)"),
        ("sigmoid_x", 2, ""),
        ("sigmoid_y", 3, ""),
        ("y", 4, "y = sigmoid(z*2) + z"),
    ]


# ---------------------------------------------------------------- shapes, kinds and signs


def test_a_size_is_named_by_the_first_index_that_ran_over_it() -> None:
    assert shapes("f(x, w): y[n,o] = sum(x[n,i]*w[i,o], i); z[a] = sum(y[a,b], b)") == {"x": "N,I", "w": "I,O", "y": "N,O", "z": "N"}


def test_two_sizes_that_want_one_name_are_numbered() -> None:
    assert shapes("f(x, w, I): y = sum(x[i], i)*I; z = sum(w[i], i)") == {"x": "I2", "w": "I3", "I": "", "y": "", "z": ""}


def test_the_callers_names_come_before_those_of_a_called_layer() -> None:
    assert shapes(SOFTMAX + "f(z): p = softmax(z); y[n] = p[n,0] + sum(p[n,c], c)") == {"z": "N,C", "p": "N,C", "y": "N"}


def test_leading_axes_are_bound_by_the_rank_of_what_is_passed() -> None:
    assert shapes(SOFTMAX + CROSS_ENTROPY) == {"z": "N,K", "t": "N", "softmax_y": "N,K", "L": ""}


def test_one_index_stands_for_any_number_of_leading_axes() -> None:
    program = last(AFFINE).program
    assert [str(size) for size in program.tensors["y"].shape] == ["...", "O"]
    assert isinstance(program.tensors["x"].shape[0], Leading)


def test_elementwise_inputs_have_leading_axes_of_their_own() -> None:
    program = last("mul(a, b): y = a*b").program
    leads = tuple(Leading(f"...{name}") for name in "ab")
    assert [tensor.shape for tensor in program.inputs] == [(lead,) for lead in leads]
    assert program.outputs[0].shape == (Leading("...", leads),)


def test_a_range_fixes_the_length_of_an_axis() -> None:
    shape = last("pool(x, kernel=2): y[n] = max(x[n,p,q], p=kernel, q=3)").program.inputs[0].shape
    assert shape[1:] == (Constant("kernel"), Integer(3))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(x, t): y[n] = x[n,t[n]]", {"x": "real", "t": "integer", "y": "real"}),
        ("f(x, e): y[i] = sum(where(e[k] == i, x[k], 0), k) + x[i]", {"x": "real", "e": "integer", "y": "real"}),
        ("f(x, n): y[i] = where(i < n - 1, x[i], 0)", {"x": "real", "n": "integer", "y": "real"}),
        ("f(x, m): y[i] = where(not m[i], x[i], 0)", {"x": "real", "m": "boolean", "y": "real"}),
        ("f(x, m): y = where(m and x > 0, x, 0)", {"x": "real", "m": "boolean", "y": "real"}),
        ("f(x): k[n] = argmax(x[n,i], i); y[n] = x[n,k[n]]", {"x": "real", "k": "integer", "y": "real"}),
        ("f(x, a): y = where(a > x, 1, 0)", {"x": "real", "a": "real", "y": "real"}),
        (SOFTMAX + CROSS_ENTROPY + "f(z, t): L = cross_entropy(z, t)", {"z": "real", "t": "integer", "softmax_y": "real", "L": "real"}),
        ("f(x): m[i] = x[i] > 0; y[i] = where(m[i], x[i], 0)", {"x": "real", "m": "boolean", "y": "real"}),
        ("f(x, a): m[i,j] = j <= i and a[j]; y[i,j] = where(m[i,j], x[i], 0)", {"x": "real", "a": "boolean", "m": "boolean", "y": "real"}),
        ("f(x, t): s[i] = t[i] + 1; y[i] = x[s[i]]", {"x": "real", "t": "integer", "s": "integer", "y": "real"}),
        (
            "f(x, t, u): s[i] = where(u[i], t[i], 0); y[i] = x[s[i]]",
            {"x": "real", "t": "integer", "u": "boolean", "s": "integer", "y": "real"},
        ),
        ("f(x, t): s[i] = maximum(t[i], 1); y[i] = x[s[i]]", {"x": "real", "t": "integer", "s": "integer", "y": "real"}),
        ("f(x, t): y[t[i],k] = x[i,k]; z[j,k] = y[j,k] + x[j,k]", {"x": "real", "t": "integer", "y": "real", "z": "real"}),
        ("f(x): c[t] = pad(c[t-1]) + x[t]; y[t] = c[t]", {"x": "real", "c": "real", "y": "real"}),
    ],
)
def test_kinds_are_decided_by_the_text(text: str, expected: dict[str, str]) -> None:
    assert kinds(text) == expected


def test_the_sign_of_a_value_lives_on_its_head() -> None:
    tensors = last("f(x): e[n] = exp(x[n]); s = sum(e[n], n); q = mean(x[n]**2, n); y = x[0]").program.tensors
    assert tensors["e"].is_positive and tensors["s"].is_positive
    assert tensors["q"].is_nonnegative and not tensors["q"].is_positive
    assert tensors["y"].is_nonnegative is None


@pytest.mark.parametrize(
    ("value", "sign"),
    [
        ("exp(-x)", "positive"),
        ("log(1 + exp(x))", "positive"),
        ("1/(1 + exp(-x))", "positive"),
        ("x**2 + 1", "positive"),
        ("where(x > 0, exp(x), 2)", "positive"),
        ("x**4", "nonnegative"),
        ("abs(x)", "nonnegative"),
        ("sqrt(x**2 + abs(x))", "nonnegative"),
        ("tanh(x**2)", "nonnegative"),
        ("x**3", ""),
        ("1 - exp(x)", ""),
        ("-exp(x)", ""),
        ("1/abs(x)", ""),
        ("log(2*exp(x))", ""),
        ("where(x > 0, inf, 1)", ""),
    ],
)
def test_a_sign_is_inferred_only_where_every_value_has_it(value: str, sign: str) -> None:
    tensor = last(f"f(x): y = {value}").program.tensors["y"]
    assert (tensor.is_positive is True, tensor.is_nonnegative is True) == (sign == "positive", bool(sign))


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("p[i] = exp(x[i]); y[i] = pad(p[i-1])", "nonnegative"),
        ("p[i] = exp(x[i]); y[i] = pad(p[i-1], 2)", "positive"),
        ("y[2*i] = exp(x[i])", "nonnegative"),
        ("p[i,j] = exp(x[i]*x[j]); y = det(p)", ""),
        ("p[i,j] = exp(x[i]*x[j]); y = logdet(p)", ""),
        ("p[i,j] = exp(x[i]*x[j]); y = inv(p)", ""),
    ],
)
def test_the_sign_of_what_lies_outside_counts(text: str, sign: str) -> None:
    tensor = last(f"f(x): {text}").program.tensors["y"]
    assert (tensor.is_positive is True, tensor.is_nonnegative is True) == (sign == "positive", bool(sign))


# ---------------------------------------------------------------- expressions


def test_a_maximum_gives_a_tie_to_the_first() -> None:
    value = last("relu(x): y = maximum(0, x)").program.equations[0].value
    assert isinstance(value, Where) and value.branches[0] == 0 and str(value.condition) == "0 >= x[...]"


def test_sums_side_by_side_that_reuse_a_name_bind_distinct_indices() -> None:
    assert lines("f(x, i2): y = sum(x[i], i)*sum(x[i]**2, i) + i2") == ["y = i2 + sum(x[i], i)*sum(x[i2]**2, i2)"]


def test_a_mean_is_a_sum_over_its_length() -> None:
    value = last("f(x): y = mean(x[n,k], n, k)").program.equations[0].value
    assert str(value) == "sum(x[n,k], n, k)/(K*N)"


def test_the_length_of_leading_axes_is_one_number() -> None:
    assert lines("mse(p, t): L = mean((p[...] - t[...])**2, ...)")[0].endswith(", ...)/...")


def test_the_size_of_leading_axes_is_the_number_of_their_elements() -> None:
    assert lines("f(x): y[...] = x[...]/size(...)") == ["y[...] = x[...]/..."]


def test_a_size_stands_anywhere_in_its_equation() -> None:
    assert lines("f(x): y = size(n)*sum(x[n], n)") == ["y = N*sum(x[n], n)"]


def test_chained_comparisons_and_words_are_conditions() -> None:
    value = last("f(x, m): y = where(0 < x <= 1 and not m or x > 2, x, inf)").program.equations[0].value
    assert isinstance(value, Where) and len(value.condition.args) == 2


def test_a_condition_with_a_name_is_a_boolean_tensor() -> None:
    assert lines("f(x): m[i] = 0 < x[i] <= 1; y[i] = where(not m[i], x[i], 0)") == [
        "m[i] = where((x[i] <= 1) & (0 < x[i]), 1, 0)",
        "y[i] = where(Eq(m[i], 0), x[i], 0)",
    ]


def test_a_layer_whose_value_is_a_condition_is_called_as_one() -> None:
    text = "inside(x, c=1): y = -c < x and x < c\nf(x): y[n] = where(inside(x[n], c=2), x[n], 0)"
    assert lines(text)[-1] == "y[n] = where(Ne(inside_y[n], 0), x[n], 0)"


# ---------------------------------------------------------------- calls


def test_a_call_takes_the_name_of_the_target_that_it_is_all_of() -> None:
    assert lines(AFFINE + "f(x, w, b): h = affine(x, w, b); y[n,k] = exp(h[n,k])")[0].startswith("h[n,o] = ")


def test_targets_of_a_call_are_named_after_the_layer_and_numbered() -> None:
    program = last(AFFINE + "f(x, v, w, b): y = affine(affine(x, v, b), w, b)*affine(x, w, b)").program
    assert [equation.name for equation in program.equations] == ["affine_y", "affine_y2", "affine_y3", "y"]


def test_a_call_written_twice_is_made_once() -> None:
    program = last(AFFINE + "f(x, v, w, b): y = affine(affine(x, v, b), w, b)*affine(x, v, b)").program
    assert [equation.name for equation in program.equations] == ["affine_y", "affine_y2", "y"]


def test_a_call_with_another_constant_is_another_call() -> None:
    program = last("g(x, p=2): y = x**p\nf(x): y[n] = g(x[n]) + g(x[n], p=3) + g(x[n])").program
    assert [equation.name for equation in program.equations] == ["g_y", "g_y2", "y"]


def test_an_elementwise_layer_is_written_out_where_it_is_called() -> None:
    assert lines(SIGMOID + "f(x, w): y[n] = sum(sigmoid(x[n,i] + 1)*w[i], i)") == [
        "sigmoid_x[n,i] = x[n,i] + 1",
        "sigmoid_y[n,i] = 1/(1 + exp(-sigmoid_x[n,i]))",
        "y[n] = sum(w[i]*sigmoid_y[n,i], i)",
    ]


def test_a_composition_maps_elementwise_layers_over_whole_tensors() -> None:
    text = SIGMOID + AFFINE + SOFTMAX + CROSS_ENTROPY
    net = "net(x, t, *, W1, b1, W2, b2): a = sigmoid(affine(x, W1, b1)); L = cross_entropy(affine(a, W2, b2), t)"
    program = last(text + net).program
    assert [equation.name for equation in program.equations] == ["affine_y", "a", "affine_y2", "softmax_y", "L"]
    assert shapes(text + net)["x"] == "N,I"


def test_constants_of_a_call_are_numbers_or_constants_of_the_caller() -> None:
    leaky = "leaky(x, slope=0.1): y = where(x > 0, x, slope*x)\n"
    assert lines(leaky + "f(x): y = leaky(x)") == ["y[...] = where(x[...] > 0, x[...], x[...]/10)"]
    assert lines(leaky + "f(x): y = leaky(x, slope=1/3)") == ["y[...] = where(x[...] > 0, x[...], x[...]/3)"]
    assert lines(leaky + "f(x, c=2): y = leaky(x, slope=c)") == ["y[...] = where(x[...] > 0, x[...], c*x[...])"]


# ---------------------------------------------------------------- single operations


def test_the_sigmoid_is_four_nodes() -> None:
    assert nodes(SIGMOID) == ["u1[...] = -x[...]", "u2[...] = exp(u1[...])", "u3[...] = u2[...] + 1", "y[...] = 1/u3[...]"]


def test_nodes_stand_in_the_order_the_user_wrote() -> None:
    assert nodes("shopping(apple, count, tax): price[n] = apple[n]*count[n]*tax[n]") == [
        "u1[n] = apple[n]*count[n]",
        "price[n] = tax[n]*u1[n]",
    ]


def test_numbers_and_constants_stay_in_their_node() -> None:
    text = "f(x, c=2): y = sqrt(2/pi)*x + c*x**2/size(n) + sum(x, n=3)"
    assert nodes("f(x, c=2): y = (2*c + 1)*x**3") == ["u1[...] = x[...]**3", "y[...] = (2*c + 1)*u1[...]"]
    assert nodes(text)[0] == "u1 = sqrt(2)*x/sqrt(pi)"


def test_a_where_with_its_condition_is_one_node() -> None:
    assert nodes("f(x): y = where(x + 1 > 0, 2*x, exp(x))") == [
        "u1[...] = 2*x[...]",
        "u2[...] = exp(x[...])",
        "y[...] = where(x[...] + 1 > 0, u1[...], u2[...])",
    ]


def test_node_names_skip_the_names_that_are_taken() -> None:
    assert nodes("f(u1, u3): y[n] = exp(u1[n]*u3[n]) + 1")[:2] == ["u2[n] = u1[n]*u3[n]", "u4[n] = exp(u2[n])"]


def test_a_node_inside_a_sum_has_the_bound_axes_last() -> None:
    assert nodes(AFFINE)[0] == "u1[...,o,i] = W[i,o]*x[...,i]"


def test_every_node_is_one_operation() -> None:
    for equation in last(SOFTMAX + CROSS_ENTROPY).nodes.equations:
        inner = [node for node in equation.value.atoms(Reduce) if not isinstance(node.body, Element)]
        assert not inner


# ---------------------------------------------------------------- the same text, the same Program


def test_the_same_text_is_the_same_program_whatever_the_hash_seed() -> None:
    text = SIGMOID + AFFINE + SOFTMAX + CROSS_ENTROPY + "f(x, t, *, w, b): L = cross_entropy(affine(x, w, b)*sigmoid(x), t)\n"
    text += "g(x, w, s=2): y[n,i*s+p] = sum(pad(x[n,i*s+k-1])*w[k,p], k); z[n,j] = y[n,j+size(j)]\n"
    text += "h(x, a, *, U): h[-1,k] = 2*a[k]; c[t,k] = sum(h[t-1,j]*U[j,k], j); h[t,k] = c[t,k]*x[t,k]; L = logdet(U) + sum(h[t,k], t, k)\n"
    code = f"from symbp.language import read\nfor d in read({text!r}): print(d.program, d.nodes, d.program.tensors)"
    seeds = ({**os.environ, "PYTHONHASHSEED": seed} for seed in ("0", "1", "7"))
    found = {subprocess.run([sys.executable, "-c", code], env=seed, capture_output=True, check=True).stdout for seed in seeds}
    assert len(found) == 1 and found != {b""}
