"""Whatever the text, read raises ReadError or reads it; it never hangs and raises nothing else."""

import ast
import time
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symbp.errors import ReadError
from symbp.language import read

SECONDS = 10  # far beyond what any text here takes, on a slow machine too
NAMES = "x y z W b n k i t f sigmoid eps inf pi size exp log sqrt sum mean max argmax logsumexp where maximum gammaln digamma pad det inv"
SIGNS = "( ( ) ) [ ] , , : ; = = == < > + - * / ** ... . # ^ @ { } ' \" \\ é \n \n"
WORDS = f"{NAMES} and or not lambda if else for in is None True np __class__ 0 1 2 0.5 1e-5 99 {SIGNS}".split(" ")
LAYERS = (
    """f(x, t, *, W, b, eps=1e-5):
    m[...] = mean(x[...,d], d)
    y[...,o] = sum(where(x[...,i] > 0, x[...,i], -inf)*W[i,o], i) + b[o]*eps + t[o] + m[...]
""",
    """f(x, *, w, b, s=2, k=1):
    size(q) = s
    z[n,o,i] = sum(pad(x[n,c,i*s+p-k], -1)*w[o,c,p], c, p) + b[o]
    y[n,o,i*s+q] = z[n,o,size(i)-1-i]
    r[n,0] = y[n,0,k]; r[n,j+1] = y[n,1,2*j+1]
""",
    """f(x, t, *, U, K):
    h[-1,n,k] = 2*U[0,k]
    z[t2,n,k] = sum(h[t2-1,n,j]*U[j,k], j) + pad(z[t2-2,n,k])
    h[t2,n,k] = tanh(z[t2,n,k]) + x[t2,n,k]
    y[t[n],k] = h[0,n,k]; L = logdet(K) + sum(y[i,i]*inv(K)[i,j], i, j)
""",
)


def reads_or_refuses(text: str) -> None:
    start = time.perf_counter()
    with suppress(ReadError):
        read(text)
    assert time.perf_counter() - start < SECONDS


@given(st.text(max_size=80))
@example("\x00")
@example("y = x\f+ 1")
@example("y = x\u2028z = 2")
def test_any_text_is_read_or_refused(text: str) -> None:
    reads_or_refuses(text)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_any_words_of_the_language_are_read_or_refused(text: str) -> None:
    reads_or_refuses("y = " + text)
    reads_or_refuses(text)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_without_a_slip_is_read(layer: str) -> None:
    assert read(layer)[0].name == "f"


@settings(max_examples=500)
@given(st.sampled_from(LAYERS), st.floats(0, 1), st.integers(0, 6), st.sampled_from(WORDS))
def test_a_layer_with_a_slip_is_read_or_refused(layer: str, part: float, dropped: int, typed: str) -> None:
    at = round(part * len(layer))
    reads_or_refuses(layer[:at] + typed + layer[at + dropped :])


NUMBERS = st.sampled_from(["0", "1", "2", "-3", "0.5", "1/3", "7.25", "1e400", "1e-400", "99999", "pi", "x", "x"])
FUNCTIONS = ["exp", "log", "log1p", "expm1", "sqrt", "tan", "acos", "atanh", "cosh", "erf", "erfc", "gammaln", "digamma", "abs", "sign"]
OPERATORS = st.sampled_from(["+", "-", "*", "/", "**"])
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, OPERATORS, inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        st.tuples(st.sampled_from(FUNCTIONS), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"where({t[0]} < {t[1]}, {t[0]}, {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"maximum({t[0]}, {t[1]})"),
    ),
    max_leaves=6,
)


@settings(max_examples=400)
@given(EXPRESSIONS)
@example("9**9**9*x")
@example("exp(99999*log(3*x))")
@example("((10*x)**1000)**1000")
@example("x + digamma(99999)")
@example("x*2**(99999/7)")
def test_arithmetic_on_numbers_never_runs_away(expression: str) -> None:
    reads_or_refuses(f"f(x): y = {expression}")


LONG = ["(" * 5000, "-" * 90_000 + "x", "x" + "+x" * 40_000, "x" + "[0]" * 20_000, "not " * 20_000 + "x", "x**" * 30_000 + "x"]
NESTED = ["f(", "exp(", "sin(", "sqrt(1+", "abs(", "log(1+", "maximum(0,", "where(x>0,x,", "tanh(x*", "sum("]


@pytest.mark.parametrize("text", [*LONG, *(start * 59 + "x" + ")" * 59 for start in NESTED)])
def test_deep_texts_are_read_or_refused(text: str) -> None:
    reads_or_refuses(f"f(x): y = {text}")


def test_reading_parses_the_text_and_never_evaluates_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **keywords: object) -> None:
        raise AssertionError("the text is evaluated")

    def parse(text: str) -> ast.AST:
        parsed.append(text)
        return compile(text, "<text>", "exec", ast.PyCF_ONLY_AST)

    parsed: list[str] = []
    monkeypatch.setattr("sympy.parsing.sympy_parser.parse_expr", refuse)
    monkeypatch.setattr("builtins.eval", refuse)
    monkeypatch.setattr("symbp.language.syntax.ast.parse", parse)
    with pytest.raises(ReadError, match=r"^y, line 1, column 16: os is reserved|^y, line 1, column 5: __import__"):
        read("y = __import__(os)")
    assert parsed == ["y = __import__(os)"]
