"""What a worker serves: for each site newshole in front of its page cache and its proxy."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp

from newshole.http.metrics import exposition
from newshole.http.middleware import Newshole
from newshole.http.proxy import Proxy
from newshole.serving.admission import Admission
from newshole.serving.health import Health, Unready
from newshole.serving.hosts import Hosts
from newshole.serving.settings import Settings, SiteSettings
from newshole.serving.totals import Part


@dataclass(frozen=True, slots=True)
class Served:
    """The app of a worker, its bound on requests, and the sites behind it by their names."""

    app: ASGIApp
    admission: Admission
    sites: tuple[tuple[str, Newshole], ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The digests of the rules in service."""
        return tuple(newshole.site.digest for _, newshole in self.sites)

    def parts(self, worker: str) -> list[Part]:
        """What each site tells Prometheus; sites are told apart where there are several."""
        is_alone = len(self.sites) == 1
        return [
            Part(exposition(newshole).decode(), worker, () if is_alone else (("site", name),))
            for name, newshole in self.sites
        ]


def build(settings: Settings, unready: Unready) -> Served:
    """The app that serves by these settings; `unready` says why no readers are to be sent.

    Raises RulesError and UsageError for what is wrong with the rules of a site.
    """
    sites = [(site, _compose(site, settings)) for site in settings.sites]
    alone = sites[0][1] if len(sites) == 1 and not sites[0][0].hosts else None
    found = alone or Hosts((site.hosts, newshole) for site, newshole in sites)
    admission = Admission(found, most=settings.limits.requests)
    app: ASGIApp = admission
    if settings.prefix is not None:
        app = Health(admission, prefix=settings.prefix, unready=unready)
    return Served(app, admission, tuple((site.name, newshole) for site, newshole in sites))


def _compose(site: SiteSettings, settings: Settings) -> Newshole:
    proxy = Proxy(site.upstream, trusted=settings.trusted)
    return Newshole(proxy, site.rules, redis=settings.redis, secret=settings.secret)
