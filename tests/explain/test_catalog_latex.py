"""Every derivation of the catalog as LaTeX: all of them compile, and nothing sticks out of the page."""

import re
import shutil
import subprocess
from functools import cache

import pytest

from symbp import catalog
from symbp.explain import to_latex
from symbp.explain.document import DEPTHS

needs_pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed (texlive-latex-base)")

MOST_OVERFULL = 5.0  # pt
LEAST_SCALE = 0.7  # of a formula that is wider than the line: smaller cannot be read
ROOM = 439.0  # pt, what the line leaves to a formula
TOLD = r"\typeout{FORMULA \the\wd\formulabox}"


@cache
def document(depth: str) -> str:
    """The articles of all layers, one after the other."""
    articles = {name: to_latex(layer.traced, depth) for name, layer in catalog.items()}
    preamble = next(iter(articles.values())).split(r"\begin{document}")[0].replace(r"\resizebox{", rf"{TOLD}\resizebox{{", 1)
    bodies = [rf"\typeout{{LAYER {name}}}{_body(article)}\newpage" for name, article in articles.items()]
    return preamble + r"\begin{document}" + "\n".join(bodies) + r"\end{document}"


def _body(article: str) -> str:
    return article.split(r"\begin{document}")[1].split(r"\end{document}")[0]


@pytest.fixture(scope="module", params=DEPTHS)
def compiled(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "catalog.tex").write_text(document(request.param), encoding="utf-8")
    command = ("pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "catalog.tex")
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)


@needs_pdflatex
def test_the_whole_catalog_compiles(compiled):
    said = compiled.stdout.decode("utf-8", "replace")
    assert compiled.returncode == 0, [row for row in said.splitlines() if row.startswith(("!", "l."))][:3]


@needs_pdflatex
def test_nothing_sticks_out_of_the_page(compiled):
    assert [name for name, points in _told(compiled, r"Overfull \\hbox \(([\d.]+)pt") if points > MOST_OVERFULL] == []


@needs_pdflatex
def test_no_formula_is_scaled_down_until_it_cannot_be_read(compiled):
    assert [name for name, points in _told(compiled, r"FORMULA ([\d.]+)pt") if ROOM / points < LEAST_SCALE] == []


def _told(compiled, pattern):
    """(layer, size) for each thing that pdflatex told of."""
    said = compiled.stdout.decode("utf-8", "replace")
    for part in said.split("LAYER ")[1:]:
        yield from ((part.split()[0], float(size)) for size in re.findall(pattern, part))
