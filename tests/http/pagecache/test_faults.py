"""A fault in any function, at any await, of newshole over a page cache: every reader gets a whole page.

What is asked for runs in one event loop: requests as they come before, then some with the fault in them, what
runs behind them too, and then one more, which has to find everything as it should be.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from newshole import Newshole
from newshole import Site as Rules
from newshole.http.pagecache.shelf import MOST_PAGES
from newshole.store import GuardedStore, Lru
from newshole.store.redis import open_redis
from tests.http.asgi import STORY, Client, asked, asks
from tests.http.injection import SHELL, Counting, Hook, InjectedError, Injector, faults, traced, wrong
from tests.http.pagecache.sites import TAG, URL, Case, control, cookie
from tests.store.servers import Server, running
from tests.waiting import until

AROUND: Final = SHELL | {
    "PageCache.__call__", "Fetch.__call__", "Fetch.end", "Fetch._fail", "passing.<locals>.send_passed",
    "Tracer.follow", "Trace.send", "Trace.tag", "Trace.end", "Trace.log",
    "TracedResponder.__init__",
    "TracedResponder.take", "TracedResponder.let_go", "TracedFastResponder.begin",
    "TracedFastResponder.recall", "Responder.is_open", "muted", "muted.<locals>.send_muted",
}  # fmt: skip
"""What is around every `try` here: it hands on what others made."""

CARRYING: Final = {
    "PageCache._serve", "PageCache._answer", "PageCache._miss", "PageCache._revalidate", "PageCache._give",
    "PageCache._lead", "PageCache._pass", "PageCache._pass_refused", "Origin.lead", "Exchange.ask",
    "Exchange.answer",
}  # fmt: skip
"""What awaits the site, or the reader who is sent something."""

SECRET: Final = "of the newsroom"  # noqa: S105 - an example
STALE: Final = control("public, max-age=60, stale-while-revalidate=600, stale-if-error=600")


class Stack:
    """A site, a page cache before it, and newshole before that."""

    def __init__(self, rules: Path, redis: Server | None) -> None:
        store = None if redis is None else GuardedStore(open_redis(redis.url), deadline=0.5)
        self.case = Case(STALE, TAG, store=store, secret=SECRET)
        self.newshole = Newshole(
            self.case.cache, site=Rules.load(rules), log="logging", surrogate="Surrogate-Key", secret=SECRET
        )
        self.is_shared = redis is not None

    def has_attended(self) -> bool:
        """Whether what others purged is known; where Redis was too slow to tell, it is asked again."""
        purge_log = self.case.cache.purge_log
        purge_log.attend()
        return purge_log.is_shared

    async def ask(self, *headers: tuple[bytes, bytes], method: str = "GET") -> Client:
        """One request, answered."""
        return await asks(self.newshole, asked(headers=headers, method=method))

    async def settle(self) -> None:
        """Let what runs in the background come to its end."""
        for _ in range(20):
            await asyncio.sleep(0)
        if self.is_shared:
            await asyncio.sleep(0.002)

    async def close(self) -> None:
        await self.newshole.close()
        await self.case.cache.close()


Asking: TypeAlias = Callable[[Stack], Awaitable[list[Client]]]


async def miss(stack: Stack) -> list[Client]:
    return [await stack.ask()]


async def several(stack: Stack) -> list[Client]:
    async def wait() -> None:
        await asyncio.sleep(0.001)

    stack.case.site.hold = wait
    return list(await asyncio.gather(*(stack.ask() for _ in range(3))))


async def hit(stack: Stack) -> list[Client]:
    return [await stack.ask()]


async def another(stack: Stack) -> list[Client]:
    """As another worker would, which has kept nothing itself."""
    stack.case.cache.shelf.pages = Lru(MOST_PAGES, stack.case.cache.settings.memory)
    return [await stack.ask()]


async def behind(stack: Stack) -> list[Client]:
    stack.case.clock.now += 100
    return [await stack.ask()]


async def revalidated(stack: Stack) -> list[Client]:
    stack.case.clock.now += 700
    return [await stack.ask()]


async def wanted_anew(stack: Stack) -> list[Client]:
    return [await stack.ask(control("no-cache"))]


async def with_a_cookie(stack: Stack) -> list[Client]:
    return [await stack.ask(cookie("a=b"))]


async def written_to(stack: Stack) -> list[Client]:
    return [await stack.ask(method="POST")]


SEEN: Final[tuple[tuple[Asking, int], ...]] = (
    (miss, 0), (several, 0), (with_a_cookie, 0), (hit, 1), (hit, 3), (behind, 1), (revalidated, 1),
    (wanted_anew, 1), (written_to, 1),
)  # fmt: skip

SHARED_SEEN: Final[tuple[tuple[Asking, int], ...]] = (
    (miss, 0), (another, 1), (behind, 1), (written_to, 1),
)  # fmt: skip


@asynccontextmanager
async def stacked(rules: Path, redis: Server | None, seen: int) -> AsyncIterator[Stack]:
    """A stack that answered so many requests, in this event loop."""
    if redis is not None:
        redis.ask("FLUSHALL")
    stack = Stack(rules, redis)
    try:
        if redis is not None:
            await until(stack.has_attended)
        for _ in range(seen):
            await stack.ask()
        await stack.settle()
        yield stack
    finally:
        await stack.close()


async def tried(asking: Asking, stack: Stack, hook: Hook, pages: tuple[bytes, ...]) -> list[str | None]:
    """What is wrong where these requests have the hook in them, and after them; each None for nothing."""
    with traced(hook):
        clients = await asking(stack)
        await stack.settle()
    stack.case.site.hold = None
    # Whatever came to nothing is not left alone for ever.
    clients.append(await stack.ask())
    return [wrong(client, pages) for client in clients]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("redis"))
    with running(found):
        yield found


async def counted(asking: Asking, rules: Path, redis: Server | None, seen: int) -> Counting:
    """What is called while nothing fails."""
    counting = Counting()
    async with stacked(rules, redis, seen) as stack:
        assert not any(await tried(asking, stack, counting, (STORY, composed(stack))))
    return counting


def composed(stack: Stack) -> bytes:
    return stack.newshole.site.compose(STORY, url=URL).html


async def broken(
    asking: Asking, rules: Path, redis: Server | None, seen: int, injector: Injector
) -> list[str]:
    """What a fault broke."""
    async with stacked(rules, redis, seen) as stack:
        try:
            found = await tried(asking, stack, injector, (STORY, composed(stack)))
        except InjectedError:
            found = ["raised"]
    return [f"{injector}: {each}" for each in found if each]


@pytest.mark.slow
@pytest.mark.parametrize(("asking", "seen"), SEEN)
def test_a_fault_in_any_function_fails_no_request(
    asking: Asking, seen: int, rules: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    with caplog.at_level(logging.INFO, "newshole"):
        for each in faults(asyncio.run(counted(asking, rules, None, seen)), AROUND, CARRYING):
            told += asyncio.run(broken(asking, rules, None, seen, each))
            caplog.clear()
    assert told == [], "\n".join(told)


@pytest.mark.slow
@pytest.mark.parametrize(("asking", "seen"), SHARED_SEEN)
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_a_fault_in_any_function_that_a_store_needs_fails_no_request(
    asking: Asking, seen: int, rules: Path, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    with caplog.at_level(logging.INFO, "newshole"):
        others = asyncio.run(counted(asking, rules, None, seen))
        counting = asyncio.run(counted(asking, rules, server, seen))
        for code in others.calls:
            del counting.calls[code]
        assert counting.calls
        for each in faults(counting, AROUND, CARRYING):
            told += asyncio.run(broken(asking, rules, server, seen, each))
            caplog.clear()
        gc.collect()
    assert told == [], "\n".join(told)
