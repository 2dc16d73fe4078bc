"""What the code saves and why, what its stable forms avoid, and what a derivation rests on: every claim is tried."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import symbp
from symbp.explain import choices
from symbp.explain.assumptions import assumptions
from symbp.explain.document import document
from symbp.explain.languages import spoken, words_of
from symbp.explain.lines import Line, note
from symbp.explain.order import Names
from symbp.explain.text import said
from symbp.explain.unicode import Unicode
from symbp.ir import Element, Leading, elements
from symbp.ir.derivation import Kept

ENGLISH = words_of("en")
LENGTHS = {"N": 5, "D": 3, "K": 4, "Q": 4, "C": 3, "I": 6, "J": 2, "E": 7, "H": 5, "W": 6}  # of axes, as far as they can be chosen
X = sympy.Symbol("x", real=True)
LEAD = (2, 3)  # the leading axes


def lines(name: str, title: str) -> dict[str, Line]:
    """The choices of a section by what they are about, as text."""
    doc = document(symbp.catalog[name].traced, "result")
    found = [line for section in doc.sections if section.title.key == title for line in section.lines if line.kind == "choice"]
    return {Unicode(doc.names).formula(line.sides[0]): line for line in found}


def says(line: Line) -> str:
    return "".join(said(note(line, ENGLISH), Unicode(Names())).split("[...]"))


# ---------------------------------------------------------------- what is saved


def test_an_output_that_is_kept_takes_no_memory_and_stands_for_the_input() -> None:
    found = {name: says(line) for name, line in lines("sigmoid", "title:kept").items()}
    assert found == {
        "y": "for dx: an output, no new memory",
        "x": "not saved: backward reads y in its place",
        "1 − y": "the price: few digits are left where y is near 1",
    }


@pytest.mark.parametrize(
    ("name", "x", "form", "output"),
    [("sigmoid", 33.0, lambda y: 1 - y, lambda x: 1 / (1 + mpmath.exp(-x))), ("tanh", 17.0, lambda y: 1 - y**2, mpmath.tanh)],
)
def test_the_price_of_an_output_form_is_real(name: str, x: float, form: Callable[[Any], Any], output: Callable[[Any], Any]) -> None:
    y, _ = symbp.catalog[name].load().forward(np.array([x]))
    with mpmath.workdps(60):
        assert abs(form(y)[0] / form(output(mpmath.mpf(x))) - 1) > 1e-4


def test_where_there_is_no_output_form_the_input_says_so() -> None:
    (line,) = (line for line in lines("mish", "title:kept").values() if line.sides[0].name == "x")
    assert "no formula in y alone would do" in says(line)
    assert any(remark.key == "algebraically independent" for remark in document(symbp.catalog["mish"].traced).remarks)


def test_a_value_that_a_condition_shows_stands_for_what_was_compared() -> None:
    assert says(lines("multi_layer_net", "title:kept")["z1"]) == "not saved: backward reads a1 in its place"


def test_a_layer_that_keeps_nothing_says_nothing_of_it() -> None:
    assert not lines("add", "title:kept")


SHAPED = ("layer_norm", "batch_norm", "softmax", "boltzmann_operator", "attention", "lstm_cell", "cross_entropy", "batch_norm2d", "gelu")


@pytest.mark.parametrize("name", SHAPED)
def test_what_is_kept_has_the_shape_that_is_told(name: str) -> None:
    layer = symbp.catalog[name]
    rng = np.random.default_rng(0)
    inputs = [rng.random(_lengths(t.shape)) if t.kind == "real" else rng.integers(0, 2, _lengths(t.shape)) for t in _inputs(layer)]
    _, residuals = layer.load().forward(*inputs)
    saved = [kept for kept in layer.traced.kept if kept.saved]
    assert saved and [k.name for k in saved] == [f for f in residuals._fields if isinstance(getattr(residuals, f), np.ndarray)]
    for kept in saved:
        assert kept.shape is not None
        assert getattr(residuals, kept.name).shape == _lengths(kept.shape), kept.name


def _inputs(layer: symbp.Layer) -> tuple[Any, ...]:
    return layer.definition.program.inputs


def _lengths(shape: tuple[Any, ...]) -> tuple[int, ...]:
    pieces = [LEAD if isinstance(s, Leading) else (int(s) if s.is_Integer else LENGTHS[s.name],) for s in shape]
    return tuple(length for piece in pieces for length in piece)


@pytest.mark.parametrize("name", ["layer_norm", "lstm_cell", "attention"])
def test_a_gradient_needs_a_residual_exactly_where_it_is_told(name: str) -> None:
    layer, rng = symbp.catalog[name], np.random.default_rng(0)
    module = layer.load()
    outputs, residuals = module.forward(*(rng.random(_lengths(t.shape)) for t in _inputs(layer)))
    upstream = outputs if isinstance(outputs, tuple) else (outputs,)
    whole = module.backward(*upstream, residuals)._asdict()
    for kept in (k for k in layer.traced.kept if k.saved and k.name != layer.inputs[0]):  # that one gives shapes as well
        without = residuals._replace(**{kept.name: np.full_like(getattr(residuals, kept.name), np.nan)})
        changed = {g for g in whole if not np.array_equal(getattr(module.backward(*upstream, without, wrt=(g,)), g), whole[g])}
        assert changed == set(kept.gradients), kept.name


@pytest.mark.parametrize("name", ["layer_norm", "batch_norm", "boltzmann_operator"])
def test_what_is_computed_again_stands_in_both_passes_and_is_not_saved(name: str) -> None:
    layer = symbp.catalog[name]
    again = [kept for kept in layer.traced.kept if not kept.saved]
    forward, backward = layer.source().split("def backward", 1)
    assert again
    for kept in again:
        assert f"{kept.code}\n" in forward and f"{kept.name} = {kept.code}\n" in backward
        assert f"    {kept.name}: np.ndarray" not in forward


def test_bytes_are_eight_for_each_number() -> None:
    kept = Kept("a", ("x",), (sympy.Symbol("N"), sympy.Integer(4)))
    assert choices._memory(kept) == (32 * sympy.Symbol("N"),)


# ---------------------------------------------------------------- what a stable form avoids

FAILS = {  # where the textbook form fails, and the form
    "sigmoid": (-800.0, lambda x: 1 / (1 + np.exp(-x))),
    "silu": (-800.0, lambda x: x / (1 + np.exp(-x))),
    "logsigmoid": (-800.0, lambda x: np.log(1 / (1 + np.exp(-x)))),
    "softplus": (800.0, lambda x: np.log(1 + np.exp(x))),
    "mish": (800.0, lambda x: x * np.tanh(np.log(1 + np.exp(x)))),
    "softmax": (800.0, lambda x: np.exp(x) / np.exp(x).sum()),
    "log_softmax": (800.0, lambda x: x - np.log(np.exp(x).sum())),
    "logsumexp": (-800.0, lambda x: np.log(np.exp(x).sum())),
    "softmin": (800.0, lambda x: np.exp(-x) / np.exp(-x).sum()),
}


@pytest.mark.parametrize("name", FAILS)
def test_the_textbook_form_fails_where_it_is_told_and_the_stable_form_does_not(name: str) -> None:
    place, form = FAILS[name]
    x = np.array([place, place])
    assert lines(name, "title:stable")
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        with pytest.raises(FloatingPointError):
            form(x)
        module = symbp.catalog[name].load()
        y, residuals = module.forward(x)
        (dx,) = module.backward(np.ones_like(y), residuals)
    assert np.isfinite(y).all() and np.isfinite(dx).all()


def test_softmax_fails_at_both_ends() -> None:
    found = {name: says(line) for name, line in lines("softmax", "title:stable").items()}
    assert found == {
        "1/Σ_j exp(x[...,j])": "would divide by 0 where all x[...,j] < −745.13 (−103.97 in float32)",
        "exp(x[...,j])": "would overflow where x[...,j] > 709.78 (88.72 in float32)",
    }


def test_what_overflows_in_the_stable_form_too_is_no_reason_for_it() -> None:
    assert set(lines("expm1", "title:stable")) == {"exp(x) − 1"}


def test_the_same_danger_of_several_gates_is_told_once() -> None:
    assert len(lines("lstm_cell", "title:stable")) == 1


@pytest.mark.parametrize(("dtype", "form"), list(zip((np.float64, np.float32), choices.FORMATS, strict=True)))
def test_exponentials_overflow_and_vanish_at_the_thresholds(dtype: type, form: Any) -> None:
    largest, smallest = choices._largest_exponent(form), choices._smallest_exponent(form)
    with np.errstate(all="ignore"):
        assert np.isinf(np.exp(dtype(largest + 0.01))) and np.isfinite(np.exp(dtype(largest - 0.01)))
        assert np.exp(dtype(-smallest - 0.01)) == 0 < np.exp(dtype(-smallest + 0.01))
        assert np.isinf(np.cosh(dtype(largest + np.log(2) + 0.01))) and np.isfinite(np.cosh(dtype(largest + np.log(2) - 0.01)))


DIFFERENCES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {  # as it is written, and exactly
    "expm1": (lambda x: np.exp(x) - 1, mpmath.expm1),
    "log1p": (lambda x: np.log(1 + x), mpmath.log1p),
    "tanhshrink": (lambda x: x - np.tanh(x), lambda x: x - mpmath.tanh(x)),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_differences_lose_their_digits_where_it_is_told_and_the_stable_form_keeps_them(name: str) -> None:
    (line,) = lines(name, "title:stable").values()
    bound = float(line.why[0].about[0].rhs)
    written, exactly = DIFFERENCES[name]
    x = np.array([bound / 4])
    with mpmath.workdps(60):
        truth = exactly(mpmath.mpf(x[0]))
    y, _ = symbp.catalog[name].load().forward(x)
    assert abs(written(x)[0] / truth - 1) > 0.2
    assert abs(y[0] / truth - 1) < 1e-15


def test_erf_is_one_beyond_the_threshold() -> None:
    special = pytest.importorskip("scipy.special")
    for dtype, form in zip((np.float64, np.float32), choices.FORMATS, strict=True):
        bound = choices._where_erf_is_one(form)
        assert special.erf(dtype(bound)) == 1 > special.erf(dtype(bound - 0.1))
        assert special.erfc(dtype(bound)) > 0


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "logsumexp", "mish", "glu", "log_cosh", "soft_margin"])
def test_an_overflow_is_one_beyond_the_place_and_none_before_it(name: str) -> None:
    """The part that the stable form does without, at values on both sides of its bound."""
    found = [line for line in lines(name, "title:stable").values() if line.why[0].key == "danger:overflow"]
    assert found
    for line in found:
        part, condition = line.sides[0], line.why[0].about[0]
        free = dict(zip(elements(part), [X, sympy.Integer(1)], strict=False))
        at, size = (sympy.lambdify(X, expr.xreplace(free), "numpy") for expr in (part, condition.lhs))
        for x in np.concatenate([np.linspace(-720, -700, 41), np.linspace(700, 720, 41)]):
            beyond = size(x) > condition.rhs if isinstance(condition, sympy.Gt) else size(x) < condition.rhs
            with np.errstate(over="ignore"):
                assert np.isinf(at(x)) == bool(beyond), (line, x)


# ---------------------------------------------------------------- what lines rest on


def told(name: str) -> set[str]:
    """What the steps of a layer assume."""
    phrases = {phrase for step in symbp.catalog[name].derivation.steps for phrase in assumptions(step)}
    return {said(spoken(ENGLISH, phrase), Unicode(Names())).replace("[...]", "") for phrase in phrases}


def test_values_are_real_and_signs_that_are_known_are_told() -> None:
    assert {"x real", "y > 0"} <= told("sigmoid")


def test_a_line_has_the_assumptions_of_its_step() -> None:
    (derivation, doc) = (symbp.catalog["sigmoid"].traced, document(symbp.catalog["sigmoid"].traced, "equations"))
    kept = {line.assumes for section in doc.sections for line in section.lines if line.rule}
    assert kept <= {assumptions(step) for step in derivation.steps} and len(kept) > 1


@pytest.mark.parametrize(
    ("name", "assumption"),
    [
        ("relu", ENGLISH["remark:kink"]),
        ("abs", ENGLISH["remark:flat"]),
        ("max_pool2d", ENGLISH["remark:tie"]),
        ("log", "x ≠ 0"),
        ("cross_entropy", "t[n] is one of 0, …, K − 1"),
        ("layer_norm", "eps > 0"),
    ],
)
def test_a_step_tells_what_it_assumes(name: str, assumption: str) -> None:
    assert assumption in told(name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("log", "Assumed: all values are real and x > 0."),
        ("div", "Assumed: all values are real and b ≠ 0."),
        ("layer_norm", "Assumed: all values are real and eps > 0."),
        ("embedding", "is one of 0, …,"),
        ("softmax_temperature", "Assumed: all values are real and tau > 0."),
    ],
)
def test_the_document_tells_it_once(name: str, sentence: str) -> None:
    assert " ".join(symbp.catalog[name].derive().to_text().split()).count(sentence) == 1


def test_a_layer_that_is_smooth_everywhere_tells_nothing() -> None:
    assert "Assumed" not in symbp.catalog["tanh"].derive().to_text()


def test_every_choice_is_one_element_or_part_and_claims_no_equality() -> None:
    for name in ("sigmoid", "attention", "layer_norm"):
        for section in document(symbp.catalog[name].traced).sections:
            if section.title.key == "title:kept":
                assert all(line.kind == "choice" and len(line.sides) == 1 for line in section.lines)
                assert any(isinstance(line.sides[0], Element) for line in section.lines)
