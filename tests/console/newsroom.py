"""A newsroom at work: the demo's paper on a server of its own, workers in front of it that share a file, and
the console beside them, with somebody in each role."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx
from argon2 import PasswordHasher
from starlette.types import ASGIApp

from newshole import Newshole
from newshole.console.app import console_app
from newshole.console.desk import Desk
from newshole.console.pages import Pages
from newshole.console.screens import SCREENS
from newshole.console.site import ConsoleSite
from newshole.demo.app import RULES
from newshole.demo.origin import origin
from newshole.http.proxy import Proxy
from newshole.live.ledger import Ledger
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.shared import open_shared
from newshole.live.publishing import seed
from newshole.live.source import gather
from newshole.serving.settings import Console, Role, User
from newshole.store.archive import open_archive
from tests.http.servers import serving
from tests.waiting import PATIENCE, eventually

T = TypeVar("T")

SECRET: Final = "of the newsroom"  # noqa: S105 - of tests alone
PASSWORD: Final = "seven cutters"  # noqa: S105 - the same
STORY: Final = "/business/night-ferries-return"

_HASH: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
PEOPLE: Final[dict[str, Role]] = {"anna": "publisher", "ed": "editor", "vi": "viewer"}
"""Who may sign in, each with `PASSWORD`."""

TOKEN: Final = re.compile(r'name="x_csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Newsroom:
    """Where everything is: the paper itself, its `workers`, the `console`, the archive that they share,
    and the workers' journal."""

    paper: str
    workers: tuple[str, ...]
    console: str
    archive: str
    journal: Path

    def ledger(self) -> Ledger:
        """The log, for an event loop of one's own; close its archive."""
        return Ledger(open_archive(self.archive), "site", SECRET.encode())

    def at(self, work: Callable[[Ledger], Awaitable[T]]) -> T:
        """What somebody does at the log."""

        async def run() -> T:
            ledger = self.ledger()
            try:
                return await work(ledger)
            finally:
                await ledger.archive.close()

        return apart(run())

    def screen(self, path: str) -> str:
        """The address of a screen, such as "audit"."""
        return f"{self.console}/_newshole/site/{path}"

    @contextmanager
    def signed_in(self, name: str = "anna") -> Iterator[httpx.Client]:
        """A client of the console in which somebody is signed in, which sends the token of their forms."""
        with httpx.Client(base_url=self.console, follow_redirects=True, timeout=PATIENCE) as client:
            answer = client.post("/_newshole/sign-in", data={"name": name, "password": PASSWORD})
            token = TOKEN.search(answer.text)
            assert token is not None, answer.text
            client.headers["x-csrf-token"] = token[1]
            yield client


def apart(work: Coroutine[None, None, T]) -> T:
    """What comes of some work in a thread of its own, for a browser has the loop of this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@contextmanager
def newsroom(
    folder: Path,
    *,
    rules: Path = RULES,
    workers: int = 1,
    own: ASGIApp | None = None,
    redis: str | None = None,
    switches: Path | None = None,
    warehouse: Path | None = None,
    shadow: bool = False,
) -> Iterator[Newsroom]:
    """A newsroom whose rules, the demo's own unless others are given, are published in `redis`, or in a file
    in `folder`; its workers and the console have a switch file, where one is named. Its paper is the demo's,
    or an app of one's `own`, and events are read from `warehouse`. Workers in `shadow` mode are not waited
    for."""
    archive = redis or str(folder / "archive")
    apart(_begin(archive, rules))
    with ExitStack() as stack:
        paper = stack.enter_context(serving(own or origin()))
        journal = folder / "journal.db"
        fronts = [
            _worker(paper, archive, folder / f"worker-{n}", switches=switches, journal=journal, shadow=shadow)
            for n in range(workers)
        ]
        at = [stack.enter_context(serving(each)) for each in fronts]
        for each in at:
            if not shadow:
                _wait(each)
        home = f"http://{urlsplit(at[0]).netloc}/" if at else f"{paper}/"
        follower = _worker(paper, archive, folder / "console")
        ledger = Ledger(open_archive(archive), "site", SECRET.encode())
        site = ConsoleSite(
            "site",
            follower,
            Pages(follower.app, (), home),
            ledger,
            switches=switches,
            journal=JournalFile(journal),
            shared=None if redis is None else open_shared(redis, "site", SECRET.encode()),
            warehouse=warehouse,
        )
        users = tuple(User(name, _HASH, (("*", role),)) for name, role in PEOPLE.items())
        console = stack.enter_context(serving(console_app(Desk([site], Console(users=users), SCREENS))))
        yield Newsroom(paper, tuple(at), console, archive, journal)


def _worker(paper: str, archive: str, state: Path, **more: Any) -> Newshole:
    return Newshole(Proxy(paper), rules="published", archive=archive, secret=SECRET, state=state, **more)


async def _begin(archive: str, rules: Path) -> None:
    ledger = Ledger(open_archive(archive), "site", SECRET.encode())
    await seed(ledger, gather(rules), clock=time.time)
    await ledger.archive.close()


def _wait(worker: str) -> None:
    """Wait until a worker has the rules that are published."""
    eventually(lambda: "data-newshole=" in httpx.get(worker + STORY, timeout=PATIENCE).text)
