"""What every page of a site stands in: head, way back, foot; and the words of the site."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from symbp.explain.html import style
from symbp.explain.languages import words_of
from symbp.templating import fill, read

PROSE = "site:"  # begins the keys of the site's sentences

Strings = Mapping[str, str]


def said(lang: str) -> Strings:
    """The sentences of the site in a language."""
    return {key.removeprefix(PROSE): text for key, text in words_of(lang).items() if key.startswith(PROSE)}


def framed(title: str, body: str, lang: str, up: str = "", style: str = "") -> str:
    """The whole page; ``up`` leads from it to the folder of the site, ``style`` holds rules for this page alone."""
    return fill("site_page.html.j2", title=escape(title), body=body, lang=lang, up=up, style=style, say=said(lang))


def style_sheet() -> str:
    """One style sheet for all pages: that of a derivation, then the site's own."""
    return style().rstrip("\n") + "\n\n" + read("site_style.css")
