"""A fault in any function of the proxy is one plain answer, or one that is seen to be cut off."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from typing import Final

import pytest

from newshole.http.pagecache import PageCache
from newshole.http.proxy import Proxy, Upstream
from tests.http.asgi import STORY, Client, asked
from tests.http.injection import Counting, Hook, InjectedError, Injector, faults, traced
from tests.http.pagecache.sites import Clock
from tests.http.proxy.origins import Origin, origin, repeats
from tests.waiting import until

ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n"
    b"Cache-Control: public, max-age=60, stale-if-error=600\r\n\r\n%b" % (len(STORY), STORY)
)
AROUND: Final = {"Proxy.__call__", "Proxy._refused", "Proxy._answer", "Giving.give", "Room.__exit__"}
"""What is around every `try`, and the one subtraction that gives a place back."""


class Reader(Client):
    """A client that stays until it has its answer."""

    def __init__(self) -> None:
        super().__init__()
        self.has_asked = False

    async def receive(self) -> dict[str, object]:
        if self.has_asked:
            await asyncio.get_running_loop().create_future()
        self.has_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}


@pytest.fixture(scope="module")
def site() -> Iterator[Origin]:
    with origin(repeats(ANSWER)) as found:
        yield found


def one_connection(site: Origin) -> Proxy:
    """A proxy that a request which leaves anything behind leaves without an answer."""
    return Proxy(Upstream(site.address, connections=1, waiting=0))


def is_whole(reader: Client) -> bool:
    is_ended = bool(reader.messages) and not reader.messages[-1].get("more_body", True)
    return is_ended and (reader.messages[0]["status"], reader.body) == (200, STORY)


async def broken(site: Origin, hook: Hook) -> str | None:
    """What is wrong with an answer in which something fails, or with the next; None for nothing."""
    proxy, has_raised = one_connection(site), False
    first, second = Reader(), Reader()
    try:
        with traced(hook):
            try:
                await proxy(asked(scheme="http"), first.receive, first.send)
            except InjectedError:
                has_raised = True
        await until(lambda: len(asyncio.all_tasks()) == 1)
        await proxy(asked(scheme="http"), second.receive, second.send)
    finally:
        await proxy.close()
    if not is_whole(second):
        return f"the next got {second.messages}"
    if has_raised:
        # Cut off, and the server knows it.
        return None if first.messages and first.messages[-1].get("more_body", True) else "raised"
    is_told = [each.get("status") for each in first.messages] == [502, None]
    is_counted = proxy.counts["proxy-fault"] == 1
    return None if is_whole(first) or (is_told and is_counted) else f"{first.messages} {proxy.counts}"


def injected(site: Origin) -> list[Injector]:
    counting = Counting()
    assert asyncio.run(broken(site, counting)) is None
    found = list(faults(counting, AROUND))
    assert len({each.code for each in found}) > 20
    return found


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")  # a fault while connections are first made
def test_a_fault_in_any_function_of_the_proxy_is_one_answer_or_one_that_is_cut_off(site: Origin) -> None:
    told = [f"{each}: {found}" for each in injected(site) if (found := asyncio.run(broken(site, each)))]
    gc.collect()
    assert told == [], "\n".join(told)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")  # a fault while connections are first made
def test_a_kept_page_stands_in_for_one_that_the_proxy_fails_to_fetch(site: Origin) -> None:
    async def stands_in(injector: Injector) -> bool:
        proxy, clock, reader = one_connection(site), Clock(), Reader()
        cache = PageCache(proxy, now=clock)
        try:
            await cache(asked(scheme="http"), Reader().receive, Client().send)
            clock.now += 100
            with traced(injector):
                await cache(asked(scheme="http"), reader.receive, reader.send)
        finally:
            await cache.close()
            await proxy.close()
        return is_whole(reader)

    told = [str(each) for each in injected(site) if not asyncio.run(stands_in(each))]
    gc.collect()
    assert told == []
