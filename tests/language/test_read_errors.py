"""Every mistake has a message of its own: layer, line, column, what is wrong and what is right, and the line with a caret.

``mistakes.txt`` is a table of texts and of the messages that they get.
"""

import re
from pathlib import Path

import pytest

from symbp.errors import ReadError
from symbp.language import read

BLOCKS = re.split(r"^## ", Path(__file__).with_name("mistakes.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
MISTAKES = {title: re.fullmatch(r"(.*)\n> ([^\n]*)\n*", rest, re.DOTALL) for title, rest in (b.split("\n", 1) for b in BLOCKS)}
TEXTS = {title: (match[1], match[2]) for title, match in MISTAKES.items() if match}
BEYOND_A_TABLE = {
    "no text": ("", "line 1, column 1: there is no equation"),
    "only comments": ("# nothing\n\n", "line 1, column 1: there is no equation"),
    "deep brackets": ("f(x): y = " + "(" * 61 + "x" + ")" * 61, "line 1, column 71: more than 60 brackets inside each other"),
    "a long chain of signs": ("f(x): y = " + "-" * 50_000 + "x", "f, line 1, column 7: too deeply nested"),
    "a chain of signs": ("f(x): y = " + "-" * 200 + "x", "f, line 1, column 110: nested more than 100 deep"),
    "a long sum": ("f(x): y = x" + "+1" * 40_000, "f, line 1, column 7: too deeply nested"),
    "a sum": ("f(x): y = x" + "+1" * 200, "f, line 1, column 215: nested more than 100 deep"),
    "a chain of powers": ("f(x): y = x" + "**x" * 200, "f, line 1, column 308: nested more than 100 deep"),
    "a text too long": ("f(x): y = x" + " " * 100_001, "line 1, column 1: the text has 100012 characters, at most 100000"),
    "too many digits": ("f(x): y = x*" + "1" * 5000, "f, line 1, column 7: this cannot be read"),
    "calls of calls": (
        "f0(x): y[i] = x[i] + x[i]\n"
        + "".join(f"f{k}(x): y[i] = {' + '.join(f'f{k - 1}(x)[i]' for _ in range(25))}\n" for k in range(1, 9)),
        "f3, line 4, column ",
    ),
    "nested maxima": ("f(x): y = " + "maximum(x + " * 25 + "x" + ", 1)" * 25, "f, line 1, column 11: this value is too large"),
}


def test_the_table_of_mistakes_is_read_whole() -> None:
    assert len(TEXTS) == len(BLOCKS) > 100


@pytest.mark.parametrize("mistake", [*TEXTS, *BEYOND_A_TABLE])
def test_each_mistake_has_its_own_message(mistake: str) -> None:
    text, message = (TEXTS | BEYOND_A_TABLE)[mistake]
    with pytest.raises(ReadError, match="^" + re.escape(message)):
        read(text)


@pytest.mark.parametrize("mistake", TEXTS)
def test_the_caret_stands_under_the_column_of_the_message(mistake: str) -> None:
    text, message = TEXTS[mistake]
    with pytest.raises(ReadError) as error:
        read(text)
    _, line, caret = str(error.value).split("\n")
    place = re.search(r"line (\d+), column (\d+)", message)
    assert place and line.strip() == text.split("\n")[int(place[1]) - 1].strip()
    assert caret == " " * (4 + int(place[2]) - 1) + "^"


def test_a_message_names_the_file_first() -> None:
    with pytest.raises(ReadError, match=r"^mine\.symbp, f, line 2, column 5: z is not known"):
        read("f(x):\ny = z", file="mine.symbp")


def test_a_message_counts_lines_inside_brackets() -> None:
    with pytest.raises(ReadError, match=r"^f, line 4, column 9: z is not known"):
        read("# a comment\nf(x):\n    y = (x +\n        z)")


def test_a_very_long_line_is_shown_around_the_caret() -> None:
    with pytest.raises(ReadError) as error:
        read("f(x): y = " + "x + " * 40 + "z")
    assert all(len(line) < 130 for line in str(error.value).split("\n"))
