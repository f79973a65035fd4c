"""What a worker serves: for each site newshole in front of its page cache and its proxy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from starlette.types import ASGIApp, Scope

from newshole.http.cookies import LOGIN_COOKIES
from newshole.http.heads import Headers
from newshole.http.measuring import PATH
from newshole.http.metrics import metrics_of
from newshole.http.middleware import Newshole
from newshole.http.pagecache import PageCache
from newshole.http.pagecache.settings import Settings as Keeping
from newshole.http.proxy import Limits, Proxy
from newshole.http.proxy.peers import Trust, reader_of
from newshole.http.proxy.settings import read_networks
from newshole.http.resources import open_store
from newshole.serving.admission import Admission
from newshole.serving.health import Health, Unready
from newshole.serving.hosts import Hosts
from newshole.serving.settings import Settings, SiteSettings
from newshole.serving.totals import Part
from newshole.serving.upstream import upstream_of
from newshole.store import GuardedStore


@dataclass(frozen=True, slots=True)
class Served:
    """The app of a worker, its bound on requests, and the sites behind it by their labels."""

    app: ASGIApp
    admission: Admission
    sites: tuple[tuple[str, Newshole], ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The digests of the rules in service, empty where none are published yet."""
        return tuple(newshole.status.rules for _, newshole in self.sites)

    @property
    def unready(self) -> str | None:
        """Why no readers are to be sent: a site without rules."""
        lacking = [label for label, newshole in self.sites if not newshole.is_ready]
        return f"no rules are published yet for {', '.join(lacking)}" if lacking else None

    def parts(self, worker: str) -> list[Part]:
        """What each site tells Prometheus; sites are told apart where there are several."""
        is_alone = len(self.sites) == 1
        return [
            Part(metrics_of(newshole), worker, () if is_alone else (("site", name),))
            for name, newshole in self.sites
        ]


def build(settings: Settings, unready: Unready) -> Served:
    """The app that serves by these settings; `unready` says why no readers are to be sent.

    Raises RulesError and UsageError for what is wrong with the rules of a site.
    """
    sites = [(site, compose_site(site, settings)) for site in settings.sites]
    alone = sites[0][1] if len(sites) == 1 and not sites[0][0].hosts else None
    found = alone or Hosts((site.hosts, newshole) for site, newshole in sites)
    admission = Admission(found, most=settings.limits.requests)
    app: ASGIApp = admission
    if settings.prefix is not None:
        app = Health(admission, prefix=settings.prefix, unready=unready)
    return Served(app, admission, tuple((site.label, newshole) for site, newshole in sites))


def compose_site(site: SiteSettings, settings: Settings) -> Newshole:
    """newshole in front of a site. Raises RulesError and UsageError for what is wrong with its rules."""
    store = open_store(settings.redis)
    newshole = Newshole(
        _behind(site, settings, store),
        site.rules,
        max_page=settings.max_page,
        max_hold=settings.max_hold,
        flush_after=settings.flush_after,
        plan_budget=settings.plan_budget,
        plan_queue=settings.plan_queue,
        ask_uncompressed=settings.uncompressed,
        name=site.name,
        redis=settings.redis,
        store=store,
        archive=settings.archive,
        secret=settings.secret,
        switches=settings.switches,
        state=settings.state,
        watch=True,
        surrogate=settings.surrogate,
        log=settings.log,
        log_ip=settings.log_ip,
        library=settings.library,
        journal=settings.journal,
        shadow=site.shadow,
        events=settings.events,
        events_path=settings.events_path or PATH,
        events_redis=settings.events_redis,
    )
    if newshole.events is not None:
        newshole.events.reader_of = partial(_reader_of, Trust(*read_networks(settings.trusted)))
    return newshole


def _reader_of(trust: Trust, scope: Scope, headers: Headers) -> str:
    return reader_of(scope, headers.get(b"x-forwarded-for", b"").decode("latin-1"), trust)


def _behind(site: SiteSettings, settings: Settings, store: GuardedStore | None) -> ASGIApp:
    """The site as newshole sees it; its pages and their plans are in one store."""
    limits = Limits(body=settings.max_body, answer=settings.answer_timeout)
    proxy = Proxy(upstream_of(site), trusted=settings.trusted, limits=limits)
    if not settings.page_cache:
        return proxy
    cookies = (*LOGIN_COOKIES, *settings.login_cookies)
    keeping = Keeping(login_cookies=cookies, ignored_parameters=settings.ignored_parameters)
    return PageCache(proxy, store=store, secret=settings.secret, settings=keeping)
