"""How a worker is, of what it counts anyway."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from newshole.http.metrics import page_cache_behind, proxy_behind
from newshole.live.health import Vitals

if TYPE_CHECKING:
    from newshole.http.middleware import Newshole


class Look:
    """A look at a middleware, which is taken to have started now."""

    def __init__(self, newshole: Newshole) -> None:
        self.newshole, self.since = newshole, time.time()

    def __call__(self) -> Vitals:
        newshole, tally = self.newshole, self.newshole.tally
        proxy, pages, store = proxy_behind(newshole), page_cache_behind(newshole), newshole.store
        desk = newshole.desk
        return Vitals(
            at=time.time(),
            since=self.since,
            outcomes=dict(newshole.counts),
            tiers=dict(tally.plans),
            durations=tuple(tally.durations),
            seconds=tally.seconds,
            kept=len(newshole.plans.kept),
            stories=newshole.library.stories,
            breaker="" if store is None else store.state,
            events={} if store is None else dict(store.counts),
            live={} if desk is None else dict(desk.board.counts),
            proxy={} if proxy is None else dict(proxy.counts),
            pages={} if pages is None else dict(pages.tally.outcomes),
            feeds=tuple(newshole.feeds.failing.values()),
            is_shadow=newshole.shadow is not None,
            shadow={} if newshole.shadow is None else dict(newshole.shadow.counts),
        )
