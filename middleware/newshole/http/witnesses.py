"""Whose word on the pages of a version counts, while one is staged.

Browsers tell what they like, and the address of a page that nobody reads counts as much as any. So nobody is
to decide alone what is halted: from one network address each page counts once, and of few pages alone. That
is no bound for readers, for what they tell is recorded all the same, but for whoever makes views up.
"""

from __future__ import annotations

from typing import Final

from newshole.experiments.events.row import Row
from newshole.store.lru import Lru

FEW: Final = 5
"""Pages of which the word of one network address counts in any case."""

PART: Final = 20
"""Network addresses that there are for each further page."""

COUNTED: Final = frozenset(("view", "viewable", "fill"))
"""What is counted of a view."""

_MOST: Final = 20_000


class Witnesses:
    """Those who have told of the pages of one version."""

    __slots__ = ("_pages", "_views")

    def __init__(self) -> None:
        self._pages = Lru[str, set[str]](_MOST, _MOST)
        self._views = Lru[tuple[str, str], set[str]](_MOST, _MOST)

    def heard(self, sender: str, rows: list[Row]) -> list[Row]:
        """Those of one view's rows that count, each once; `sender` is the network address they came from."""
        told = {each.id: each for each in rows if each.kind in COUNTED}
        if not told:
            return []
        first = rows[0]
        known = self._views.get((first.view_id, first.page))
        if known is None:
            if not self._admits(sender, first.page):
                return []
            known = set()
            self._views.put((first.view_id, first.page), known, 1)
        new = [row for name, row in told.items() if name not in known]
        known.update(told)
        return new

    def _admits(self, sender: str, page: str) -> bool:
        """Whether another view of a page counts."""
        pages = self._pages.get(sender) or set()
        if page in pages or len(pages) >= max(FEW, len(self._pages) // PART):
            return False
        pages.add(page)
        self._pages.put(sender, pages, 1)
        return True
