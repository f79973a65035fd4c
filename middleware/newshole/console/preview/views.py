"""A page of the site as one reader would get it: what a screen was asked for, and what comes of it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from newshole.console.drafting.drafts import draft_site
from newshole.console.site import ConsoleSite
from newshole.errors import UsageError
from newshole.explaining.page import Page
from newshole.rules.moments import read_moment
from newshole.rules.ruleset import Rules
from newshole.site import Composition, Site
from newshole.types import DEVICES, Reader

_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a screen asks for. `device` is "" for that of each width, `arms` are written
    EXPERIMENT:ARM, `at` is a moment as a browser writes it, by the clock of the rules' time zone; `version`
    and `draft` say by which rules, those in service where both are ""."""

    url: str = ""
    device: str = ""
    consent: str = ""
    country: str = ""
    arm: tuple[str, ...] = ()
    at: str = ""
    version: str = ""
    draft: str = ""

    @classmethod
    def of(cls, query: QueryParams) -> Asked:
        """What a query asks for; fields that it does not know are left out."""
        single = {each.name: query.get(each.name, "").strip() for each in fields(cls) if each.name != "arm"}
        return cls(**single, arm=tuple(filter(None, query.getlist("arm"))))

    def written(self, **more: str) -> str:
        """The same as a query, with `more` fields behind it or in the place of its own."""
        own: Mapping[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        return urlencode({key: value for key, value in {**own, **more}.items() if value}, doseq=True)

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that a screen with several widths shows it on."""
        return (self.device,) if self.device else DEVICES

    @property
    def is_usual(self) -> bool:
        """Whether it is what a reader gets now of whom nothing is known."""
        return self == Asked(self.url)


@dataclass(frozen=True, slots=True)
class View:
    """A page, and what the rules make of it on a device; `fetched` and `composed` are how many seconds it
    took the site to answer, and newshole to compose."""

    page: Page
    device: str
    composition: Composition
    fetched: float
    composed: float


async def rules_asked(site: ConsoleSite, asked: Asked) -> Site:
    """The rules of what is asked for. Raises UsageError where there are none such, RulesError where those of
    a draft are wrong, StoreError."""
    if not asked.draft:
        return await site.version(asked.version)
    draft = await site.drafts.get(asked.draft)
    known = await site.known()
    key = ("draft", draft.id, draft.revision, known)
    return await site.fresh.get(key, lambda: site.turns.take(draft_site, draft, known))


async def view_of(site: ConsoleSite, asked: Asked, device: str) -> View:
    """The page that is asked for, composed for a device; from a few seconds ago where nothing changed since.

    Raises UsageError where a field cannot be right or the page not be had; and as `rules_asked` does.
    """
    rules = await rules_asked(site, asked)
    since = site.newshole.site.since
    key = ("view", replace(asked, device=device), rules.digest, since)
    return await site.fresh.get(key, lambda: _viewed(site, asked, device, rules))


async def _viewed(site: ConsoleSite, asked: Asked, device: str, rules: Site) -> View:
    url = site.pages.address(asked.url)
    reader = reader_of(asked, device, rules.rules_for(url))
    page, fetched = await site.fresh.get(("page", url), lambda: _fetched(site, url))
    # Rules that nobody vouched for may take any time; others do not wait for them.
    run = site.turns.take if asked.draft else asyncio.to_thread
    composition, composed = await run(_composed, site, page, reader, rules)
    return View(page, device, composition, fetched, composed)


async def _fetched(site: ConsoleSite, url: str) -> tuple[Page, float]:
    started = time.perf_counter()
    page = await site.pages.fetch(url)
    return page, time.perf_counter() - started


def _composed(site: ConsoleSite, page: Page, reader: Reader, rules: Site) -> tuple[Composition, float]:
    started = time.perf_counter()
    composition = site.compose(page, reader, rules)
    seconds = time.perf_counter() - started
    _ = composition.decisions  # worked out here, off the loop; no reader waits for them
    return composition, seconds


def reader_of(asked: Asked, device: str, rules: Rules | None) -> Reader:
    """The reader that is asked for. Raises UsageError where there can be none such."""
    if device not in DEVICES:
        raise UsageError(f'"{device}" is no device: choose {" or ".join(DEVICES)}')
    if asked.country and not _COUNTRY.fullmatch(asked.country):
        raise UsageError(f'"{asked.country}" is no country: give its two letters, such as DE')
    return Reader(
        device=device,
        consent=asked.consent or "none",
        country=asked.country.upper() or None,
        now=_moment(asked.at, rules.timezone if rules else "UTC"),
        forced=_arms(asked.arm, rules),
    )


def _moment(at: str, timezone: str) -> datetime | None:
    return read_moment(at, ZoneInfo(timezone)) if at else None


def _arms(written: tuple[str, ...], rules: Rules | None) -> dict[str, str]:
    experiments = rules.experiments if rules else ()
    known = {f"{each.name}:{arm}": (each.name, arm) for each in experiments for arm in each.arms}
    for each in written:
        if each not in known:
            raise UsageError(f'these rules have no arm "{each}": choose one of the list')
    return dict(known[each] for each in written)
