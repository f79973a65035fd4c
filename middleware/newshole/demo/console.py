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
from newshole.demo.files import archive_in, journal_in, library_in, warehouse_in
from newshole.demo.origin import origin
from newshole.demo.past import remember
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


MADE_UP: Final = (
    "The readers of the last two weeks are made up. It is known what the report should find: with no ad in "
    "its first half, a story is read to its end more often by 30%; what an ad is called changes nothing."
)
COUNTED: Final = "What you do on the demo’s pages counts within about a minute, from the second page on."


async def begin(folder: Path, rules: str | Path | None, secret: str) -> None:
    """Publish the rules that the demo begins with: its own, which have a past, where none are named."""
    ledger = _ledger(folder, secret)
    try:
        if rules is None:
            await remember(ledger, time.time())
        else:
            await seed(ledger, gather(rules), clock=time.time)
    finally:
        await ledger.archive.close()


def demo_console(folder: Path, *, home: str, secret: str, key: OnceKey, remark: str = "") -> ASGIApp:
    """The console of the demo that is at `home` and keeps its files in a folder; `remark` says of its figures
    what is to be known."""
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
    site = ConsoleSite(
        SITE,
        follower,
        pages,
        _ledger(folder, secret),
        journal=journal,
        warehouse=warehouse_in(folder),
        remark=remark,
    )
    return console_app(Desk([site], SETTINGS, SCREENS, key=key))


def remark_of(*, is_crowded: bool, is_counted: bool) -> str:
    """What is to be known of the figures: whose they are."""
    return " ".join([MADE_UP] * is_crowded + [COUNTED] * is_counted)


def _ledger(folder: Path, secret: str) -> Ledger:
    return Ledger(open_archive(archive_in(folder)), SITE, secret.encode())
