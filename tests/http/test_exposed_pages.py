"""Pages that are coded, in pieces or sent ahead are measured as any other."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import re
import time
from pathlib import Path

from starlette.types import Receive, Scope, Send

from newshole.http.operators import HEADER, token
from tests.http import measured as site
from tests.http.asgi import STORY, ask, asked, body, page, sending, start
from tests.http.measured import VIEW, attribute, both_arms, exposed, measured, post, reader, sent

GZIP = (b"content-encoding", b"gzip")
TAKES_GZIP = (b"accept-encoding", b"gzip")


def test_a_compressed_page_of_a_readers_own_has_an_id_of_its_own_each_time(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path), page(gzip.compress(STORY), GZIP))
    contents = [
        gzip.decompress(ask(newshole, asked(headers=[*reader("ada"), TAKES_GZIP])).body) for _ in range(3)
    ]
    views = [attribute(content, "view") for content in contents]
    assert len(set(views)) == 3
    assert [row.view_id for row in exposed(newshole)] == views


def test_a_compressed_page_that_caches_keep_has_its_token(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, site.BY_HEADER), page(gzip.compress(STORY), GZIP))
    headers = [(b"x-reader", b"ada"), TAKES_GZIP]
    first, second = (ask(newshole, asked(headers=headers)).body for _ in range(2))
    assert first == second
    content = gzip.decompress(first)
    post(newshole, *sent([["view"]], attribute(content, "token"), VIEW))
    assert [row.view_id for row in exposed(newshole)] == [VIEW]


def test_a_compressed_page_has_its_script_whatever_another_response_with_the_same_body_forbids(
    tmp_path: Path,
) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, site.BY_HEADER))
    scripts = []
    for policies in ([(b"content-security-policy", b"script-src 'self'")], []) * 2:
        newshole.app = page(gzip.compress(STORY, mtime=0), GZIP, *policies)
        content = gzip.decompress(ask(newshole, asked(headers=[(b"x-reader", b"ada"), TAKES_GZIP])).body)
        scripts.append(content.count(b"<script data-newshole-runtime"))
    assert scripts == [0, 1, 0, 1]


def test_an_arm_without_blocks_is_measured_where_every_page_has_another_token(tmp_path: Path) -> None:
    count = itertools.count()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        form = b'<form><input type=hidden name=t value="%032x"></form>' % (next(count) * 7919)
        await page(STORY.replace(b"<main>", b"<main>" + form))(scope, receive, send)

    newshole = measured(tmp_path, site.rules(tmp_path, more=site.NONE_EXPERIMENT), app)
    for _ in range(3):
        content = both_arms(newshole)["bare"]
        start = content.index(b"<script data-newshole-runtime")
        end = content.index(b"</script>", start) + len(b"</script>")
        rest = content[:start] + content[end:]
        assert re.sub(rb"<form>.*?</form>", b"", rest) == STORY


def test_a_page_in_pieces_is_measured_too(tmp_path: Path) -> None:
    app = sending(start(), body(STORY[:900], more=True), body(STORY[900:]))
    newshole = measured(tmp_path, site.rules(tmp_path), app)
    client = ask(newshole, asked(headers=reader("ada")))
    assert [row.view_id for row in exposed(newshole)] == [attribute(client.body, "view")]


def test_of_a_page_whose_head_went_ahead_every_arm_is_measured(tmp_path: Path) -> None:
    head = STORY.index(b"<body>")

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in (start(), body(STORY[:head], more=True), body(STORY[head:])):
            await send(message)
            for _ in range(5):
                await asyncio.sleep(0)

    newshole = measured(tmp_path, site.rules(tmp_path, more=site.NONE_EXPERIMENT), app, flush_after=0)
    contents = [ask(newshole, asked(headers=reader(f"r{number}"))).body for number in range(12)]
    arms = {row.view_id: row.arm for row in exposed(newshole)}
    shown = {attribute(content, "view"): content for content in contents}
    assert {
        view: "bare" if b">inline<" not in content else "control" for view, content in shown.items()
    } == arms
    assert {*arms.values()} == {"control", "bare"}


def test_an_operator_who_looks_at_a_compressed_page_takes_it_from_nobody(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path, site.BY_HEADER), page(gzip.compress(STORY), GZIP))
    told = (HEADER, token(site.SECRET.encode(), time.time() + 60).encode())
    headers = [(b"x-reader", b"ada"), TAKES_GZIP]
    contents = [
        gzip.decompress(ask(newshole, asked(headers=each)).body)
        for each in ([*headers, told], headers, [*headers, told])
    ]
    assert [attribute(content, "token") != "" for content in contents] == [False, True, False]
