"""Pages of a version that is staged beside another: their caches, tags, readers and counts."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from newshole import Newshole
from newshole.cdn.tags import rules_tag
from newshole.live.entries import Unit
from newshole.live.source import load_site
from newshole.live.staging.stage import Stage
from tests.http.asgi import STORY, Client, asked, asks
from tests.http.published import (
    PATHS,
    TEXT,
    new_at,
)
from tests.live.rules import FIRST, SECOND, source_of

BY_COOKIE = "vary: {id: {cookie: who}}\n"
BY_HEADER = "vary: {id: X-Who}\n"
BY_EDGE = "vary: {arms: X-Arms}\n"


def staging(texts: tuple[str, str], share: float, unit: Unit, **more: object) -> Newshole:
    """A worker of its own that has two versions ready."""
    sites = [load_site(source_of(text)) for text in texts]
    newshole = Newshole(revalidating, site=sites[0], **more)  # type: ignore[arg-type]  # as each test says
    newshole.stage = Stage(sites[1], source_of(texts[1]).digest, share, unit)
    return newshole


async def revalidating(scope: Scope, _receive: Receive, send: Send) -> None:
    """A page that its site lets all caches keep, and that has a tag and a date."""
    same = dict(scope["headers"]).get(b"if-none-match") == b'"a"'
    own = [
        (b"content-type", b"text/html"),
        (b"etag", b'"a"'),
        (b"cache-control", b"public, max-age=600"),
    ]
    await send({"type": "http.response.start", "status": 304 if same else 200, "headers": own})
    await send({"type": "http.response.body", "body": b"" if same else STORY})


def texts_of(client: Client) -> set[bytes]:
    return set(TEXT.findall(client.body))


def test_each_page_has_the_tag_of_the_rules_that_it_was_composed_by() -> None:
    newshole = staging((FIRST, SECOND), 50, "url", surrogate="Surrogate-Key")
    assert newshole.stage is not None
    tags = {b"first": rules_tag(newshole.site.digest), b"second": rules_tag(newshole.stage.site.digest)}

    async def serve() -> None:
        met: set[bytes] = set()
        for path in PATHS * 2:
            client = await asks(newshole, asked(path))
            (text,) = texts_of(client)
            written = (client.header(b"surrogate-key") or b"").decode().split()
            assert [each for each in written if each.startswith("nh-rules-")] == [tags[text]]
            met.add(text)
        assert met == set(tags)
        await newshole.close()

    asyncio.run(serve())


def test_a_page_that_went_over_is_not_taken_for_the_one_before() -> None:
    newshole = staging((FIRST, SECOND), 30, "url")

    async def status(path: str, tag: bytes) -> int:
        headers = [(b"accept", b"text/html"), (b"if-none-match", tag)]
        client = await asks(newshole, asked(path, headers=headers))
        return int(client.messages[0]["status"])

    async def serve() -> None:
        before = {path: await asks(newshole, asked(path)) for path in PATHS}
        assert newshole.stage is not None
        tags = {path: client.header(b"etag") or b"" for path, client in before.items()}
        for path in PATHS:
            assert await status(path, tags[path]) == 304
        newshole.stage = Stage(newshole.stage.site, newshole.stage.digest, 70, "url")
        moved = 0
        for path, client in before.items():
            after = await asks(newshole, asked(path))
            is_moved = texts_of(after) != texts_of(client)
            moved += is_moved
            assert await status(path, tags[path]) == (200 if is_moved else 304)
        assert moved
        await newshole.close()

    asyncio.run(serve())


def test_by_address_pages_stay_public_and_by_reader_they_are_private() -> None:
    async def control(unit: Unit, vary: str) -> set[tuple[bytes | None, bool]]:
        newshole = staging((FIRST, SECOND + vary), 50, unit)
        found = set()
        for path in PATHS:
            client = await asks(newshole, asked(path))
            named = b"x-who" in (client.header(b"vary") or b"").lower()
            found.add((client.header(b"cache-control"), named))
        await newshole.close()
        return found

    public, private = b"public, max-age=600", b"private, max-age=600"
    assert asyncio.run(control("url", BY_COOKIE)) == {(public, False)}
    assert asyncio.run(control("reader", BY_COOKIE)) == {(private, False)}
    assert asyncio.run(control("reader", BY_HEADER)) == {(public, True)}


def test_by_reader_each_reader_gets_one_version_on_every_page_and_who_has_no_id_the_old_one() -> None:
    newshole = staging((FIRST, SECOND + BY_COOKIE), 50, "reader")

    async def serve() -> None:
        seen: set[bytes] = set()
        for reader in range(30):
            cookie = [(b"cookie", b"who=%d" % reader)]
            found = [texts_of(await asks(newshole, asked(path, headers=cookie))) for path in PATHS[:3]]
            assert found[0] == found[1] == found[2]
            seen |= found[0]
        assert seen == {b"first", b"second"}
        assert texts_of(await asks(newshole, asked())) == {b"first"}
        await newshole.close()

    asyncio.run(serve())


def test_the_edge_says_which_readers_get_the_new_version_and_its_pages_stay_public() -> None:
    newshole = staging((FIRST, SECOND + BY_EDGE), 50, "reader")

    async def serve() -> None:
        for arms, text in (
            (b"newshole-stage=new", b"second"),
            (b"newshole-stage=old", b"first"),
            (b"", b"first"),
        ):
            client = await asks(newshole, asked(headers=[(b"x-arms", b"other=a, " + arms)]))
            assert texts_of(client) == {text}
            assert client.header(b"cache-control") == b"public, max-age=600"
            assert b"X-Arms" in (client.header(b"vary") or b"")
        await newshole.close()

    asyncio.run(serve())


def test_pages_of_both_versions_are_counted_apart_while_something_is_staged() -> None:
    newshole = staging((FIRST, SECOND), 50, "url")

    async def serve() -> None:
        for _ in range(2):
            for path in PATHS:
                await asks(newshole, asked(path))
        assert newshole.figures is not None
        old, new = newshole.figures
        assert old.composed == old.pages > 0
        assert old.pages + new.pages == 2 * len(PATHS)
        assert newshole.counts["composed"] == 2 * len(PATHS)
        newshole.stage = None
        assert newshole.figures is None
        assert await new_at(newshole) == set()
        await newshole.close()

    asyncio.run(serve())


def test_requests_that_are_not_ours_go_on_while_something_is_staged() -> None:
    newshole = staging((FIRST, SECOND), 50, "url", surrogate="Surrogate-Key", log="logging")

    async def serve() -> None:
        for scope in (asked(method="POST"), asked("/elsewhere")):
            assert (await asks(newshole, scope)).body == STORY
        await newshole.close()

    asyncio.run(serve())
