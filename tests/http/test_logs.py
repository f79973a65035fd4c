"""The log: a line a request, with what became of it and nothing that is private."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from newshole import Newshole, Site
from newshole.errors import UsageError
from newshole.http.logs import ACCESS, EVENTS, FIELDS, TextFormatter
from newshole.http.pagecache import PageCache
from tests.http.asgi import HTML, STORY, ask, asked, asks, body, page, sending, start
from tests.http.logged import logging_newshole

DOCS = (Path(__file__).parents[2] / "docs" / "logs.md").read_text("utf-8")
SECRETS = [
    (b"cookie", b"session=t0ken"),
    (b"authorization", b"Bearer t0ken"),
    (b"x-newshole-token", b"t0ken"),
    (b"referer", b"https://elsewhere.example/t0ken"),
]


def test_a_composed_page_is_told_in_one_line(site: Site, lines: list[dict[str, Any]]) -> None:
    newshole = logging_newshole(page(), site)
    sent = [ask(newshole, asked(query_string=b"q=t0ken")).body for _ in range(2)]
    assert [line["plan"] for line in lines] == ["plan-anew", "plan-here"]
    line = lines[1]
    assert set(line) == set(FIELDS) - {"shadow", "error", "ip", "logger", "message", "exception"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert re.fullmatch("[0-9a-f]{32}", line.pop("request_id"))
    assert 0 < line.pop("added_ms") <= line.pop("total_ms")
    assert line == {
        "level": "info",
        "event": "request",
        "method": "GET",
        "host": "news.example",
        "path": "/news/bridge",
        "status": 200,
        "outcome": "composed",
        "blocks": ["inline"],
        "rules": site.digest,
        "plan": "plan-here",
        "bytes_in": len(STORY),
        "bytes_out": len(sent[1]),
        "cache": None,
    }


@pytest.mark.parametrize(
    ("app", "scope", "outcome", "status"),
    [
        (page(), asked("/about"), "url", 200),
        (page(), asked(method="POST"), "method", 200),
        (page(b"<p>no story"), asked(), "no-body", 200),
        (sending(start(status=404), body(b"gone")), asked(), "status", 404),
        (sending(start(), body(STORY[:99], more=True)), asked(), "incomplete", 200),
        (sending(), asked(), "", None),
    ],
)
def test_the_outcome_says_why_a_page_was_left(
    site: Site, lines: list[dict[str, Any]], app: ASGIApp, scope: Scope, outcome: str, status: int | None
) -> None:
    client = ask(logging_newshole(app, site), scope)
    (line,) = lines
    assert (line["outcome"], line["status"], line["blocks"]) == (outcome, status, [])
    assert line["bytes_in"] == line["bytes_out"] == len(client.body)


def test_the_time_for_which_a_page_is_awaited_is_not_newsholes(
    site: Site, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("newshole.http.trace.time", SimpleNamespace(perf_counter=lambda: now[0]))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        now[0] += 1
        await send(start())
        for place in range(0, len(STORY), 500):
            await send(body(STORY[place : place + 500], more=True))
            now[0] += 1
        if scope["query_string"]:
            await send(body(b""))

    newshole = logging_newshole(app, site)
    ask(newshole, asked(query_string=b"whole"))
    ask(newshole)
    assert [line["outcome"] for line in lines] == ["composed", "incomplete"]
    assert [line["added_ms"] for line in lines] == [0, 0]
    assert [line["total_ms"] for line in lines] == [1000 * (1 + len(range(0, len(STORY), 500)))] * 2


def test_a_page_whose_headers_failed_has_no_blocks(
    site: Site, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError

    monkeypatch.setattr("newshole.http.guard.Start.composed", fail)
    newshole = Newshole(page(), site=site, log="logging", surrogate="Surrogate-Key")
    client = ask(newshole)
    assert client.body == STORY
    assert b"nh-block" not in (client.header(b"surrogate-key") or b"")
    assert [(line["outcome"], line["blocks"]) for line in lines if line["event"] == "request"] == [
        ("headers-fault", [])
    ]


def test_nothing_private_is_logged(site: Site, lines: list[dict[str, Any]]) -> None:
    scope = asked(headers=SECRETS, query_string=b"t0ken=1", client=("192.0.2.7", 1234))
    ask(Newshole(page(), site=site, secret=b"t0ken", log="logging"), scope)
    assert len(lines) == 1
    assert "t0ken" not in json.dumps(lines)
    assert "192.0.2.7" not in json.dumps(lines)


def test_the_readers_address_is_logged_where_that_is_asked_for(
    site: Site, lines: list[dict[str, Any]]
) -> None:
    newshole = logging_newshole(page(), site, log_ip=True)
    ask(newshole, asked(client=("192.0.2.7", 1234)))
    ask(newshole, asked(client=None))
    assert [line["ip"] for line in lines] == ["192.0.2.7", ""]


def test_what_an_app_raises_is_named_and_goes_on(site: Site, lines: list[dict[str, Any]]) -> None:
    newshole = logging_newshole(sending(start(), then=LookupError("t0ken")), site)
    with pytest.raises(LookupError):
        ask(newshole)
    (line,) = lines
    assert (line["error"], line["outcome"]) == ("LookupError", "incomplete")
    assert "t0ken" not in json.dumps(lines)


def test_other_rules_are_told(site: Site, device_site: Site, lines: list[dict[str, Any]]) -> None:
    newshole = logging_newshole(page(), site)
    newshole.site = device_site
    (line,) = lines
    assert (line["event"], line["logger"]) == ("rules-swapped", "newshole")
    assert device_site.digest in line["message"]


def test_a_store_that_goes_is_told(site: Site, lines: list[dict[str, Any]]) -> None:
    newshole = Newshole(page(), site=site, redis="redis://127.0.0.1:1/0", log="logging")

    async def ask_often() -> None:
        for number in range(10):
            await asks(newshole, asked(query_string=b"a=%d" % number))
        await newshole.close()

    asyncio.run(ask_often())
    assert [line["event"] for line in lines].count("store-opened") == 1


def test_what_the_page_cache_did_is_told(site: Site, lines: list[dict[str, Any]]) -> None:
    newshole = logging_newshole(PageCache(page(STORY, (b"cache-control", b"max-age=600"))), site)

    async def ask_twice() -> None:
        for _ in range(2):
            await asks(newshole)
        await newshole.close()

    asyncio.run(ask_twice())
    assert [(line["cache"], line["outcome"]) for line in lines] == [("miss", "composed"), ("hit", "composed")]


def test_neither_the_metrics_nor_websockets_are_requests(site: Site, lines: list[dict[str, Any]]) -> None:
    newshole = Newshole(page(), site=site, metrics="/metrics", log="logging")
    ask(newshole, asked("/metrics"))
    ask(newshole, {**asked(), "type": "websocket"})
    assert lines == []


def test_text_is_one_line_whatever_a_request_holds(site: Site) -> None:
    told: list[str] = []

    class Texts(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(TextFormatter().format(record))

    handler = Texts()
    ACCESS.addHandler(handler)
    level = ACCESS.level
    ACCESS.setLevel(logging.INFO)
    try:
        ask(
            logging_newshole(page(), site),
            asked("/news/a\nb\x1b[31m\u2028", headers=[(b"x-request-id", b"7")]),
        )
    finally:
        ACCESS.removeHandler(handler)
        ACCESS.setLevel(level)
    (line,) = told
    assert line.isascii()
    assert line.isprintable()
    assert re.search(
        r"Z 200 GET news\.example/news/a\\nb\S+ composed inline \S+ of \S+ ms \d+>\d+ bytes 7$", line
    )


def test_a_log_of_another_kind_is_refused(site: Site) -> None:
    with pytest.raises(UsageError, match='no log "xml": give json, text, logging or off'):
        Newshole(page(), site=site, log="xml")


def rows(heading: str) -> set[str]:
    """The first column of a section's tables."""
    section = DOCS.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([a-z_-]+)` \|", section, re.MULTILINE))


def test_every_field_and_event_is_documented() -> None:
    assert rows("Fields") == set(FIELDS)
    assert rows("Events") == set(EVENTS)


@pytest.mark.parametrize("headers", [[(1, 2)], [(b"a",)], [None]])
def test_a_request_that_cannot_be_followed_is_served(site: Site, headers: list[Any]) -> None:
    newshole = Newshole(page(), site=site, log="logging", surrogate="Surrogate-Key")
    assert ask(newshole, {**asked(), "headers": headers}).body == STORY
    assert newshole.counts["request-fault"] == 1


def test_a_line_that_cannot_be_made_costs_no_page(
    site: Site, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr("newshole.http.trace.Trace.fields", fail)
    assert b"data-newshole" in ask(logging_newshole(page(), site)).body
    assert [line["event"] for line in lines] == ["fault"]


def test_a_body_that_is_a_file_is_logged(site: Site, lines: list[dict[str, Any]]) -> None:
    ask(logging_newshole(sending(start(HTML), {"type": "http.response.pathsend", "path": "/x"}), site))
    assert [(line["outcome"], line["bytes_out"]) for line in lines] == [("message", 0)]
