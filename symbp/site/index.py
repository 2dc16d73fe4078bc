"""The pages that lead to the layers: by family, and by the words that are said of them."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any

from symbp.site.collection import Collection, Entry, Family
from symbp.site.frame import framed, said
from symbp.site.terms import terms
from symbp.templating import fill

OTHERS = "#"  # the heading of what begins with no letter of the Latin alphabet


def index_page(shown: Collection, lang: str) -> str:
    """Every layer under its family, with what it computes and its equations: all the text that a browser's own search looks through."""
    say = said(lang)
    title = say["title"] if len(shown.families) > 1 else shown.families[0].name
    families = [_family(family) for family in shown.families]
    counted = say["count" if len(shown.families) > 1 else "count of one"].format(len(shown.entries), len(shown.families))
    body = fill("site_index.html.j2", say=say, title=escape(title), families=families, counted=counted, several=families[1:])
    return framed(title, body, lang)


def _family(family: Family) -> dict[str, Any]:
    return {
        "name": escape(family.name),
        "about": escape(family.summary),
        "count": str(len(family.entries)),
        "layers": list(map(_row, family.entries)),
    }


def _row(entry: Entry) -> dict[str, str]:
    return {"name": escape(entry.name), "brief": escape(entry.brief), "text": escape(_equations(entry), quote=False)}


def _equations(entry: Entry) -> str:
    """The definition without its comments."""
    return "\n".join(line for line in entry.text.splitlines() if not line.lstrip().startswith("#")).strip()


def terms_page(shown: Collection, lang: str) -> str:
    """The words, letter by letter, each with the layers that it leads to."""
    say, found = said(lang), terms(shown.entries.values())
    letters = [
        {"letter": letter, "terms": [{"word": escape(word), "names": [escape(e.name) for e in found[word]]} for word in words]}
        for letter, words in groupby(found, key=_letter)
    ]
    return framed(say["words"], fill("site_words.html.j2", say=say, letters=letters), lang)


def _letter(word: str) -> str:
    first = word[0].upper()
    return first if "A" <= first <= "Z" else OTHERS
