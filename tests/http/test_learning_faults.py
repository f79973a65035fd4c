"""A fault in any function of the library, at any time: readers get whole pages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from newshole import Newshole, Site
from newshole.http import learning
from newshole.library import exchange
from tests.http.asgi import Client, asks, page
from tests.http.injection import SHELL, Counting, Hook, InjectedError, Injector, faults, traced, wrong
from tests.http.learned import get, load
from tests.library.stories import story

OURS = ("library", "learnable.py", "learning.py")
AROUND = {*SHELL, "LibraryDesk.close", "Newshole.close"}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    for module, name, value in (
        (learning, "PAUSE", 0.001), (learning, "COUNTED_EVERY", 0.0), (exchange, "AGAIN", 0.0),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr("newshole.site.LOOK", 0.0)
    caplog.set_level(logging.CRITICAL + 1, "newshole")


def asked(newshole: Newshole, hook: Hook) -> list[Client]:
    """Three answers, with some rounds of the desk between them."""
    clients: list[Client] = []

    async def ask() -> None:
        with traced(hook):
            for _ in range(3):
                clients.append(await asks(newshole, get()))
                await asyncio.sleep(0.02)
        await newshole.close()

    asyncio.run(ask())
    return clients


def ours(counting: Counting) -> Iterator[Injector]:
    for injector in faults(counting, AROUND):
        path = Path(injector.code.co_filename)
        if path.name in OURS or path.parent.name in OURS:
            yield injector


def broken(newshole: Newshole, injector: Injector, pages: set[bytes]) -> str | None:
    try:
        clients = asked(newshole, injector)
    except InjectedError:
        return f"{injector}: raised"
    found = [told for client in clients if (told := wrong(client, pages))]
    return f"{injector}: {found[0]}" if found else None


@pytest.mark.slow
def test_a_fault_in_any_function_of_the_library_fails_no_page(tmp_path: Path) -> None:
    site = load(tmp_path)
    numbers = iter(range(10_000))

    def ready() -> Newshole:
        file = tmp_path / f"library-{next(numbers)}.db"
        return Newshole(page(story()), site=Site(*site.rules), library=file)

    counting = Counting()
    whole = {client.body for client in asked(ready(), counting)} | {story()}
    injected = list(ours(counting))
    assert len({each.code.co_qualname for each in injected}) > 40
    assert [told for each in injected if (told := broken(ready(), each, whole))] == []
