"""A version that is staged: real Redis, several workers, and each page wholly of one version."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from newshole import Newshole, Site
from newshole.cdn.tags import rules_tag
from newshole.live.appending import Change
from newshole.live.entries import Unit
from newshole.live.ledger import Ledger
from newshole.live.publishing import advance, halt, roll_back, stage
from newshole.live.source import load_site
from newshole.live.staging.stage import Stage, page_name
from newshole.live.switching import turn_off, turn_on
from newshole.types import Switch
from tests.http.asgi import STORY, Client, asked, asks
from tests.http.published import (
    NEW,
    OLD,
    TEXT,
    ledger_at,
    release,
    shown,
    until,
    until_shown,
    until_told,
    worker,
)
from tests.live.rules import FIRST, SECOND, WRONG, source_of
from tests.store.servers import Server, running

PATHS = [f"/news/{n}" for n in range(40)]
BY_COOKIE = "vary: {id: {cookie: who}}\n"
BY_HEADER = "vary: {id: X-Who}\n"
BY_EDGE = "vary: {arms: X-Arms}\n"
NAMES = st.text(max_size=40)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "newshole")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server):
        yield server


async def begin(ledger: Ledger, text: str, share: float, unit: Unit = "url") -> Change:
    change = await stage(ledger, source_of(text), share=share, unit=unit, by="anna", note="", clock=time.time)
    assert change is not None
    return change


async def raised(ledger: Ledger, share: float) -> Change:
    change = await advance(ledger, share, by="anna", clock=time.time)
    assert change is not None
    return change


async def new_at(newshole: Newshole) -> set[str]:
    """The paths at which the new version is; each page is wholly of one."""
    found: set[str] = set()
    for path in PATHS:
        texts = await shown(newshole, path)
        assert texts in (OLD, NEW)
        if texts == NEW:
            found.add(path)
    return found


@given(NAMES, st.floats(0, 100), st.floats(0, 100))
def test_a_larger_share_moves_no_page_back(name: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    stages = [Stage(Site(), "ab" * 16, share, "url") for share in (low, high)]
    assert not stages[0].takes(name) or stages[1].takes(name)
    assert not Stage(Site(), "ab" * 16, 0.0, "url").takes(name)
    assert Stage(Site(), "ab" * 16, 100.0, "url").takes(name)


def test_a_share_is_about_that_many_pages_and_others_for_another_version() -> None:
    first, second = (
        {n for n in range(10_000) if Stage(Site(), digest, 10.0, "url").takes(f"news.example/{n}")}
        for digest in ("ab" * 16, "cd" * 16)
    )
    assert 850 < len(first) < 1150
    assert 850 < len(second) < 1150
    assert len(first & second) < 200


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/a/b",
        "http://news.example:8000/a/b?x=1",
        "https://NEWS.example/a/b/",
        "https://news.example/a/%62#c",
    ],
)
def test_one_page_has_one_name_however_it_is_asked_for(url: str) -> None:
    assert page_name(url) == "news.example/a/b"


def test_what_is_no_address_is_a_name_too() -> None:
    assert page_name("https://[a/b") == "https://[a/b"


def test_two_workers_agree_on_every_page_and_none_goes_back_until_all_are_new(
    redis: Server, tmp_path: Path
) -> None:
    async def serve() -> None:
        workers = [worker(redis, tmp_path / str(n)) for n in range(2)]
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            for each in workers:
                await until_shown(each, OLD)
            await until_told(ledger, await begin(ledger, SECOND, 20), took=2)
            before: set[str] = set()
            for share in (20.0, 60.0):
                if share > 20:
                    await until_told(ledger, await raised(ledger, share), took=2)
                found = [await new_at(each) for each in workers]
                assert found[0] == found[1] > before
                assert len(found[0]) < len(PATHS)
                before = found[0]
            assert {each.status.version for each in workers} == {source_of(FIRST).digest}
            await until_told(ledger, await raised(ledger, 100), took=2)
            for each in workers:
                assert await new_at(each) == set(PATHS)
                assert each.stage is None
                await each.close()

    asyncio.run(serve())


def test_a_halt_and_a_rollback_end_what_is_staged_everywhere(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, SECOND)
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            ends: list[Callable[[], Awaitable[object]]] = [
                lambda: halt(ledger, by="bo", reason="x", clock=time.time),
                lambda: roll_back(ledger, None, by="bo", note="", clock=time.time),
            ]
            for end in ends:
                await until_told(ledger, await begin(ledger, SECOND + "# again\n", 50), took=1)
                assert await new_at(newshole)
                await end()
                await until(lambda: newshole.stage is None)
            assert await new_at(newshole) == set(PATHS)
            assert newshole.status.version == source_of(SECOND).digest
        await newshole.close()

    asyncio.run(serve())


def test_what_cannot_be_staged_is_refused_told_and_the_version_in_service_stays_everywhere(
    redis: Server, tmp_path: Path
) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            outcome = await until_told(ledger, await begin(ledger, WRONG, 50), refused=1)
            assert outcome.refused[0].problem.startswith("site.yaml:8:8")
            assert await new_at(newshole) == set()
            assert "site.yaml:8:8" in newshole.status.problem
            await halt(ledger, by="bo", reason="wrong", clock=time.time)
            await until(lambda: newshole.status.problem == "")
        await newshole.close()

    asyncio.run(serve())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # a connection that was being made, redis-py's
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # redis-py's
def test_a_restart_without_redis_knows_the_version_in_service_alone(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            await until_told(ledger, await begin(ledger, SECOND, 50), took=1)
            assert await new_at(newshole)
        redis.kill()
        assert await new_at(newshole)
        again = worker(redis, tmp_path)
        assert await new_at(again) == set()
        assert again.is_ready
        for each in (newshole, again):
            await each.close()

    asyncio.run(serve())
    gc.collect()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # a connection that was being made, redis-py's
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # redis-py's
def test_when_redis_is_gone_in_the_middle_the_share_stays_and_goes_on_after(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    redis = Server(folder, "--appendonly", "yes", "--appendfsync", "always")

    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            await until_told(ledger, await begin(ledger, SECOND, 30), took=1)
            found = await new_at(newshole)
            redis.kill()
            await until(lambda: newshole.status.follows is False)
            assert await new_at(newshole) == found
            redis.start()
            await until_told(ledger, await raised(ledger, 90), took=1)
            assert await new_at(newshole) > found
        await newshole.close()

    with running(redis):
        asyncio.run(serve())
    gc.collect()


def test_switches_hold_on_pages_of_both_versions(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            await until_told(ledger, await begin(ledger, SECOND, 50), took=1)
            await new_at(newshole)
            off = await turn_off(ledger, (Switch("block", "spot"),), at=time.time())
            await until_told(ledger, off, took=1)
            texts = [await shown(newshole, path) for path in PATHS]
            assert {len(each) for each in texts} == {2}
            assert {each[0] for each in texts} == {b"first", b"second"}
            on = await turn_on(ledger, (("block", "spot"),), at=time.time(), by="", reason="")
            await until_told(ledger, on[0], took=1)
            assert await new_at(newshole)
        await newshole.close()

    asyncio.run(serve())


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
