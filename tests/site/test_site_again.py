"""A site made again: what is up to date stays, what is new is written, and what people edited is theirs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from site_pages import THREE, contents

from symbp.errors import SymbpError
from symbp.site import Made, build


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "three.symbp"
    path.write_text(THREE)
    return path


@pytest.fixture
def site(source: Path, tmp_path: Path) -> Path:
    list(build(tmp_path / "site", source))
    return tmp_path / "site"


def written(made: list[Made]) -> int:
    return sum(one.written for one in made)


def changed(before: dict[str, bytes], folder: Path) -> set[str]:
    after = contents(folder)
    return {name for name in before | after if before.get(name) != after.get(name)}


def test_the_second_time_nothing_is_written(site: Path, source: Path) -> None:
    stamps = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    made = list(build(site, source))
    assert written(made) == 0 and len(made) == 1
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*")} == stamps


def test_a_changed_definition_changes_its_page_and_the_index(site: Path, source: Path) -> None:
    before = contents(site)
    source.write_text(THREE.replace("exp(x[...,k]) /", "2*exp(x[...,k]) /"))
    assert written(list(build(site, source))) == 2
    assert changed(before, site) == {"layers/shares.html", "index.html"}


def test_a_changed_definition_changes_the_pages_of_the_layers_that_call_it(site: Path, source: Path) -> None:
    before = contents(site)
    source.write_text(THREE.replace("y = w*x + b", "y = w*x - b"))
    list(build(site, source))
    assert changed(before, site) == {"layers/line.html", "layers/squashed.html", "index.html"}


def test_the_page_of_a_layer_that_is_no_more_goes_with_it(site: Path, source: Path) -> None:
    source.write_text(THREE.partition("# Positive shares")[0])
    (first, *_) = build(site, source)
    assert first.removed == 1 and not (site / "layers" / "shares.html").exists()


@pytest.mark.parametrize("theirs", ["<p>mine</p>", None])
def test_a_page_that_people_wrote_or_edited_is_not_removed(site: Path, source: Path, theirs: str | None) -> None:
    path = site / "layers" / "shares.html"
    path.write_text(theirs or path.read_text(encoding="utf-8").replace("Positive", "Negative"), encoding="utf-8")
    source.write_text(THREE.partition("# Positive shares")[0])
    list(build(site, source))
    assert path.exists()


@pytest.mark.parametrize("name", ["index.html", "words.html", "style.css", "layers/line.html"])
def test_a_page_that_was_edited_is_refused(site: Path, source: Path, name: str) -> None:
    before = (site / name).read_text(encoding="utf-8")
    (site / name).write_text(before.replace("a", "b", 1), encoding="utf-8")
    with pytest.raises(SymbpError, match=rf"{name}: edited since symbp wrote it; .*--force"):
        list(build(site, source))
    list(build(site, source, force=True))
    assert (site / name).read_text(encoding="utf-8") == before


def test_a_file_of_somebody_else_is_refused(tmp_path: Path, source: Path) -> None:
    (tmp_path / "index.html").write_text("<p>my own page</p>")
    with pytest.raises(SymbpError, match=r"index\.html: not written by symbp"):
        list(build(tmp_path, source))
    assert not (tmp_path / "layers").exists()


def test_after_an_interruption_only_the_rest_is_made(tmp_path: Path, source: Path) -> None:
    interrupted = build(tmp_path / "site", source)
    next(interrupted), next(interrupted)
    interrupted.close()
    (first, *rest) = build(tmp_path / "site", source)
    assert first.of == len(rest) == 2


def test_a_layer_that_cannot_be_derived_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bad.symbp"
    path.write_text("bad(wrt): y = 2*wrt\n")
    with pytest.raises(SymbpError, match="wrt is a name of the generated module itself"):
        list(build(tmp_path / "site", path))


def run(source: Path, folder: Path, seed: str, *options: str) -> str:
    """What the command prints, under another hash seed."""
    command = [sys.executable, "-m", "symbp.cli", "site", str(source), "-o", str(folder), *options]
    done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def test_the_pages_are_the_same_bytes_under_another_hash_seed_and_in_another_order(tmp_path: Path, source: Path) -> None:
    said = run(source, tmp_path / "one", "1", "--jobs", "1")
    run(source, tmp_path / "other", "2", "--jobs", "3")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    assert said.endswith("index.html: 3 layers, 6 files written, 0 removed\n")
