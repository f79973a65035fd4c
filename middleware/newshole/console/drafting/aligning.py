"""Which lines of two texts are the same, in a time that their length bounds.

`difflib` takes the square of it, or more, where the same lines come again and again. So its work is counted:
beyond a bound, only what two parts begin and end with is taken as the same, and all between as changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import takewhile
from typing import Final

MOST: Final = 4_000_000
"""Pairs of lines that are compared; some seconds."""


class Lines(SequenceMatcher[str]):
    """The lines of an `old` and a `new` text, compared as `difflib` does; at most `most` pairs of them."""

    def __init__(self, old: Sequence[str], new: Sequence[str], most: int = MOST) -> None:
        super().__init__(None, old, new, autojunk=False)
        self.old, self.new, self.left = old, new, most
        self.often = Counter(new)

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """The longest run of lines that are the same; once too many were compared, one at an end."""
        end = len(self.old) if ahi is None else ahi
        other = len(self.new) if bhi is None else bhi
        if self.left > 0:
            self.left -= sum(1 + self.often[line] for line in self.old[alo:end])
        if self.left > 0:
            return super().find_longest_match(alo, end, blo, other)
        most = min(end - alo, other - blo)
        first = _run(self.old[alo + n] == self.new[blo + n] for n in range(most))
        if first:
            return Match(alo, blo, first)
        last = _run(self.old[end - n] == self.new[other - n] for n in range(1, most + 1))
        return Match(end - last, other - last, last)


def _run(same: Iterator[bool]) -> int:
    """How many are the same, before the first that is not."""
    return sum(1 for _ in takewhile(bool, same))
