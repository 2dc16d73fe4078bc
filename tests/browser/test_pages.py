"""Derivations as pages, in a real browser: what a reader of them sees."""

from pathlib import Path

import pytest

from symbp import catalog

LAYERS = ("sigmoid", "softmax", "layer_norm", "cross_entropy", "attention", "lstm_cell", "conv2d")
DESKTOP, PHONE, PAPER = 1280, 390, 658  # widths in pixels; of paper, what the margins leave of A4

FLAT = "[...document.querySelectorAll('math')].filter(m => !(m.getBoundingClientRect().width > 0 && m.getBoundingClientRect().height > 0))"
CUT = "[...document.querySelectorAll('.left, .right')].filter(box => box.scrollHeight > box.clientHeight + 1)"
LOST = "[...document.querySelectorAll('a')].filter(a => !document.getElementById(decodeURIComponent(a.hash.slice(1))))"
PIECES = "[...document.querySelectorAll('.right, .left')].flatMap(box => [...box.children].map(m => m.getBoundingClientRect().right))"
STARTS = """[...document.querySelectorAll('.lines')].map(
    lines => [...lines.querySelectorAll('.line:not(.broad) .right:not(:empty)')].map(box => box.getBoundingClientRect().left))"""
CONTRAST = """selector => {
    const pen = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d')
    const painted = colours => {
        for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1) }
        const light = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map(c => c / 255).map(
            c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05
    }
    const paper = getComputedStyle(document.body).backgroundColor
    const [one, two] = [painted([paper]), painted([paper, getComputedStyle(document.querySelector(selector)).color])]
    return Math.max(one, two) / Math.min(one, two)
}"""


@pytest.fixture(scope="module")
def page_of(tmp_path_factory):
    """The file with the page of a layer."""
    folder = tmp_path_factory.mktemp("pages")

    def written(name: str, lang: str = "en") -> Path:
        path = folder / f"{name}_{lang}.html"
        if not path.exists():
            path.write_text(catalog[name].derive().to_html(lang=lang), encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize("name", LAYERS)
def test_a_page_opens_without_an_error_and_asks_for_nothing_else(open_page, page_of, name):
    opened = open_page(page_of(name))
    assert opened.errors == [] and opened.requests == [page_of(name).as_uri()]


@pytest.mark.parametrize("name", LAYERS)
def test_every_formula_has_a_box_and_none_is_cut_at_its_top_or_foot(open_page, page_of, name):
    opened = open_page(page_of(name))
    assert opened.evaluate("document.querySelectorAll('math').length") > 10
    assert opened.evaluate(f"{FLAT}.length") == 0 and opened.evaluate(f"{CUT}.length") == 0


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_does_not_scroll_sideways_on_a_phone(open_page, page_of, name, lang):
    opened = open_page(page_of(name, lang), PHONE)
    assert opened.evaluate("document.documentElement.scrollWidth") <= PHONE


@pytest.mark.parametrize("name", LAYERS)
def test_on_paper_no_formula_is_wider_than_the_paper(open_page, page_of, name):
    opened = open_page(page_of(name), PAPER, media="print")
    assert max(opened.evaluate(PIECES)) <= PAPER + 1


@pytest.mark.parametrize("name", LAYERS)
def test_every_link_leads_somewhere(open_page, page_of, name):
    opened = open_page(page_of(name))
    assert opened.evaluate("document.querySelectorAll('a').length") > 0 and opened.evaluate(f"{LOST}.length") == 0


def test_a_number_in_a_note_leads_to_its_equation(open_page, page_of):
    opened = open_page(page_of("sigmoid"))
    opened.page.click(".note a[href='#eq-1']")
    assert opened.evaluate("document.querySelector(':target .mark').textContent") == "(1)"


def test_light_and_dark_differ_and_both_can_be_read(open_page, page_of):
    pages = [open_page(page_of("softmax"), scheme=scheme) for scheme in ("light", "dark")]
    light, dark = (page.evaluate("getComputedStyle(document.body).backgroundColor") for page in pages)
    assert light != dark
    for opened in pages:
        assert opened.page.evaluate(CONTRAST, ".formula math") > 10
        assert min(opened.page.evaluate(CONTRAST, selector) for selector in (".note", ".rule", ".mark", ".symbp a")) > 4.5


def test_the_signs_of_a_section_stand_below_each_other(open_page, page_of):
    for section in open_page(page_of("layer_norm")).evaluate(STARTS):
        assert len({round(start) for start in section}) <= 1
