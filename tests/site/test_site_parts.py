"""The parts of a page: coloured code, and the index of words."""

import re
from html import unescape

import pytest

from symbp.site.code import code_html, highlights, lines_of_equations
from symbp.site.collection import Entry
from symbp.site.terms import FEW, terms

CODE = '''"""Text of <several>

lines & quotes."""

def forward(x):
    a = f(
        x,
    )  # (1)
    b = a < 3  # a remark (4)
    return a, b  # (2)
'''


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_coloured_code_is_still_the_code() -> None:
    assert plain(code_html(CODE, {1, 2})) == CODE.rstrip("\n")


def test_no_element_goes_on_over_the_end_of_a_line() -> None:
    for line in code_html(CODE, {1, 2}).split("\n"):
        assert line.count("<span") == line.count("</span>"), line


def test_keywords_strings_numbers_comments_and_what_is_defined_have_their_colours() -> None:
    html = code_html(CODE, set())
    for kind, text in (("keyword", "def"), ("defined", "forward"), ("digits", "3"), ("string", '"""Text of &lt;several&gt;')):
        assert f'<span class="{kind}">{text}</span>' in html


def test_a_statement_of_several_lines_belongs_to_its_equation_whole() -> None:
    assert lines_of_equations(CODE) == {1: (6, 7, 8), 2: (10,)}


def test_only_numbers_of_equations_that_are_stated_are_links() -> None:
    html = code_html(CODE, {2})
    assert '<a href="#eq-2">(2)</a>' in html and "#eq-1" not in html and "#eq-4" not in html


def test_following_a_link_lets_all_lines_of_the_equation_stand_out() -> None:
    assert highlights(CODE) == "#code-1:target ~ .of-1, #code-2:target ~ .of-2 { background: var(--chosen) }"
    assert highlights("x = 1\n") == ""


def entry(name: str, doc: str = "", text: str = "") -> Entry:
    return Entry(name, "family", text, doc, (), ())


def test_the_words_of_names_descriptions_and_calls_lead_to_a_layer() -> None:
    found = terms([entry("layer_norm", "Normalized by Ba et al.\nSource: torch.nn.LayerNorm", "layer_norm(x): y = sqrt(x)")])
    assert {"layer_norm", "layer", "norm", "Normalized", "LayerNorm", "sqrt"} <= set(found)
    assert "et" not in found


def test_a_word_is_written_small_where_it_ever_is() -> None:
    assert "kernel" in terms([entry("a_b", "Kernel of Gauss"), entry("c_d", "a kernel")])


def test_words_stand_in_the_order_of_the_alphabet_whatever_their_case() -> None:
    found = list(terms([entry("zeta", "Mean alpha"), entry("beta", "Omega")]))
    assert found == sorted(found, key=str.casefold)


@pytest.mark.parametrize(("how_many", "kept"), [(FEW, True), (FEW + 1, False)])
def test_a_word_that_leads_everywhere_is_left_out_unless_it_is_of_a_name(how_many: int, kept: bool) -> None:
    entries = [entry(f"x{k}", "gradient") for k in range(how_many)]
    assert ("gradient" in terms(entries)) is kept
    assert "gradient" in terms([*entries, entry("gradient_norm")])
