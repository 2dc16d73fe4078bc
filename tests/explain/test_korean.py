"""The derivation in Korean: nothing is left in English, the particles suit whatever is filled in, and there is a PDF."""

import re
import shutil
import subprocess

import pytest

import symbp
from symbp.errors import SymbpError
from symbp.explain import chromium, print_html, to_latex, to_markdown, to_text
from symbp.explain.document import DEPTHS
from symbp.explain.languages import words_of
from symbp.explain.languages.en import WORDS as ENGLISH

KOREAN = words_of("ko")
NAMES = ["sigmoid", "relu", "softmax", "cross_entropy", "layer_norm", "attention", "lstm_cell", "conv2d", "max_pool2d", "embedding", "gelu"]
HANGUL = r"[가-힣]"
# right behind a formula whose sound is not known: 이/가, 을/를, 은/는, 와/과, 로/으로; of 이다 the forms that hold for all sounds are left
SOUNDING = re.compile(r"\}\)?(?:이(?!다|므로)|가|을|를|은|는|와|과|로|으로|야|아)(?![가-힣])")
WORDS_OF_FORMULAS = {"exp", "log", "where", "float", "size", "and", "abs", "sign"}

needs_chromium = pytest.mark.skipif(not any(map(shutil.which, chromium.NAMES)), reason="Chromium is not installed")


def has_hangul_font() -> bool:
    fonts = shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=ko"], capture_output=True, check=False).stdout.strip()
    return bool(fonts)


@pytest.mark.parametrize("key", [key for key, text in ENGLISH.items() if re.search(r"[a-z]{2,} [a-z]{2,}", text)])
def test_every_phrase_of_several_words_is_in_korean(key):
    assert re.search(HANGUL, KOREAN[key])


@pytest.mark.parametrize("key", [key for key in ENGLISH if key.startswith(("rule:", "title:"))])
def test_every_rule_and_title_is_in_korean(key):
    assert re.search(HANGUL, KOREAN[key])


@pytest.mark.parametrize("key", KOREAN)
def test_no_particle_that_depends_on_a_sound_follows_a_formula(key):
    assert SOUNDING.search(KOREAN[key]) is None


def test_the_search_for_such_particles_finds_them():
    assert SOUNDING.search("{0}을 대입한다")
    assert SOUNDING.search("식 ({1})은 같다")
    assert not SOUNDING.search("{0}에 대한 기울기")
    assert not SOUNDING.search("{0}일 때")


def english_in(text: str) -> list[str]:
    """Two or more English words in a row, as prose has them and formulas have not."""
    found = re.findall(r"(?<![\w.·(\[,])[a-z]{2,}(?: [a-z]{2,})+(?![\w(\[·])", text)
    return [words for words in found if set(words.split()) - WORDS_OF_FORMULAS]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_in_english(name):
    derivation = symbp.catalog[name].derive()
    for depth in DEPTHS:
        rows = derivation.to_text(depth, "ko").splitlines()
        assert [row for row in rows if english_in(row) and "실린" not in row] == []


def test_english_prose_would_be_found():
    assert english_in("     dx = dy    chain rule: what comes back")


@pytest.mark.parametrize("depth", DEPTHS)
def test_both_languages_state_the_same_formulas(derivation_of, any_layer, depth):
    english, korean = (formulas(to_text(derivation_of(any_layer), depth, lang)) for lang in ("en", "ko"))
    assert english == korean


def formulas(text: str) -> list[str]:
    """What stands left of the notes, in rows that have an equals sign there."""
    return [row[:40].rstrip() for row in text.splitlines() if "=" in row[:40] and not row.startswith(("=", "dx", "d"))]


def test_the_sigmoid_reads_as_a_korean_textbook_has_it(derivation_of):
    text = to_text(derivation_of("sigmoid"), "nodes", "ko")
    assert "\n순전파\n" in text
    assert "\n노드 4의 역전파\n" in text
    assert "     dy                                     상류: 역전파의 입력\n" in text
    assert "     du3 = dy·∂y/∂u3 = −dy·y²               연쇄 법칙: 상류의 값 × 국소적 미분\n" in text


def test_the_article_in_korean_loads_the_package_for_hangul_and_the_english_one_does_not(derivation_of):
    korean, english = (to_latex(derivation_of("sigmoid"), "result", lang) for lang in ("ko", "en"))
    assert "\\usepackage{kotex}\n\\begin{document}" in korean
    assert "texlive-lang-korean" in korean
    assert "kotex" not in english
    assert "\\subsection*{순전파}" in korean


def test_markdown_in_korean_has_korean_headings(derivation_of):
    assert "\n## 순전파\n" in to_markdown(derivation_of("sigmoid"), "result", "ko")


@needs_chromium
def test_the_korean_pdf_is_printed_by_chromium_and_is_the_same_each_time(tmp_path):
    if not has_hangul_font():
        pytest.skip("no font with Hangul is installed (fonts-nanum, fonts-noto-cjk)")
    derivation = symbp.catalog["softmax"].derive()
    one, other = (derivation.to_pdf(tmp_path / f"{k}.pdf", "result", "ko").read_bytes() for k in range(2))
    assert one.startswith(b"%PDF")
    assert one == other


@needs_chromium
def test_the_korean_pdf_has_the_korean_words(tmp_path):
    if not has_hangul_font() or shutil.which("pdftotext") is None:
        pytest.skip("no font with Hangul, or no pdftotext (poppler-utils)")
    path = symbp.catalog["softmax"].derive().to_pdf(tmp_path / "softmax.pdf", "result", "ko")
    words = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode()
    assert "순전파" in words
    assert "역전파를 위해 저장하는 값" in words


def test_without_chromium_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    with pytest.raises(SymbpError, match=r"^pdf: Korean is printed by Chromium, which was not found; install chromium"):
        print_html("<p>", tmp_path / "page.pdf")


def test_without_a_font_that_has_hangul_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(chromium.shutil, "which", lambda name: name)
    monkeypatch.setattr(chromium.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, b"", b""))
    with pytest.raises(SymbpError, match=r"^pdf: no font with Hangul was found; install one, for example fonts-nanum"):
        print_html("<p>", tmp_path / "page.pdf")


def test_a_browser_that_fails_is_quoted(tmp_path, monkeypatch):
    failed = subprocess.CompletedProcess([], 1, b"fonts", b"cannot start\n")
    monkeypatch.setattr(chromium.shutil, "which", lambda name: name)
    monkeypatch.setattr(chromium.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(SymbpError, match=r"^pdf: Chromium failed: cannot start$"):
        print_html("<p>", tmp_path / "page.pdf")
