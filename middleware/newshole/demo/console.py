"""The demo's console: for whoever starts the demo, on a file that lasts as long as it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp

from newshole import Newshole
from newshole.console.access.keys import OnceKey
from newshole.console.app import console_app
from newshole.console.desk import Desk
from newshole.console.pages import Pages
from newshole.console.screens import SCREENS
from newshole.console.site import ConsoleSite
from newshole.demo.files import archive_in, journal_in, library_in
from newshole.demo.origin import origin
from newshole.http.rules import PUBLISHED
from newshole.live.ledger import Ledger
from newshole.live.past.journal_file import JournalFile
from newshole.live.publishing import seed
from newshole.live.source import gather
from newshole.serving.settings import EVERY_SITE, Console, User
from newshole.store.archive import open_archive

NAME: Final = "demo"
"""Who the demo's link signs in."""

SITE: Final = "site"

SETTINGS: Final = Console(users=(User(NAME, "", ((EVERY_SITE, "publisher"),)),))


async def begin(folder: Path, rules: str | Path, secret: str) -> None:
    """Publish the rules that the demo begins with."""
    ledger = _ledger(folder, secret)
    try:
        await seed(ledger, gather(rules), clock=time.time)
    finally:
        await ledger.archive.close()


def demo_console(folder: Path, *, home: str, secret: str, key: OnceKey) -> ASGIApp:
    """The console of the demo that is at `home` and keeps its files in a folder."""
    newspaper = origin()
    follower = Newshole(
        newspaper,
        rules=PUBLISHED,
        archive=archive_in(folder),
        library=library_in(folder),
        state=folder,
        secret=secret,
    )
    journal = JournalFile(journal_in(folder))
    pages = Pages(newspaper, (), home)
    site = ConsoleSite(SITE, follower, pages, _ledger(folder, secret), journal=journal)
    return console_app(Desk([site], SETTINGS, SCREENS, key=key))


def _ledger(folder: Path, secret: str) -> Ledger:
    return Ledger(open_archive(archive_in(folder)), SITE, secret.encode())
