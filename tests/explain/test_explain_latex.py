"""The article, its fragments, and the PDF."""

import shutil

import pytest

from symbp.errors import SymbpError
from symbp.explain import equations_latex, result_latex, to_latex, to_markdown, to_pdf
from symbp.explain.pdf import compile_latex
from symbp.language import read

needs_pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed (texlive-latex-base)")


@needs_pdflatex
def test_the_article_compiles(derivation_of, any_layer, tmp_path):
    path = to_pdf(derivation_of(any_layer), tmp_path / "article.pdf")
    assert path.read_bytes().startswith(b"%PDF")


@needs_pdflatex
@pytest.mark.parametrize("depth", ["equations", "result"])
def test_the_article_compiles_at_every_depth(derivation_of, depth, tmp_path):
    path = to_pdf(derivation_of("softmax_loss"), tmp_path / "article.pdf", depth)
    assert path.read_bytes().startswith(b"%PDF")


def test_the_article_is_latex_without_unicode_in_its_body(derivation_of, any_layer):
    assert to_latex(derivation_of(any_layer)).isascii()


def test_braces_balance(derivation_of, any_layer):
    text = to_latex(derivation_of(any_layer)).replace(r"\{", "").replace(r"\}", "")
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right")


def test_the_sigmoid_ends_in_its_output_form(derivation_of):
    assert r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} \, y \, \left(1 - y\right)" in to_latex(derivation_of("sigmoid"))


def test_a_notebook_shows_forward_and_backward(derivation_of):
    assert result_latex(derivation_of("sigmoid")) == (
        "$$\\begin{aligned}\n"
        "y &= \\frac{1}{1 + e^{-x}} \\\\\n"
        "\\frac{\\partial L}{\\partial x} &= \\frac{\\partial L}{\\partial y} \\, y \\, \\left(1 - y\\right)\n"
        "\\end{aligned}$$"
    )


def test_the_equations_of_a_program_can_be_shown_alone(derivation_of):
    assert equations_latex(derivation_of("sigmoid").forward) == "$$\\begin{aligned}\ny &= \\frac{1}{1 + e^{-x}}\n\\end{aligned}$$"


def test_markdown_has_its_formulas_in_blocks(derivation_of):
    text = to_markdown(derivation_of("sigmoid"), "result")
    assert text.startswith("# sigmoid\n\n## Forward\n\n**(1)**\n\n$$\ny = \\frac{1}{1 + e^{-x}}\n$$\n")
    assert text.count("$$") % 2 == 0


def test_a_layer_called_backward_is_a_layer_like_any_other():
    (definition,) = read("f_backward(data): y = 2*data")
    assert "\\partial" not in equations_latex(definition.program)


@needs_pdflatex
def test_latex_that_does_not_compile_is_an_error_with_the_reason(tmp_path):
    with pytest.raises(SymbpError, match=r"^pdf: pdflatex failed: ! Undefined control sequence"):
        compile_latex("\\documentclass{article}\\begin{document}\\nonsense\\end{document}", tmp_path / "a.pdf")


@needs_pdflatex
def test_no_program_can_be_run_from_the_text(tmp_path):
    text = "\\documentclass{article}\\begin{document}\\immediate\\write18{touch %s}x\\end{document}"
    compile_latex(text % (tmp_path / "written"), tmp_path / "a.pdf")
    assert not (tmp_path / "written").exists()


def test_a_missing_pdflatex_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SymbpError, match=r"^pdf: pdflatex was not found; install texlive-latex-base"):
        compile_latex("", tmp_path / "a.pdf")
