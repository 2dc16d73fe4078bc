"""Pages as a browser sees them: which ids they have, and where their links lead."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

THREE = """\
# A straight line: x (...) gives y (...).
# Source: Euclid, Elements
line(x, *, w, b): y = w*x + b

# A line, squashed <between 0 & 1>.
squashed(x, *, w, b):
    z = line(x, w, b)
    y = sigmoid(z)

# Positive shares of a whole: x (..., K) gives y (..., K).
shares(x): y[...,k] = exp(x[...,k]) / sum(exp(x[...,j]), j)
"""


class Page(HTMLParser):
    """The ids, links and tags of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.text = path, path.read_text(encoding="utf-8")
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            elif name in ("href", "src", "xlink:href") and value:
                self.links.append(value)


def pages(folder: Path) -> dict[Path, Page]:
    return {path.resolve(): Page(path) for path in sorted(folder.rglob("*.html"))}


def broken_links(folder: Path) -> Iterator[str]:
    """Every link that leads nowhere, as "page: link"."""
    found = pages(folder)
    for path, page in found.items():
        for link in page.links:
            file, _, place = link.partition("#")
            target = (path.parent / file).resolve() if file else path
            if not target.is_file() or (place and place not in found[target].ids):
                yield f"{path.name}: {link}"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
