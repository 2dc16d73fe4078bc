"""The site: which pages there are, which of them are up to date, and the others made by several processes at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from symbp.site.collection import Collection, collection, layers
from symbp.site.frame import style_sheet
from symbp.site.index import index_page, terms_page
from symbp.site.layer_page import Order, layer_page, order
from symbp.site.marks import engine, fingerprint, found_at, refuse_edited, write_page

FOLDER = "layers"  # where the pages of layers are
BESIDE = ("index.html", "words.html", "style.css")


@dataclass(frozen=True)
class Made:
    """How far the site is: the layer whose page was made last, "" for what stands beside the layers."""

    name: str
    number: int  # of the pages that have to be made, from 1
    of: int
    written: int = 0  # files that changed
    removed: int = 0
    layers: int = 0  # that the site shows


def build(
    folder: Path, file: Path | None = None, lang: str = "en", check: bool = False, force: bool = False, jobs: int = 1
) -> Iterator[Made]:
    """The site of the catalog, or of a file of definitions, page by page; what is up to date is left alone.

    Raises:
        SymbpError: a file in the folder is not symbp's, or was edited since; or a layer cannot be derived.
    """
    shown = collection(file)
    if not force:
        for path in (*(folder / name for name in BESIDE), *(_path(folder, name) for name in shown.entries)):
            refuse_edited(path)
    stale = [one for one in _orders(shown, file, lang, check) if not _is_current(_path(folder, one.name), one)]
    texts = {"index.html": index_page(shown, lang), "words.html": terms_page(shown, lang), "style.css": style_sheet()}
    written = sum(write_page(folder / name, texts[name], fingerprint(texts[name])) for name in BESIDE)
    yield Made("", 0, len(stale), written, _remove_others(folder, shown), len(shown.entries))
    for number, (one, page) in enumerate(_pages(stale, jobs), 1):
        yield Made(one.name, number, len(stale), int(write_page(_path(folder, one.name), page, one.made_from)))


def _path(folder: Path, name: str) -> Path:
    return folder / FOLDER / f"{name}.html"


def _orders(shown: Collection, file: Path | None, lang: str, check: bool) -> Iterator[Order]:
    made_by = engine()
    for name, entry in shown.entries.items():
        around = order(shown, name, file and Path(file.name), lang, check, "")  # where the file stands makes no difference
        made_from = fingerprint(made_by, entry.text, entry.doc, *entry.called, repr(around))
        yield order(shown, name, file, lang, check, made_from)


def _is_current(path: Path, order: Order) -> bool:
    found = found_at(path)
    return found is not None and found.intact and found.made_from == order.made_from


def _pages(stale: list[Order], jobs: int) -> Iterator[tuple[Order, str]]:
    """The pages as they get ready; the longest layers are begun first, so that no process works alone at the end."""
    if jobs == 1 or len(stale) < 2:
        yield from ((one, layer_page(one)) for one in stale)
        return
    executor = ProcessPoolExecutor(min(jobs, len(stale)))
    try:
        pending: dict[Future[str], Order] = {executor.submit(layer_page, one): one for one in sorted(stale, key=_length, reverse=True)}
        yield from ((pending[future], future.result()) for future in as_completed(pending))
    finally:
        executor.shutdown(cancel_futures=True)


def _length(order: Order) -> int:
    return len(layers(order.file)[order.name].definition.nodes.equations)


def _remove_others(folder: Path, shown: Collection) -> int:
    """Remove the pages of layers that are no more: those that symbp wrote and nobody edited."""
    found = [path for path in sorted((folder / FOLDER).glob("*.html")) if path.stem not in shown.entries]
    gone = [path for path in found if (page := found_at(path)) and page.intact]
    for path in gone:
        path.unlink()
    return len(gone)
