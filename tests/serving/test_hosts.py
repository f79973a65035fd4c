"""Which site answers a request, and that each one's lifespan runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole.serving.hosts import Hosts
from tests.http.asgi import ask, asked, body, sending, start


def named(name: bytes) -> ASGIApp:
    """An app that answers with its name."""
    return sending(start(), body(name))


SITES = Hosts(
    [
        (("news.example", "*.news.example"), named(b"news")),
        (("[2001:db8::1]",), named(b"six")),
        ((), named(b"others")),
    ]
)


def answer(app: ASGIApp, *hosts: bytes) -> tuple[int, bytes]:
    """Status and body for a request with these `Host` headers."""
    client = ask(app, {**asked(), "headers": [(b"host", each) for each in hosts]})
    return client.messages[0]["status"], client.body


@pytest.mark.parametrize(
    ("host", "site"),
    [
        (b"news.example", b"news"),
        (b"NEWS.example:8000", b"news"),
        (b"news.example.", b"news"),
        (b"www.news.example", b"news"),
        (b"oldnews.example", b"others"),
        (b"[2001:db8::1]:8000", b"six"),
        (b"", b"others"),
    ],
)
def test_a_request_goes_to_the_site_of_its_host(host: bytes, site: bytes) -> None:
    assert answer(SITES, host) == (200, site)


def test_a_request_with_several_hosts_is_of_none() -> None:
    assert answer(SITES, b"news.example", b"[2001:db8::1]") == (200, b"others")
    assert answer(SITES) == (200, b"others")


def test_a_host_of_no_site_is_told_so() -> None:
    status, told = answer(Hosts([(("news.example",), named(b"news"))]), b"other.example")
    assert (status, told) == (421, b"No site is served here under this name.\n")


class Living:
    """An app whose lifespan is noted; it fails to start where it has a `fault`."""

    def __init__(self, noted: list[str], name: str, fault: str | Exception | None = None) -> None:
        self.noted, self.name, self.fault = noted, name, fault

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        if isinstance(self.fault, Exception):
            raise self.fault
        if self.fault is not None:
            await send({"type": "lifespan.startup.failed", "message": self.fault})
            return
        self.noted.append(f"{self.name} starts")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.noted.append(f"{self.name} ends")
        await send({"type": "lifespan.shutdown.complete"})


def live(apps: Iterable[ASGIApp]) -> list[Message]:
    """What is said of a start and an end."""
    said: list[Message] = []
    events = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(events)

    async def send(message: Message) -> None:
        said.append(message)

    hosts = Hosts(((f"{n}.example",), app) for n, app in enumerate(apps))
    asyncio.run(hosts({"type": "lifespan", "asgi": {}}, receive, send))
    return said


def test_every_site_starts_and_ends() -> None:
    noted: list[str] = []
    said = live([Living(noted, "a"), Living(noted, "b")])
    assert [each["type"] for each in said] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert sorted(noted) == ["a ends", "a starts", "b ends", "b starts"]


@pytest.mark.parametrize(("fault", "told"), [("no rules", "no rules"), (OSError("gone"), "OSError('gone')")])
def test_where_one_site_does_not_start_the_others_end(fault: str | Exception, told: str) -> None:
    noted: list[str] = []
    said = live([Living(noted, "a"), Living(noted, "b", fault)])
    assert said == [{"type": "lifespan.startup.failed", "message": told}]
    assert noted == ["a starts", "a ends"]
