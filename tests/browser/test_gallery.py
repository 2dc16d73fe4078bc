"""The pages of a site in a real browser: formulas have a size, links of both ways work, nothing goes over the edge of a phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from site_pages import THREE

from symbp.site import build

PHONE = 390  # pixels
PAGES = ("index.html", "words.html", "layers/squashed.html", "layers/shares.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "three.symbp").write_text(THREE)
    list(build(folder, folder / "three.symbp"))
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_the_console_is_silent_and_only_files_are_asked_for(site: Path, name: str, open_page: Callable[..., Any]) -> None:
    opened = open_page(site / name)
    assert opened.errors == []
    assert len(opened.requests) == 2 and all(address.startswith("file:") for address in opened.requests)  # the page and its style


def test_every_formula_that_is_shown_has_a_size(site: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(site / "layers" / "shares.html")
    sizes = opened.evaluate("[...document.querySelectorAll('#equations math')].map(m => m.getBoundingClientRect().width)")
    assert len(sizes) > 5 and min(sizes) > 2


@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_not_scroll_sideways_on_a_phone(site: Path, name: str, open_page: Callable[..., Any]) -> None:
    opened = open_page(site / name, width=PHONE)
    assert opened.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_light_and_dark_differ(site: Path, open_page: Callable[..., Any]) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    found = [open_page(site / "index.html", scheme=scheme).evaluate(paper) for scheme in ("light", "dark")]
    assert found[0] != found[1]


def test_an_equation_and_its_line_of_code_lead_to_each_other(site: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(site / "layers" / "shares.html").page
    page.click("#eq-2 .mark a")
    chosen = page.evaluate("getComputedStyle(document.querySelector('.of-2')).backgroundColor")
    others = page.evaluate("getComputedStyle(document.querySelector('.of-1')).backgroundColor")
    assert chosen != others and page.url.endswith("#code-2")
    place = page.evaluate("document.querySelector('.of-2').getBoundingClientRect().top")
    assert 0 < place < 900
    page.click(".of-2 a")
    assert page.url.endswith("#eq-2")
    assert 0 < page.evaluate("document.querySelector('#eq-2').getBoundingClientRect().top") < 900


def test_a_click_leads_from_the_index_to_a_layer_and_back(site: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(site / "index.html").page
    page.click("text=shares")
    assert page.url.endswith("layers/shares.html")
    page.click(".crumbs a")
    assert page.url.endswith("index.html#three")


def test_the_node_by_node_derivation_opens_without_a_script(site: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(site / "layers" / "shares.html").page
    height = "document.querySelector('#by-nodes').getBoundingClientRect().height"
    before = page.evaluate(height)
    page.click("#by-nodes summary")
    assert page.evaluate(height) > before + 200


def test_paper_shows_the_code_and_no_navigation(site: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(site / "layers" / "shares.html", media="print")
    assert opened.evaluate("document.querySelector('.code').offsetHeight") > 200
    assert opened.evaluate("document.querySelector('nav.parts').offsetHeight") == 0
