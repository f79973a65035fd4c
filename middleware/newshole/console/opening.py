"""The console by the settings of `newshole serve`: a desk that follows every site as a worker does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from newshole.console.desk import Desk
from newshole.console.pages import Pages
from newshole.console.screens import SCREENS
from newshole.console.site import ConsoleSite
from newshole.http.rules import PUBLISHED
from newshole.live.ledger import Ledger
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.shared import open_shared
from newshole.serving.app import compose_site
from newshole.serving.console.preparing import home_of, ledger_name
from newshole.serving.settings import Console, Settings, SiteSettings
from newshole.store.archive import open_archive


def open_desk(settings: Settings) -> Desk:
    """The console of all sites. Raises UsageError where their settings are wrong."""
    sites = [_site(site, settings) for site in settings.sites]
    return Desk(sites, settings.console or Console(), SCREENS)


def _site(site: SiteSettings, settings: Settings) -> ConsoleSite:
    label = ledger_name(site)
    # What it asks the site for is no reader's request: it is kept, counted and written down nowhere.
    quiet = replace(settings, page_cache=False, events=None, journal=None, log="off", surrogate=())
    follower = compose_site(replace(site, rules=PUBLISHED, name=label), quiet)
    ledger = Ledger(open_archive(settings.archive or settings.redis or ""), label, settings.secret.encode())
    pages = Pages(follower.app, site.hosts, home_of(site, settings))
    warehouse = settings.console.warehouse if settings.console else None
    return ConsoleSite(
        label,
        follower,
        pages,
        ledger,
        journal=None if settings.journal is None else JournalFile(settings.journal),
        shared=None if settings.redis is None else open_shared(settings.redis, label, ledger.secret),
        switches=None if settings.switches is None else Path(settings.switches),
        warehouse=None if warehouse is None else Path(warehouse),
    )
