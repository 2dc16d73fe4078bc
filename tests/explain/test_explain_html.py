"""Pages and fragments: well-formed, self-contained, and the formulas in them in MathML."""

import re
from xml.etree import ElementTree

import pytest
from sympy import Symbol

from symbp import Layer, catalog, layer
from symbp.explain.document import document
from symbp.explain.html import article, page, style
from symbp.explain.mathml import MathML, breadth, name_in_mathml
from symbp.explain.order import Names
from symbp.language import read

CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2}
CORE = {*CHILDREN, "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msqrt", "mpadded", "mtable", "mtr", "mtd"}
HARD = {
    "cases": "f(x): y = where(x > 0 and x <= 3, x**2, -x/2)",
    "accents": "f(x_hat, x_1, gamma, Gamma, norm_y): y = x_hat*x_1 + gamma*Gamma**norm_y",
    "numbers": "f(x): y = 1e-5*x + 0.044715*x**3 + x/3",
    "functions": "f(x): y = abs(x) + maximum(x, 0) + gammaln(x) + sqrt(x)",
    "inverse": "f(A): y[i,j] = inv(A)[i,j]",
    "matrices": "affine(x, *, W, b): y[n,o] = sum(x[n,i]*W[i,o], i) + b[o]",
    "gather": "f(z, t): L = -mean(log(z[n,t[n]]), n)",
}


def formulas(text: str) -> list[ElementTree.Element]:
    """The formulas of a fragment, which is well-formed."""
    return list(ElementTree.fromstring(text).iter("math"))


def fragment(name: str, depth: str = "nodes", prefix: str = "") -> str:
    derivation = Layer(*read(HARD[name])).traced if name in HARD else catalog[name].traced
    return article(document(derivation, depth), prefix=prefix)


@pytest.mark.parametrize("depth", ["nodes", "equations", "result"])
@pytest.mark.parametrize("name", [*HARD, "sigmoid", "layer_norm", "lstm_cell", "conv2d", "attention"])
def test_a_fragment_is_well_formed_and_its_formulas_are_core_mathml(name, depth):
    for formula in formulas(fragment(name, depth)):
        for element in formula.iter():
            assert element.tag in CORE
            assert len(element) == CHILDREN.get(element.tag, len(element)), ElementTree.tostring(element, encoding="unicode")
            assert element.tag not in ("mi", "mn", "mo") or element.text


@pytest.mark.parametrize("name", ["softmax", "layer_norm", "lstm_cell"])
def test_numbers_lead_to_lines_and_each_place_is_named_once(name):
    text = fragment(name, prefix="one-")
    places, links = re.findall(r' id="([^"]+)"', text), re.findall(r'href="#([^"]+)"', text)
    assert len(places) == len(set(places)) and set(links) <= set(places) and links
    assert all(place.startswith("one-") for place in places)


def test_the_gradient_of_the_sigmoid_reads_as_in_a_book():
    [last] = [line for line in ElementTree.fromstring(fragment("sigmoid", "result")).iter("div") if line.get("id") == "eq-2"]
    assert ["".join("".join(formula.itertext()).split()) for formula in last.iter("math")] == ["∂L∂x", "=∂L∂y\u2062y\u2062(1−y)"]
    assert ElementTree.tostring(next(last.iter("mfrac")), encoding="unicode").strip() == (
        "<mfrac><mrow><mi>∂</mi><mi>L</mi></mrow><mrow><mi>∂</mi><mi>x</mi></mrow></mfrac>"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "<mi>x</mi>"),
        ("gamma", "<mi>γ</mi>"),
        ("Lambda", '<mi mathvariant="normal">Λ</mi>'),
        ("eps", "<mi>ε</mi>"),
        ("x_1", "<msub><mi>x</mi><mn>1</mn></msub>"),
        ("u12", "<msub><mi>u</mi><mn>12</mn></msub>"),
        ("w_a", "<msub><mi>w</mi><mi>a</mi></msub>"),
        ("x_hat", '<mover accent="true"><mi>x</mi><mo stretchy="false">^</mo></mover>'),
        ("norm_y", "<mi>norm_y</mi>"),
    ],
)
def test_a_name_is_set_as_in_mathematics(name, expected):
    assert name_in_mathml(name) == expected


def test_a_long_sum_may_be_broken_between_its_terms_and_nothing_of_it_is_lost():
    terms = sum(Symbol(f"x_{k}") * Symbol(f"y_{k}") for k in range(1, 12)) - Symbol("z") ** 2
    printer = MathML(Names())
    pieces = printer.rows(terms)
    assert len(pieces) == 12 and breadth("".join(pieces)) == breadth(printer.side(terms))
    assert all(re.match(r'<mo form="infix">[+−]</mo>', piece) for piece in pieces[1:])


def test_what_the_user_wrote_cannot_become_markup():
    text = layer("y = where(x < 0, 0, x)").derive().to_html()
    assert "where(x &lt; 0, 0, x)" in text and "<title>" in page("<b>", "")
    assert "<title>&lt;b&gt;</title>" in page("<b>", "")


def test_a_page_has_no_script_and_asks_for_nothing():
    text = catalog["softmax"].derive().to_html()
    assert text.startswith("<!DOCTYPE html>") and text.count("<svg") == 1
    assert not re.search(r"<script|<link|@import|url\((?!#)| src=|href=\"(?!#)", text)


def test_the_same_derivation_gives_the_same_bytes_in_each_language():
    derivation = catalog["layer_norm"].derive()
    assert derivation.to_html() == derivation.to_html() != derivation.to_html(lang="ko")
    assert '<html lang="ko">' in derivation.to_html(lang="ko")


def test_no_rule_of_the_styles_reaches_beyond_their_class():
    rules = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", style(), flags=re.DOTALL))
    selectors = [one.strip() for rule in rules if not rule.strip().startswith("@") for one in rule.split(",")]
    reaching = [selector for selector in selectors if not selector.startswith(".symbp")]
    assert reaching == []


def test_a_notebook_shows_equations_of_a_layer_and_forward_and_backward_of_a_derivation():
    sigmoid = catalog["sigmoid"]
    assert sigmoid._repr_html_().startswith("<style>") and sigmoid._repr_html_().count("<section>") == 1
    assert sigmoid.derive()._repr_html_().count("<section>") == 2
    assert "<svg" not in sigmoid.derive()._repr_html_()
