"""A console for tests of its door: a clock that is set, and sites that are never asked for a page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from newshole import Newshole
from newshole.console.access.keys import OnceKey
from newshole.console.app import console_app
from newshole.console.desk import Desk
from newshole.console.pages import Pages
from newshole.console.screens import SCREENS
from newshole.console.site import ConsoleSite
from newshole.console.visit import Screen
from newshole.demo.origin import origin
from newshole.live.audit import Act, Audit
from newshole.live.ledger import Ledger
from newshole.serving.settings import Console, Identity, Role, User
from newshole.store.archive import open_archive
from tests.http.servers import serving

PASSWORD = "seven cutters"  # noqa: S105 - of tests alone
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
OTHER_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("other cutters")


_WHO = re.compile(r"<strong>([^<]+)</strong>(?:<span>)?, (\w+)")


def who(screen: str) -> tuple[str, str] | None:
    """The name and the role that a screen shows, None where it is none."""
    found = _WHO.search(screen)
    return None if found is None else (found[1], found[2])


def open_every_screen(client: httpx.Client, screen: str) -> int:
    """How many screens the menu of a screen leads to, each of which is there."""
    paths = re.findall(r'<li><a href="(/_newshole/[^"]+)"', screen)
    for path in paths:
        assert client.get(path).status_code == 200, path
    return len(paths)


def user(name: str, *roles: tuple[str, Role], password: str = HASH) -> User:
    return User(name, password, roles or (("*", "publisher"),))


@dataclass(slots=True)
class Clock:
    """Seconds from 1970, as a test sets them."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class Door:
    """A console that is open at `address`."""

    address: str
    desk: Desk
    clock: Clock = field(default_factory=Clock)

    def client(self, **more: object) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=30, **more)  # type: ignore[arg-type]

    def sign_in(
        self,
        client: httpx.Client,
        name: str = "anna",
        password: str = PASSWORD,
        *,
        back: str = "",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """What somebody gets who sends their name and password."""
        form = {"name": name, "password": password}
        return client.post("/_newshole/sign-in", params={"back": back}, data=form, headers=headers)


@contextmanager
def door(
    folder: Path,
    *users: User,
    sites: Sequence[str] = ("news", "mag"),
    screens: Sequence[Screen] = SCREENS,
    public: str | None = None,
    identity: Identity | None = None,
    trusted: Sequence[str] = (),
    key: OnceKey | None = None,
    archive: str | None = None,
) -> Iterator[Door]:
    """A console of some sites, which keeps its files in a folder, or what it keeps in another archive."""
    clock, archive, paper = Clock(), archive or str(folder / "archive"), origin()
    found = [
        ConsoleSite(
            name,
            Newshole(paper, rules="published", archive=archive, name=name, state=folder),
            Pages(paper, (), "http://paper.example/"),
            Ledger(open_archive(archive), name),
            clock=clock,
        )
        for name in sites
    ]
    settings = Console(public=public, users=users, identity=identity, trusted=tuple(trusted))
    desk = Desk(found, settings, screens, key=key, clock=clock)
    with serving(console_app(desk), proxy_headers=False) as address:
        yield Door(address, desk, clock)


def acts(folder: Path, site: str = "news") -> list[Act]:
    """What the audit of a site tells."""

    async def read() -> list[Act]:
        archive = open_archive(str(folder / "archive"))
        try:
            return [each.act for each in await Audit(Ledger(archive, site)).read() if each.act is not None]
        finally:
            await archive.close()

    return asyncio.run(read())
