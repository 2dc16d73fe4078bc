"""The tables of prose: the same keys in every language, about the same things."""

import re
from pathlib import Path

import pytest

from symbp.errors import SymbpError
from symbp.explain.languages import LANGUAGES, spoken, words_of
from symbp.explain.languages.en import WORDS
from symbp.explain.operations import TOLD
from symbp.ir.derivation import RULES, Phrase

SOURCES = [*Path(__file__).parents[2].glob("symbp/explain/*.py"), *Path(__file__).parents[2].glob("symbp/[ac]*/*.py")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_the_same_things(lang: str) -> None:
    assert list(words_of(lang)) == list(WORDS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_is_about_the_same_things(lang: str) -> None:
    about = {key: set(re.findall(r"\{\d\}", text)) for key, text in words_of(lang).items()}
    assert about == {key: set(re.findall(r"\{\d\}", text)) for key, text in WORDS.items()}


def test_every_rule_has_a_name_and_every_operation_its_words() -> None:
    assert all(f"rule:{rule}" in WORDS for rule in RULES)
    assert all(f"node:{mark}" in WORDS for mark in TOLD)


def test_every_phrase_that_the_code_speaks_is_in_the_table() -> None:
    spoken_of = {key for path in SOURCES for key in re.findall(r'Phrase\("([^"]+)"', path.read_text(encoding="utf-8"))}
    assert spoken_of and spoken_of <= set(WORDS)


def test_a_phrase_lists_what_it_is_about() -> None:
    assert "".join(spoken({"told": "{1} of {0}", "and": " and "}, Phrase("told", (("a", "b", "c"), 3)))) == "3 of a, b and c"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SymbpError, match="language 'fr': expected one of en, ko"):
        words_of("fr")
