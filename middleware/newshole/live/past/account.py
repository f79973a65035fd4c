"""What readers of an address got at a moment in the past, and why: out of the log and the journal.

The log tells which version was in service, and what was switched off; the journal what was served by it.
Where the site's own bytes were kept, the page is composed again as it was: by that version, with what was
off, for a reader in the same circumstances, at that time. What blocks showed of other servers and of other
stories is not kept, so it is told where the page comes out otherwise than it was served.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from newshole.errors import NewsholeError
from newshole.explaining.page import Page
from newshole.live.appending import read_log
from newshole.live.entries import Event, Published, Staged, State, folded
from newshole.live.ledger import Entry, Ledger
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.served import Served, address_of
from newshole.live.past.shared import SharedRows
from newshole.live.past.sources import HERE, Sources
from newshole.live.source import load_site
from newshole.rules.switches import Switches, in_force
from newshole.site import Composition, Site
from newshole.store.protocol import StoreError
from newshole.types import Facts, Reader, Switch

MOST_TRIED: Final = 8
"""Versions that are looked at for the rules that a page was served by."""

SKEW: Final = 60.0
"""Seconds by which the clock of who publishes may be ahead of that of a worker."""

USUAL: Final = "desktop"
"""The device of a reader for rules that look at none."""

LoadSite: TypeAlias = Callable[[str], Awaitable[Site]]
"""Gives the site of a version by its digest. Raises NewsholeError where it cannot be had."""

NOT_READ: Final = "the page was not read"
NOT_KEPT: Final = "the page of then is not kept"
NOT_HERE: Final = "the page of then is kept on another machine: ask there (newshole why --journal)"
OWN: Final = "the page was one reader's own, so it is not kept"
NO_LOG: Final = "the log does not answer, so which version was in service is not known"
OTHER_RULES: Final = "the rules of then cannot be had"


def state_at(entries: Iterable[Entry], at: float) -> State:
    """What a log came to at a moment, in seconds since 1970: switches that had ended then are left out."""
    events = (each.event for each in entries)
    state = folded(event for event in events if event is not None and event.at <= at)
    return replace(state, switches=in_force(state.switches, at))


@dataclass(frozen=True, slots=True)
class Account:
    """What one kind of reader got. `version` is the digest of the published version that the rules were of,
    "" where none is known. `composition` of `page` is what is made of it again; where that cannot be, it is
    None, and `lacking` says why. `is_same` says whether it is what was served. `machines` are those that
    served it, "" for this one."""

    served: Served
    version: str = ""
    page: Page | None = None
    composition: Composition | None = None
    is_same: bool = False
    lacking: str = ""
    machines: tuple[str, ...] = (HERE,)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of an address at a moment: by the log the version in service then, None where there is no
    log or nothing was published, what was staged beside it, and what was off; by the journal an account of
    each kind of reader. `machines` are those that rows were read of, "" this one; `silent` says in words what
    did not answer."""

    url: str
    at: float
    version: Published | None = None
    staged: Staged | None = None
    switches: tuple[Switch, ...] = ()
    accounts: tuple[Account, ...] = ()
    has_journal: bool = False
    machines: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Archives:
    """Where the past is kept: the entries of a log, a journal, what machines share of theirs, and what gives
    sites: those of published versions by `load`, and one that is at hand. `secret` is that of the journal's
    queries; `facts` are what blocks show now, for want of those of then."""

    entries: Sequence[Entry] = ()
    journal: JournalFile | None = None
    shared: SharedRows | None = None
    load: LoadSite | None = None
    here: Site | None = None
    secret: bytes = b""
    facts: Facts | None = None


def loader(ledger: Ledger) -> LoadSite:
    """What gives the sites of a log's versions."""

    async def load(digest: str) -> Site:
        return await asyncio.to_thread(load_site, await ledger.source(digest))

    return load


async def look_back_by(
    ledger: Ledger, archives: Archives, url: str, at: float, device: str | None = None
) -> Past:
    """What readers of an address got at a moment, by the entries of a log and its versions. Where there is a
    journal's file, a log that does not answer is told of in `silent`.

    Raises StoreError where there is none, and as `look_back` does.
    """
    unsaid: tuple[str, ...] = ()
    try:
        entries, _ = await read_log(ledger)
    except StoreError:
        if archives.journal is None:
            raise
        entries, unsaid = [], (NO_LOG,)
    past = await look_back(replace(archives, entries=entries, load=loader(ledger)), url, at, device)
    return replace(past, silent=unsaid + past.silent)


async def look_back(archives: Archives, url: str, at: float, device: str | None = None) -> Past:
    """What readers of an address got at a moment; all of them, or those with a device.

    Raises sqlite3.Error and OSError where the journal cannot be read, and nothing is shared.
    """
    state = state_at(archives.entries, at)
    past = Past(url, at, state.version, state.staged, state.switches)
    if archives.journal is None and archives.shared is None:
        return past
    address, query = address_of(url, archives.secret)
    seen = await Sources(archives.journal, archives.shared).lookup(address, query, at, device)
    sites = _Sites(archives)
    accounts = [
        await _account(archives, sites, url, Account(row, machines=machines)) for row, machines in seen.rows
    ]
    if archives.entries:
        accounts = [each for each in accounts if not each.served.staged or _is_staged(each, state)]
    return replace(
        past,
        accounts=tuple(accounts),
        has_journal=archives.journal is not None or bool(seen.machines or seen.silent),
        machines=seen.machines,
        silent=seen.silent,
    )


def _is_staged(account: Account, state: State) -> bool:
    """Whether what some readers got was still staged."""
    return state.staged is not None and account.version in ("", state.staged.digest)


class _Sites:
    """The sites that rows were served by, each looked for once."""

    def __init__(self, archives: Archives) -> None:
        self.archives = archives
        self._found: dict[str, tuple[str, Site | None]] = {}

    async def of(self, row: Served) -> tuple[str, Site | None]:
        """The version whose rules a row was served by, and its site."""
        if row.rules not in self._found:
            self._found[row.rules] = await self._search(row)
        return self._found[row.rules]

    async def _search(self, row: Served) -> tuple[str, Site | None]:
        events = (each.event for each in self.archives.entries)
        for digest in versions_before((event for event in events if event), row.at):
            try:
                site = None if self.archives.load is None else await self.archives.load(digest)
            except NewsholeError:
                continue
            if site is not None and site.digest == row.rules:
                return digest, site
        here = self.archives.here
        return "", here if here is not None and here.digest == row.rules else None


def versions_before(events: Iterable[Event], at: float) -> list[str]:
    """The digests of versions that may have been served at a moment: those before it, the latest first, and
    those a moment later, by a clock that is ahead."""
    found: tuple[dict[str, None], dict[str, None]] = {}, {}
    for event in sorted(events, key=lambda event: -event.at):
        digest = str(getattr(event, "digest", ""))
        if digest and event.at <= at + SKEW:
            found[event.at > at][digest] = None
    before, ahead = found
    return [*dict.fromkeys([*[*before][:MOST_TRIED], *ahead])]


async def _account(archives: Archives, sites: _Sites, url: str, account: Account) -> Account:
    row = account.served
    version, site = await sites.of(row)
    account = replace(account, version=version)
    if not row.page:
        return replace(account, lacking=NOT_READ)
    if not row.is_kept:
        return replace(account, lacking=OWN)
    body = None if archives.journal is None else await asyncio.to_thread(archives.journal.page, row.page)
    if body is None:
        return replace(account, lacking=NOT_KEPT if HERE in account.machines else NOT_HERE)
    if site is None:
        return replace(account, lacking=OTHER_RULES)
    page = Page(url, body, url, row.content_type)
    composition = await asyncio.to_thread(explained, row, page, site, archives.facts)
    return replace(account, page=page, composition=composition, is_same=is_same(row, composition))


def explained(row: Served, page: Page, site: Site, facts: Facts | None = None) -> Composition:
    """The page as it was served, made again by the site of then."""
    seen = row.circumstances
    reader = Reader(
        device=seen.device or USUAL,
        consent=seen.consent,
        country=seen.country,
        logged_in=seen.logged_in,
        bot=seen.bot,
        query=dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True)),
        now=datetime.fromtimestamp(row.at, UTC),
        forced=row.arms,
    )
    shown = replace(facts or site.facts, switches=Switches(row.switches) if row.switches else None)
    return site.compose(
        page.body,
        url=page.url,
        content_type=row.content_type,
        reader=reader,
        facts=shown,
        words=row.words,
    )


def is_same(row: Served, composition: Composition) -> bool:
    """Whether a page that is made again has the blocks that were served, where they were."""
    placed = tuple((each.block, each.offset) for each in composition.insertions)
    return (
        placed == tuple(zip(row.blocks, row.offsets, strict=True)) and row.untouched == composition.untouched
    )
