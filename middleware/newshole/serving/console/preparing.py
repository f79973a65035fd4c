"""A console beside the workers: who may open it, where rules are published then, and the first version."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from newshole.errors import UsageError
from newshole.http.rules import PUBLISHED
from newshole.live.appending import ConflictError, read_log
from newshole.live.disk import StateFile, state_folder
from newshole.live.ledger import NAME, Ledger
from newshole.live.publishing import seed
from newshole.live.source import Source, gather
from newshole.serving.console.passwords import is_hash
from newshole.serving.listeners import address_of
from newshole.serving.settings import EVERY_SITE, Console, Settings, SiteSettings, User
from newshole.store import StoreError

log = logging.getLogger("newshole")

PASSWORD: Final = "NEWSHOLE_CONSOLE_PASSWORD"  # noqa: S105 - the name of a variable
"""The environment variable with the hash of a password, for one who may do everything."""

ADMIN: Final = "admin"
"""The name that goes with it."""

ARCHIVE: Final = "archive"
"""The file in the state folder that rules are published in where nothing else is said."""

NOBODY: Final = (
    "the console has nobody who may sign in: make a hash with newshole console password, and write it to "
    f"console.users in the settings, or for the name {ADMIN} to {PASSWORD}"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line and the environment say of the console, over the settings; None for nothing."""

    is_here: bool = False
    host: str | None = None
    port: int | None = None
    password: str | None = None


def with_console(settings: Settings, asked: Asked) -> Settings:
    """The settings with the console that is asked for; where there is one, with a place to publish in.

    Raises UsageError where nobody could sign in to one that runs here, or two sites have one name.
    """
    if settings.console is None and not asked.is_here:
        return settings
    console = settings.console or Console(trusted=settings.trusted)
    console = replace(
        console,
        host=asked.host or console.host,
        port=console.port if asked.port is None else asked.port,
        users=(*console.users, *_admin(asked.password)),
    )
    if asked.is_here and not console.users and console.identity is None:
        raise UsageError(NOBODY)
    _check_names(settings.sites)
    archive = settings.archive
    if archive is None and settings.redis is None:
        archive = str(_state(settings) / ARCHIVE)
    return replace(settings, console=console, archive=archive)


def _check_names(sites: Sequence[SiteSettings]) -> None:
    names = list(map(ledger_name, sites))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f'{names.count(twice[0])} sites are called "{twice[0]}": the console needs a name for each'
        )


def _admin(password: str | None) -> tuple[User, ...]:
    if not password:
        return ()
    if not is_hash(password):
        raise UsageError(f"{PASSWORD} is no hash of a password: make one with newshole console password")
    return (User(ADMIN, password, ((EVERY_SITE, "publisher"),)),)


def _state(settings: Settings) -> Path:
    return state_folder() if settings.state is None else Path(settings.state)


def ledger_name(site: SiteSettings) -> str:
    """What a site's rules are published under, which is its name in the console."""
    word, _, named = site.rules.partition(":")
    return site.name or (named if word == PUBLISHED else "") or NAME


def home_of(site: SiteSettings, settings: Settings) -> str:
    """The address that readers find a site at: as the console's settings have it, else by its first host,
    else where newshole itself listens."""
    homes = dict(settings.console.homes) if settings.console else {}
    given = homes.get(ledger_name(site))
    if given is not None:
        return f"{given.rstrip('/')}/"
    if site.hosts:
        return f"https://{min(site.hosts, key=lambda host: '*' in host).replace('*', 'www')}/"
    listening = settings.listening
    if listening.unix is not None:
        return "http://localhost/"
    return f"{address_of(listening.host, listening.port)}/"


def publish_first(settings: Settings) -> Settings:
    """Where there is a console, publish the rules of files whose site has none published yet: the settings in
    which every site takes what is published.

    What is published already stays; where it is not what the files say, that is told in the log. A site whose
    log cannot be asked begins with what was published last, and where that is not known keeps its files.
    Raises UsageError where rules cannot be published.
    """
    if settings.console is None:
        return settings
    sites = asyncio.run(_published(settings))
    return replace(settings, sites=tuple(sites))


async def _published(settings: Settings) -> Sequence[SiteSettings]:
    from newshole.store.archive import open_archive

    address = settings.archive or settings.redis or ""
    archive = open_archive(address)
    try:
        found = []
        for site in settings.sites:
            ledger = Ledger(archive, ledger_name(site), settings.secret.encode())
            found.append(await _with_first(site, ledger, settings, address))
        return found
    finally:
        await archive.close()


async def _with_first(site: SiteSettings, ledger: Ledger, settings: Settings, address: str) -> SiteSettings:
    published = replace(site, rules=PUBLISHED, name=ledger.name)
    if site.rules.partition(":")[0] == PUBLISHED:
        return published
    source = gather(site.rules)
    try:
        with suppress(ConflictError):  # another one that starts has published the first version
            if await seed(ledger, source, clock=time.time) is None:
                await _tell_difference(site, ledger, source)
    except StoreError as error:
        kept = StateFile(_state(settings), ledger.name, address, ledger.secret).file
        served = "what was published last" if kept.exists() else f"{site.rules}, and follows nothing"
        log.error("what is published cannot be asked (%s): %s serves %s", error, ledger.name, served)
        return published if kept.exists() else site
    return published


async def _tell_difference(site: SiteSettings, ledger: Ledger, source: Source) -> None:
    """Tell where what is published is not what the files say."""
    _, state = await read_log(ledger)
    if state.version is not None and state.version.digest != source.digest:
        log.warning(
            "%s serves the version %s that was published, not what %s says now: newshole publish puts that "
            "into service",
            ledger.name,
            state.version.digest[:8],
            site.rules,
        )
