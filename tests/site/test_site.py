"""The site of a small file: what its pages say, and where they lead."""

import re
from pathlib import Path

import pytest
from site_pages import THREE, broken_links, pages

from symbp.site import build
from symbp.site.collection import collection


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("definitions") / "three.symbp"
    path.write_text(THREE)
    return path


@pytest.fixture(scope="module")
def site(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    list(build(folder, source))
    return folder


def page(site: Path, name: str) -> str:
    return (site / "layers" / f"{name}.html").read_text(encoding="utf-8")


def test_there_is_a_page_for_each_layer_and_two_that_lead_to_them(site: Path) -> None:
    names = {"index.html", "words.html", "layers/line.html", "layers/squashed.html", "layers/shares.html"}
    assert {path.relative_to(site).as_posix() for path in site.rglob("*.html")} == names


def test_every_link_leads_somewhere_in_the_folder(site: Path) -> None:
    assert list(broken_links(site)) == []


def test_a_broken_link_is_noticed(site: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<a href="#nowhere">a</a> <a href="none.html">b</a>')
    assert len(list(broken_links(tmp_path))) == 2


def test_no_id_stands_twice_on_a_page(site: Path) -> None:
    assert all(len(set(one.ids)) == len(one.ids) for one in pages(site).values())


def test_no_page_has_a_script_or_asks_the_network(site: Path) -> None:
    for one in pages(site).values():
        assert "script" not in one.tags and not any("//" in link for link in one.links)
        assert "url(" not in one.text and "@import" not in one.text


def test_the_number_in_the_code_and_the_number_of_the_equation_lead_to_each_other(site: Path) -> None:
    for name in ("line", "squashed", "shares"):
        text = page(site, name)
        cited = re.findall(r'# <a href="#eq-(\d+)">\(\1\)</a>', text)
        assert cited, name
        for number in set(cited):
            assert re.search(rf' id="eq-{number}"[^>]*>\s*<span class="mark"><a href="#code-{number}">', text), (name, number)
            assert re.search(rf'<a id="code-{number}"></a><span class="line of-{number}">', text), (name, number)


def test_a_page_has_the_formulas_the_graph_and_the_code(site: Path) -> None:
    one = next(found for path, found in pages(site).items() if path.name == "shares.html")
    assert {"math", "svg", "details"} <= one.tags
    assert "backward" in one.text and "Positive shares of a whole" in one.text


def test_what_the_user_wrote_is_text_and_not_markup(site: Path) -> None:
    assert "squashed &lt;between 0 &amp; 1&gt;" in page(site, "squashed")
    assert "squashed &lt;between 0 &amp; 1&gt;" in (site / "index.html").read_text(encoding="utf-8")


def test_a_layer_leads_to_those_that_it_calls_and_those_that_call_it(site: Path) -> None:
    assert 'Calls</h3>\n<p class="links"><a href="line.html">' in page(site, "squashed")
    assert 'Called by</h3>\n<p class="links"><a href="squashed.html">' in page(site, "line")


def test_a_layer_of_the_catalog_that_has_no_page_here_is_no_link(site: Path) -> None:
    assert "sigmoid.html" not in page(site, "squashed")


def test_the_shapes_and_the_work_are_stated(site: Path) -> None:
    text = page(site, "shares")
    assert '<th scope="row">Inputs</th><td>x (..., k)</td>' in text
    assert re.search(r"backward does about \d+\.\d times the work of forward", text)


def test_a_page_says_that_no_check_was_run(site: Path) -> None:
    assert "No check was run when this page was made. To run it: <code>symbp check three.symbp</code>" in page(site, "line")


def test_a_page_shows_the_report_of_a_check_that_was_run(source: Path, tmp_path: Path) -> None:
    source = tmp_path / "one.symbp"
    source.write_text("double(x): y = 2*x\n")
    list(build(tmp_path, source, check=True))
    text = page(tmp_path, "double")
    assert re.search(r'<pre class="report">double holds: \d+ of \d+ checks held', text) and "No check was run" not in text


def test_the_pages_speak_korean(source: Path, tmp_path: Path) -> None:
    list(build(tmp_path, source, lang="ko"))
    assert 'lang="ko"' in page(tmp_path, "line") and re.search("[가-힣]", (tmp_path / "index.html").read_text(encoding="utf-8"))
    assert list(broken_links(tmp_path)) == []


def test_the_catalog_is_shown_family_by_family() -> None:
    shown = collection(None)
    assert [family.name for family in shown.families][:2] == ["arithmetic", "elementwise"]
    assert "softmax" in shown.entries["masked_softmax"].calls and "masked_softmax" in shown.callers["softmax"]
    assert shown.entries["softmax"].brief == "Positive values that add up to 1 along the last axis"


@pytest.mark.slow
def test_the_pages_of_the_catalog_are_whole_and_of_a_size_to_open(tmp_path: Path) -> None:
    made = list(build(tmp_path, jobs=2))
    assert made[0].layers == len(made) - 1 == len(collection(None).entries)
    assert list(broken_links(tmp_path)) == []
    assert all(len(set(one.ids)) == len(one.ids) for one in pages(tmp_path).values())
    assert max(path.stat().st_size for path in tmp_path.rglob("*.html")) < 2_000_000
