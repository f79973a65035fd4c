"""What Prometheus is told, in its text format: made when it asks, out of counts that are kept anyway."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Final, get_args

from starlette.types import Send

from newshole.cache.tally import BOUNDS
from newshole.cache.tally import COUNTED as PLANS
from newshole.http.guard import REASONS
from newshole.http.shadow import FAULT as SHADOW_FAULT
from newshole.live.board import COUNTED as LIVE
from newshole.store.guarded import COUNTED as STORE
from newshole.store.guarded import BreakerState
from newshole.version import VERSION

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from newshole.http.event_desk import EventDesk
    from newshole.http.middleware import Newshole
    from newshole.http.pagecache import PageCache
    from newshole.http.proxy import Proxy
    from newshole.store import GuardedStore

CONTENT_TYPE: Final = "text/plain; version=1.0.0; charset=utf-8"

STATES: Final = get_args(BreakerState)

DEPTH: Final = 10
"""Middleware between newshole and a page cache or proxy at most."""

METRICS: Final = {
    "newshole_responses": "Responses by what became of them: composed, or the reason why not.",
    "newshole_shadow": "Pages in shadow mode by what would have become of them.",
    "newshole_plans": "Pages by where their plan came from.",
    "newshole_planning_seconds": "Time to read and plan a page that was not planned before.",
    "newshole_added_bytes": "Bytes added to composed pages.",
    "newshole_blocks": "Blocks placed on composed pages.",
    "newshole_blocks_refused": "Blocks that a newly planned page did not get, by the first reason.",
    "newshole_journal": "Rows of the journal by what became of them.",
    "newshole_library_stories": "Stories in the library, those that the rules name among them.",
    "newshole_library_events": "What became of stories that were learned, or why they were not.",
    "newshole_beacons": "What browsers sent of events, by what became of it.",
    "newshole_ad_requests": "Ads that a server was asked for in browsers, by whether it filled them.",
    "newshole_event_rows": "Rows of events, by whether they are on the disk.",
    "newshole_event_segments": "Segments of events that wait in Redis, or for a place there.",
    "newshole_store_events": "What happened at the store.",
    "newshole_store_state": "1 for the state that the breaker around the store is in.",
    "newshole_pages_kept": "Pages whose plan is kept in the process.",
    "newshole_live_events": "What happened to rules and switches.",
    "newshole_staged_share": "The share, in percent, of what a version serves that is staged.",
    "newshole_switches": "Things that are switched off.",
    "newshole_ready": "1 where there are rules to compose pages by.",
    "newshole_page_cache": "Requests at the page cache by what became of them.",
    "newshole_page_cache_refused": "Requests passed and pages not kept by the page cache, by reason.",
    "newshole_page_cache_events": "What else happened at the page cache.",
    "newshole_page_cache_pages": "Pages kept by the page cache in the process.",
    "newshole_page_cache_bytes": "Bytes of the pages kept by the page cache in the process.",
    "newshole_proxy_events": "Requests that the site did not answer whole or at once, by reason.",
    "newshole_info": "The version in service, and the digest of its rules.",
}
"""Every metric, and what it tells; counters end in `_total` where they are shown."""


def exposition(metrics: Iterable[Metric]) -> bytes:
    """Metrics in Prometheus' text format."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import generate_latest

    class Told:
        def collect(self) -> Iterable[Metric]:
            return metrics

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Told())
    return generate_latest(registry)


async def tell_metrics(newshole: Newshole, send: Send) -> None:
    """Answer Prometheus."""
    body = exposition(metrics_of(newshole))
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def metrics_of(newshole: Newshole) -> Iterator[Metric]:
    """All metrics of a middleware."""
    tally = newshole.tally
    yield _counted("newshole_responses", "outcome", newshole.counts, ("composed", *REASONS))
    if newshole.shadow is not None:
        yield _counted("newshole_shadow", "outcome", newshole.shadow.counts, ("composed", SHADOW_FAULT))
    yield _counted("newshole_plans", "tier", tally.plans, PLANS)
    yield _planning(newshole)
    yield _counter("newshole_added_bytes", (), {(): tally.added})
    yield _counted("newshole_blocks", "block", tally.blocks())
    yield _counter(
        "newshole_blocks_refused", ("block", "reason"), {(*each,): n for each, n in tally.refused.items()}
    )
    yield _gauge("newshole_library_stories", (), {(): newshole.library.stories})
    yield _counted("newshole_library_events", "event", tally.stories)
    yield _gauge("newshole_pages_kept", (), {(): len(newshole.plans.kept)})
    yield _gauge("newshole_info", ("version", "rules"), {(VERSION, newshole.site.digest): 1})
    yield _gauge("newshole_ready", (), {(): newshole.is_ready})
    if newshole.desk is not None:
        board = newshole.desk.board
        yield _counted("newshole_live_events", "event", board.counts, LIVE)
        yield _gauge("newshole_switches", (), {(): len(board.off)})
        stage = newshole.stage
        yield _gauge("newshole_staged_share", (), {(): stage.share if stage is not None else 0})
    if newshole.journal is not None:
        from newshole.live.past.journal import COUNTED as JOURNAL  # loaded where there is one

        yield _counted("newshole_journal", "event", newshole.journal.counts, JOURNAL)
    if newshole.events is not None:
        yield from _event_families(newshole.events)
    proxy = proxy_behind(newshole)
    if proxy is not None:
        yield _counted("newshole_proxy_events", "event", proxy.counts)
    cache = page_cache_behind(newshole)
    if cache is not None:
        yield from _cache_families(cache)
    stores = set(filter(None, (newshole.store, None if cache is None else cache.store)))
    if stores:
        yield from _store_families(stores)


def _event_families(events: EventDesk) -> Iterator[Metric]:
    rows = events.segments.tally
    yield _counted("newshole_beacons", "outcome", events.counts)
    yield _counter(
        "newshole_ad_requests", ("block", "outcome"), {(*each,): n for each, n in events.asked.items()}
    )
    yield _counted("newshole_event_rows", "outcome", {"kept": rows.kept, "lost": rows.lost})
    yield _gauge("newshole_event_segments", (), {(): events.left})


def _store_families(stores: set[GuardedStore]) -> Iterator[Metric]:
    """What is told of a store, of plans and of pages together; its worst state."""
    counts = sum((store.counts for store in stores), Counter[str]())
    state = next((store.state for store in stores if store.state != "closed"), "closed")
    yield _counted("newshole_store_events", "event", counts, STORE)
    yield _gauge("newshole_store_state", ("state",), {(each,): each == state for each in STATES})


def _cache_families(cache: PageCache) -> Iterator[Metric]:
    from newshole.http.pagecache.asking import BYPASSES
    from newshole.http.pagecache.storing import REFUSALS

    tally, pages = cache.tally, cache.shelf.pages
    yield _counted("newshole_page_cache", "outcome", tally.outcomes)
    yield _counted("newshole_page_cache_refused", "reason", tally.refused, (*BYPASSES, *REFUSALS))
    yield _counted("newshole_page_cache_events", "event", tally.events)
    yield _gauge("newshole_page_cache_pages", (), {(): len(pages)})
    yield _gauge("newshole_page_cache_bytes", (), {(): pages.size})


def page_cache_behind(newshole: Newshole) -> PageCache | None:
    """The page cache behind a middleware, where there is one."""
    from newshole.http.pagecache import PageCache

    return next((app for app in _behind(newshole) if isinstance(app, PageCache)), None)


def proxy_behind(newshole: Newshole) -> Proxy | None:
    """The proxy behind a middleware, where there is one."""
    if "newshole.http.proxy" not in sys.modules:  # whoever has one has imported it, client and all
        return None
    from newshole.http.proxy import Proxy

    return next((app for app in _behind(newshole) if isinstance(app, Proxy)), None)


def _behind(newshole: Newshole) -> Iterator[object]:
    """What stands behind a middleware, from the outside in."""
    app: object = newshole.app
    for _ in range(DEPTH):
        yield app
        app = getattr(app, "app", None)


def _counted(name: str, label: str, counts: Mapping[str, int], known: Iterable[str] = ()) -> Metric:
    """Counts by one label. What is `known` is there from the start, at 0, for a rate is blind to the one by
    which a series begins."""
    return _counter(name, (label,), {(each,): counts.get(each, 0) for each in {*known, *counts}})


def _counter(name: str, labels: tuple[str, ...], values: dict[tuple[str, ...], int]) -> Metric:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(name, METRICS[name], labels=labels)
    for each, value in sorted(values.items()):
        family.add_metric(each, value)
    return family


def _gauge(name: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, METRICS[name], labels=labels)
    for each, value in sorted(values.items()):
        family.add_metric(each, value)
    return family


def _planning(newshole: Newshole) -> Metric:
    from prometheus_client.core import HistogramMetricFamily

    tally, name = newshole.tally, "newshole_planning_seconds"
    bounds = [*map(str, BOUNDS), "+Inf"]
    buckets = [(bound, float(n)) for bound, n in zip(bounds, accumulate(tally.durations), strict=True)]
    family = HistogramMetricFamily(name, METRICS[name])
    family.add_metric([], buckets, tally.seconds)
    return family
