"""The index at the back of the book: the words that lead to each layer. It is the search of a site that runs no program."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from symbp.site.collection import Entry

SHARE = 8  # a word of more than one in eight layers leads nowhere,
FEW = 12  # unless these are few
LITTLE = frozenset(
    re.findall(
        r"\S+",
        """
about above absent accurate acting added adds after again all along also always among and answer any arbitrary are away back based
because been before begin begins belong belonging below beside better between both bring brings brought but call called caller
calls can cannot change changed chapter choose chosen compare compared compute computed computes count counts depend depends dim
does done down draw drawn draws each either else end ends enough eqs even every far few first for from full give given gives goes
has have here hold holds how however instead into its itself just keep keeps known larger last later least leave leaves left less
lies like long lower made make makes many may meant might more most much must named near need needs neither never next nor not
nothing now off often once one only onto order other others out over own pages part parts per place places plus put ref right row
rows same says second see seen set sets side since smaller so some stand stands start starts still such take taken takes term
terms than that the their them then there these they thing third this those through thus till time times together too turn turned
two two-thirds under until upon used uses value values very via vol was way well were what whatever when where whether which while
who whole whom whose why will with within without work would written yet you your
""",
    )
)  # words that say nothing of a layer


def terms(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """The layers that each word leads to, words in the order of the alphabet."""
    every = list(entries)
    found: dict[str, dict[str, Entry]] = {}
    spelled: dict[str, Counter[str]] = {}
    names = {part for entry in every for part in _name_terms(entry)}
    for entry in every:
        for word in dict.fromkeys((*_name_terms(entry), *_words(entry))):
            found.setdefault(word.casefold(), {})[entry.name] = entry
            spelled.setdefault(word.casefold(), Counter())[word] += 1
    most = max(FEW, len(every) // SHARE)
    kept = [word for word in sorted(found) if word in names or len(found[word]) <= most]
    return {_spelling(spelled[word]): tuple(found[word].values()) for word in kept}


def _name_terms(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *(part for part in entry.name.split("_") if len(part) > 1))


def _words(entry: Entry) -> Iterator[str]:
    """The words of its description and source, and the functions and layers that its equations call."""
    for word in re.findall(r"[^\W\d_][\w'-]*[^\W_]", entry.doc):
        if len(word) > 2 and word.casefold() not in LITTLE:
            yield word
    yield from (call for call in re.findall(r"([a-z]\w*)\(", entry.text) if call != entry.name and call not in LITTLE)


def _spelling(spellings: Counter[str]) -> str:
    """In small letters where it is ever written so, else as it is written most often."""
    small = sorted(word for word in spellings if word.islower())
    return small[0] if small else min(spellings, key=lambda word: (-spellings[word], word))
