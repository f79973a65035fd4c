"""The terms of a title: what two stories are compared by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff]+")

DUPLICATE = 0.75
"""The share of common terms from which two titles are one and the same story's."""


def terms(text: str) -> frozenset[str]:
    """The words of a text in lower case; where a script has no spaces, its pairs of letters."""
    return frozenset(terms_in_order(text))


def terms_in_order(text: str) -> tuple[str, ...]:
    """The terms of a text, each where it stands first."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return tuple(dict.fromkeys(term for word in _WORD.findall(folded) for term in _split(word)))


def _split(word: str) -> Iterator[str]:
    at = 0
    for run in _UNSPACED.finditer(word):
        yield from filter(None, (word[at : run.start()],))
        yield from (a + b for a, b in pairwise(run[0])) if len(run[0]) > 1 else (run[0],)
        at = run.end()
    yield from filter(None, (word[at:],))


def is_near_duplicate(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two titles, as terms, say nearly the same."""
    common = len(one & other)
    return common > 0 and common >= DUPLICATE * (len(one) + len(other) - common)


_TEXT = 8
"""Terms from which on a text tells enough to be held against another."""


def is_same_text(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts, by the terms that tell most, are nearly the same."""
    return min(len(one), len(other)) >= _TEXT and is_near_duplicate(one, other)
