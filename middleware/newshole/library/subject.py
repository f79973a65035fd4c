"""What a text is about: the few words of it that tell most, in any language.

A word that tells something stands in several paragraphs of a text, and in the fewest of other words' company:
what stands in nearly all of them is grammar, and what stands in one may be chance. So words are ranked by how
many paragraphs have them, the more so the more paragraphs have them not. No list of words is needed for that.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Final

from newshole.library.terms import terms

MOST_TERMS: Final = 32
"""Terms that are kept of a text."""

LEAST_LETTERS: Final = 4
LONGEST: Final = 32
"""Letters of a word that may tell something; of a script without spaces, two do."""

MOST_PARAGRAPHS: Final = 400
"""Paragraphs of a text that are read."""


def subject(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """The terms that tell most of what a text is about, the most telling first."""
    counts: Counter[str] = Counter()
    total = 0
    for text in paragraphs:
        total += 1
        counts.update(filter(_may_tell, terms(text)))
        if total == MOST_PARAGRAPHS:
            break
    worth = {term: n * math.log((total + 1) / n) * math.log(len(term) + 1) for term, n in counts.items()}
    return tuple(sorted(worth, key=lambda term: (-worth[term], term))[:MOST_TERMS])


def _may_tell(term: str) -> bool:
    return (len(term) >= LEAST_LETTERS or not term.isascii()) and len(term) <= LONGEST and not term.isdigit()
