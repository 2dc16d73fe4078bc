"""The prose of a derivation, one table a language: a key and its text, with {0}, {1} for what the phrase is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from symbp.errors import SymbpError
from symbp.ir.derivation import Phrase

LANGUAGES = ("en", "ko")

Words = Mapping[str, str]


def words_of(lang: str) -> Words:
    """The table of a language.

    Raises:
        SymbpError: there is no such table.
    """
    if lang not in LANGUAGES:
        raise SymbpError(f"language {lang!r}: expected one of {', '.join(LANGUAGES)}")
    table: Words = import_module(f"symbp.explain.languages.{lang}").WORDS
    return table


def spoken(words: Words, phrase: Phrase) -> Iterator[Any]:
    """The phrase as pieces: strings of the language, and between them whatever the phrase is about (formulas, facts, numbers)."""
    for k, piece in enumerate(re.split(r"\{(\d)\}", words[phrase.key])):
        if k % 2 == 0:
            yield from [piece] if piece else []
        else:
            yield from _about(words, phrase.about[int(piece)])


def _about(words: Words, thing: Any) -> Iterator[Any]:
    if isinstance(thing, Phrase):
        yield from spoken(words, thing)
    elif isinstance(thing, tuple):
        yield from _listed(words, thing)
    else:
        yield str(thing) if isinstance(thing, int) else thing


def _listed(words: Words, things: tuple[Any, ...]) -> Iterator[Any]:
    """a, b and c"""
    for k, thing in enumerate(things):
        yield from [] if k == 0 else [words["and"] if k == len(things) - 1 else ", "]
        yield from _about(words, thing)
