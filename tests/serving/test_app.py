"""What a worker builds of its settings."""

from __future__ import annotations

from pathlib import Path

from newshole.cache.budget import Budget
from newshole.http.gate import Limits as Held
from newshole.http.pagecache import PageCache
from newshole.http.proxy import Proxy
from newshole.serving.app import build
from newshole.serving.settings import Settings, SiteSettings


def test_bounds_cookies_and_parameters_reach_the_proxy_and_the_page_cache(rules: Path) -> None:
    site = SiteSettings("http://127.0.0.1:9", str(rules), own_host=True)
    settings = Settings(
        (site,),
        answer_timeout=90,
        max_body=1 << 20,
        max_page=2 << 20,
        uncompressed=True,
        page_cache=True,
        login_cookies=("subscriber",),
        ignored_parameters=("utm_*",),
    )
    newshole = build(settings, unready=lambda: None).sites[0][1]
    assert (newshole.limits.page, newshole.ask_uncompressed) == (2 << 20, True)
    cache = newshole.app
    assert isinstance(cache, PageCache)
    assert {"subscriber", "sessionid"} < set(cache.settings.login_cookies)
    assert cache.settings.ignored_parameters == ("utm_*",)
    proxy = cache.app
    assert isinstance(proxy, Proxy)
    assert (proxy.limits.answer, proxy.limits.body) == (90, 1 << 20)
    assert proxy.upstreams["*"].own_host


def test_pages_and_their_plans_are_in_one_store_with_one_breaker(rules: Path) -> None:
    site = SiteSettings("http://127.0.0.1:9", str(rules))
    settings = Settings((site,), page_cache=True, redis="redis://127.0.0.1:1/0")
    newshole = build(settings, unready=lambda: None).sites[0][1]
    assert isinstance(newshole.app, PageCache)
    assert newshole.store is not None
    assert newshole.app.store is newshole.store


def test_what_is_said_of_pages_reaches_the_middleware(rules: Path) -> None:
    site = SiteSettings("http://127.0.0.1:1", str(rules))
    ((_, newshole),) = build(
        Settings((site,), max_page=2048, max_hold=7, flush_after=None, plan_budget=2, plan_queue=4),
        lambda: None,
    ).sites
    assert newshole.limits == Held(page=2048, hold=7, flush=None)
    assert newshole.budget == Budget(2, 4)
