"""Two sites ready at once, while a version is staged: which of their gates a request goes through.

Each request goes through one of them, once, so no page is of two versions. By address the staged version's
pages are as public as any. By reader each page is private where a cookie tells readers apart, and varies by
the header in which the edge does.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from starlette.types import Scope

from newshole.experiments.events.row import Row
from newshole.experiments.events.token import PageToken
from newshole.http.counting import Counting
from newshole.http.gate import Gate
from newshole.http.heads import Headers, read_url
from newshole.http.readers import read_arms, read_id
from newshole.http.weather import WeatherDesk
from newshole.live.staging.figures import Figures
from newshole.live.staging.stage import Stage, page_name
from newshole.rules.telling import Telling
from newshole.site import Site
from newshole.types import Facts

AT_EDGE: Final = "newshole-stage"
"""What the edge calls the stage among the arms that it assigns."""

NEW: Final = "new"
"""The arm of those readers whom the staged version serves."""

MOST_MET: Final = 4096
"""Addresses of which it is kept which version serves them."""


class TrafficSplit:
    """What is staged, behind a gate of its own, `new`; `old` is another gate of the site in service, for as
    long as something is staged beside it. `weather` reads what only the staged site shows."""

    __slots__ = ("_counting", "_facts", "_met", "new", "old", "stage", "weather")

    def __init__(self, stage: Stage, stable: Gate, staged: Gate, weather: WeatherDesk) -> None:
        self.stage, self.weather = stage, weather
        apart = partial(told_apart, stage) if stage.unit == "reader" else None
        self._counting = Counting(stable.site), Counting(staged.site)
        self.old, self.new = (
            gate.beside(counts, apart) for gate, counts in zip((stable, staged), self._counting, strict=True)
        )
        self.new.is_trial = apart is not None
        self._met: dict[str, bool] = {}
        self._facts: Facts | None = None

    @property
    def figures(self) -> tuple[Figures, Figures]:
        """What was counted of the site in service, and of the staged one."""
        old, new = self._counting
        return old.figures, new.figures

    def at(self, stage: Stage, now: float) -> None:
        """Another share of the same site, or none any more, from `now` on, in seconds since 1970: pages that
        change over are dated anew."""
        self.stage = stage
        self._met.clear()
        self.old.site.since = max(self.old.site.since, now)
        self.new.site.since = max(self.new.site.since, now)

    def told(self, token: PageToken, rows: list[Row], sender: str) -> None:
        """Count what a browser at a network address tells of a page, by the rules it was composed under."""
        rules = [gate.site.rules_for(token.page) for gate in (self.old, self.new)]
        named = [each is not None and each.digest == token.rules for each in rules]
        if named.count(True) == 1:
            self._counting[named.index(True)].told(token, rows, sender)

    def gate_of(self, scope: Scope, headers: Headers) -> Gate:
        """The gate that a request goes through."""
        url = read_url(scope, headers) if scope["type"] == "http" else None
        if url is None or not self._takes(url, headers):
            return self.old
        if self.old.site.facts is not self._facts:
            self.show(self.old.site)
        self.weather.attend(self.new.site)
        return self.new

    def show(self, site: Site) -> None:
        """Let the staged site's pages show what those of the site in service do."""
        facts, new = site.facts, self.new.site
        self._facts = facts
        own = {each.fed_by for each in new.weather_feeds}
        shared = {feed: each for feed, each in facts.weather.items() if feed in own}
        videos = {each.url for each in new.video_feeds}
        new.facts = Facts(
            {**new.facts.weather, **shared},
            facts.switches,
            {name: each for name, each in facts.library.items() if name in new.shelves},
            {url: each for url, each in facts.videos.items() if url in videos},
        )
        new.since = max(new.since, site.since)

    def _takes(self, url: str, headers: Headers) -> bool:
        if self.stage.unit == "reader":
            return takes_reader(self.stage, url, headers)
        page = url.partition("?")[0]
        found = self._met.get(page)
        if found is None:
            if len(self._met) >= MOST_MET:
                self._met.clear()
            found = self._met[page] = self.stage.takes(page_name(page))
        return found


def takes_reader(stage: Stage, url: str, headers: Headers) -> bool:
    """Whether the staged version serves the reader behind a request: as the edge says, where the rules take
    arms from it, else by the reader's id. Who has none is not among them."""
    rules = stage.site.rules_for(url)
    if rules is None:
        return False
    told = rules.telling
    if "arms" in told.headers:
        written = headers.get(told.headers["arms"].lower().encode("latin-1"), b"").decode("latin-1")
        return read_arms(written).get(AT_EDGE) == NEW
    own = replace(told, conditions=(), facts=frozenset(("id",)), is_private=True, known={})
    reader = read_id(headers, own)
    return reader is not None and stage.takes(reader)


def told_apart(stage: Stage, url: str, telling: Telling) -> Telling:
    """What tells the readers of an address while a version is staged by reader."""
    rules = stage.site.rules_for(url)
    if rules is None:
        return telling
    headers = rules.telling.headers
    header = headers.get("arms") or headers.get("id")
    if header is None:
        return replace(telling, is_private=True, known={})
    names = dict.fromkeys((*telling.vary, header.encode("latin-1")))
    return replace(telling, vary=tuple(names), known={})
