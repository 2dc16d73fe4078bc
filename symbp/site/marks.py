"""Pages -> files, each with a mark at its end: what it was made from, and what it says. So it shows whether it is old, or edited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from symbp import __version__
from symbp.errors import SymbpError
from symbp.files import write_whole
from symbp.templating import texts

MARK = re.compile(r"\n(?:<!--|/\*) symbp \S+ made this from ([0-9a-f]{16}), text ([0-9a-f]{16}) (?:-->|\*/)\n$")
ENGINE = ("sympy", "numpy")  # what a page depends on beside symbp itself


@dataclass(frozen=True)
class Found:
    """A file where a page goes."""

    made_from: str  # "" where symbp did not write it
    intact: bool  # does it still say what symbp wrote?


def fingerprint(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def engine() -> str:
    """A fingerprint of all that turns a definition into a page: the sources and templates of symbp, and what it computes with."""
    sources = sorted(Path(__file__).parents[1].rglob("*.py"))
    return fingerprint(__version__, *map(version, ENGINE), *(path.read_text(encoding="utf-8") for path in sources), *texts())


def found_at(path: Path) -> Found | None:
    """What stands in the file, None if there is no file."""
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
    mark = MARK.search(text)
    return Found(mark[1], fingerprint(text[: mark.start()]) == mark[2]) if mark else Found("", False)


def refuse_edited(path: Path) -> None:
    """Nothing, if there is no file or an unchanged page of ours.

    Raises:
        SymbpError: the file holds something that symbp did not write, or that was edited since.
    """
    found = found_at(path)
    if found and not found.made_from:
        raise SymbpError(f"{path}: not written by symbp; choose another folder, or overwrite it with --force")
    if found and not found.intact:
        raise SymbpError(f"{path}: edited since symbp wrote it; move your changes elsewhere, or overwrite them with --force")


def write_page(path: Path, text: str, made_from: str) -> bool:
    """Whether the file had to be written; afterwards it holds the text and its mark."""
    opening, closing = ("/*", "*/") if path.suffix == ".css" else ("<!--", "-->")
    body = text.rstrip("\n")
    whole = f"{body}\n{opening} symbp {__version__} made this from {made_from}, text {fingerprint(body)} {closing}\n"
    if path.exists() and path.read_bytes() == whole.encode():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, whole)
    return True
