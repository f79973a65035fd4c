"""What is counted of the pages of two versions while one is staged beside the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple

from newshole.cache import Answer
from newshole.experiments.events.row import Row
from newshole.experiments.events.token import PageToken
from newshole.http.witnesses import Witnesses
from newshole.live.staging.figures import MOST_PAGES, Figures, Views
from newshole.site import Site


class Counting:
    """Counts what becomes of the pages of a site, from nothing."""

    __slots__ = ("_ads", "_pages", "_views", "_witnesses")

    def __init__(self, site: Site) -> None:
        self._ads = frozenset(_ads(site))
        self._views = Views()
        self._pages: dict[str, Views] = {}
        self._witnesses = Witnesses()

    @property
    def figures(self) -> Figures:
        """What was counted so far."""
        figures = Figures(*astuple(self._views))
        for each in self._pages.values():
            figures.add_address(each)
        return figures

    def page(self, url: str, answer: Answer) -> None:
        """Count a page."""
        ads = sum(each in self._ads for each in answer.blocks)
        seen = answer.seen.page
        self._add(url, answer.untouched, ads, None if seen is None else seen.density)

    def fault(self, url: str, reason: str) -> None:
        """Count a page that newshole failed on before the rules were asked."""
        self._add(url, reason, 0, None)

    def told(self, token: PageToken, rows: list[Row], sender: str) -> None:
        """Count what a browser at a network address tells of a page's slots, where its word counts."""
        heard = self._witnesses.heard(sender, rows)
        for views in (self._views, self._at(token.page)) if heard else ():
            for row in heard:
                if row.kind == "view":
                    views.shown += sum(n for block, n in token.blocks.items() if block in self._ads)
                elif row.kind == "viewable":
                    views.viewable += row.block in self._ads
                elif row.kind == "fill" and row.block in self._ads:
                    views.asked += 1
                    views.unfilled += not row.value

    def _add(self, url: str, untouched: str | None, ads: int, density: float | None) -> None:
        for views in (self._views, self._at(url)):
            views.add_page(untouched, ads, density)

    def _at(self, url: str) -> Views:
        page = url.partition("?")[0]
        found = self._pages.get(page)
        if found is None:
            if len(self._pages) >= MOST_PAGES:
                del self._pages[next(iter(self._pages))]
            found = self._pages[page] = Views()
        return found


def _ads(site: Site) -> Iterator[str]:
    for rules in site.rules:
        for under in (rules, *rules.variants):
            yield from (block.id for block in under.blocks if block.kind == "ad")
