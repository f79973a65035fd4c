"""Switches in production: by what is published, by a file, and by time."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from newshole import Newshole
from newshole.live.switching import turn_off, turn_on
from newshole.types import Switch
from tests.http.asgi import STORY, asked, asks, page
from tests.http.published import NEW, OLD, RAW, ledger_at, release, shown, until_shown, until_told, worker
from tests.live.rules import FIRST, SECOND, written
from tests.store.servers import Server
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("_quiet")


@pytest.mark.slow
def test_a_switch_holds_and_ends_by_itself(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            now = time.time()
            await turn_off(ledger, (Switch("block", "spot", since=now, until=now + 2),), at=now)
            await until_shown(newshole, OLD[:2])
            await until_shown(newshole, OLD)
            assert time.time() > now + 2
            assert newshole.site.since >= now + 2
            await turn_off(ledger, (Switch("url", "/news/*", since=now),), at=now)
            await until_shown(newshole, RAW)
        await newshole.close()

    asyncio.run(serve())


def test_workers_with_rules_of_their_own_take_switches_too(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        file = written(tmp_path, FIRST)
        newshole = worker(redis, tmp_path, rules=file, watch=True)
        async with ledger_at(redis) as ledger:
            await release(ledger, SECOND)
            change = await turn_off(ledger, (Switch("kind", "html"),), at=time.time())
            await until_shown(newshole, RAW)
            await until_told(ledger, change, took=1)
            assert newshole.counts["nothing-placed"] > 0
            written(tmp_path, SECOND)
            digest = newshole.site.digest
            await until(lambda: newshole.site.digest != digest)
            assert await shown(newshole) == RAW
            await turn_on(ledger, (("kind", "html"),), at=time.time(), by="", reason="")
            await until_shown(newshole, NEW)
        await newshole.close()

    asyncio.run(serve())


def test_what_is_off_is_off_when_a_server_has_started(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path, rules=written(tmp_path, FIRST))
        assert newshole.desk is not None
        async with ledger_at(redis) as ledger:
            await turn_off(ledger, (Switch("all", reason="x"),), at=time.time())
        await newshole.desk.begin()
        assert [each.what for each in newshole.status.switches] == ["all"]
        assert await shown(newshole) == RAW
        await newshole.close()

    asyncio.run(serve())


def test_a_switch_file_alone_needs_no_redis_and_holds_from_the_first_request(tmp_path: Path) -> None:
    file = written(tmp_path, "off: [{section: City}, {block: spot}]\n", "off.yaml")
    rules = written(tmp_path, FIRST)
    newshole = Newshole(page(), rules=rules, switches=file)

    async def serve() -> None:
        assert await shown(newshole) == OLD[:2]
        assert [each.name for each in newshole.status.switches] == ["City", "spot"]
        await newshole.close()

    asyncio.run(serve())


def test_pages_that_are_off_go_on_message_by_message_with_their_own_headers(tmp_path: Path) -> None:
    file = written(tmp_path, "off: [{all: true}]\n", "off.yaml")
    headers = [(b"etag", b'"a"'), (b"last-modified", b"Thu, 01 Jan 2026 00:00:00 GMT"), (b"x-newshole", b"x")]
    app = page(STORY, *headers)
    newshole = Newshole(app, rules=written(tmp_path, FIRST), switches=file)

    async def serve() -> None:
        for method in ("GET", "HEAD"):
            client = await asks(newshole, asked(method=method))
            assert client.body == STORY
            assert client.header(b"etag") == b'"a"'
            assert client.header(b"last-modified") is not None
            assert client.header(b"content-length") == b"%d" % len(STORY)
            assert client.header(b"x-newshole") is None
        assert newshole.counts == {"switched-off": 2}
        await newshole.close()

    asyncio.run(serve())


def revalidating(content: bytes = STORY) -> ASGIApp:
    """An app with an entity tag and a date of its own, which answers conditions with 304."""
    date = b"Thu, 01 Jan 2026 00:00:00 GMT"

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        same = headers.get(b"if-none-match") == b'"a"' or headers.get(b"if-modified-since") == date
        own = [(b"content-type", b"text/html"), (b"etag", b'"a"'), (b"last-modified", date)]
        await send({"type": "http.response.start", "status": 304 if same else 200, "headers": own})
        await send({"type": "http.response.body", "body": b"" if same else content})

    return app


def test_a_page_from_before_a_switch_is_never_taken_for_the_one_after_it(tmp_path: Path) -> None:
    newshole = Newshole(revalidating(), rules=written(tmp_path, FIRST), switches=tmp_path / "off.yaml")
    accept = (b"accept", b"text/html")

    async def again(tag: bytes) -> int:
        client = await asks(newshole, asked(headers=[accept, (b"if-none-match", tag)]))
        return int(client.messages[0]["status"])

    async def serve() -> None:
        assert newshole.desk is not None
        board = newshole.desk.board
        switched: list[tuple[Switch, ...]] = [(), (Switch("block", "spot"),), (Switch("all"),), ()]
        tags: list[bytes] = []
        for off in switched:
            board.say("file", off, time.time())
            client = await asks(newshole, asked(headers=[accept]))
            tag = client.header(b"etag")
            assert tag is not None
            for old in tags:
                assert await again(old) == (304 if old == tag else 200)
            tags.append(tag)
        assert len(set(tags)) == 3
        assert await again(tags[0]) == 304
        await newshole.close()

    asyncio.run(serve())
