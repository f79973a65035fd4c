"""The overlay's link: what it opens, for whom, and that nobody else notices."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from newshole import Newshole, Site
from newshole.errors import UsageError
from newshole.http.links.overlay import WRITTEN, asks_for_overlay, overlay_link
from newshole.page.csp import Policy, directives_of, nonce_for
from tests.http.asgi import (
    DEVICE_RULES,
    HTML,
    PATH,
    STORY,
    Client,
    ask,
    asked,
    asks,
    body,
    page,
    sending,
    start,
)

SECRET: Final = b"of the newsroom"
LATER: Final = time.time() + 3600
MARK: Final = re.compile(rb"<!--newshole-gap \d+-->")
SCRIPT: Final = re.compile(rb"<script data-newshole-overlay>(.*?)</script>", re.DOTALL)


def link(host: str = "news.example", *, secret: bytes = SECRET, until: float = LATER) -> bytes:
    return urlsplit(overlay_link(secret, f"https://{host}{PATH}", until)).query.encode()


def newshole(app: Any, site: Site, **more: Any) -> Newshole:
    return Newshole(app, site=site, secret=SECRET, **more)


def told(client: Client) -> dict[str, Any]:
    """What the script of a marked page is told."""
    return told_in(client.body)


def told_in(marked: bytes) -> dict[str, Any]:
    """The same, of the page itself."""
    found = SCRIPT.search(marked)
    assert found is not None
    document, _ = json.JSONDecoder().raw_decode(found[1].decode().partition("\n}))(")[2])
    assert isinstance(document, dict)
    return document


def without_marks(marked: bytes) -> bytes:
    return SCRIPT.sub(b"", MARK.sub(b"", marked))


class Paper:
    """A site that remembers the requests that it got."""

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        self.headers = headers
        self.asked: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope)
        await page(STORY, *self.headers)(scope, receive, send)


def test_blocks_stand_where_readers_get_them(site: Site) -> None:
    app = newshole(page(), site)
    plain = ask(app).body
    marked = ask(app, asked(query_string=link()))
    assert without_marks(marked.body) == plain
    (placed,) = [
        each for each in site.compose(STORY, url=f"https://news.example{PATH}").decisions if each.placed
    ]
    assert told(marked)["placed"] == [{"block": "inline", "gap": placed.gap}]


def test_the_page_is_marked_at_every_gap_that_is_told_of(site: Site) -> None:
    marked = ask(newshole(page(), site), asked(query_string=link()))
    numbers = [int(each) for each in re.findall(rb"<!--newshole-gap (\d+)-->", marked.body)]
    assert numbers == [each["gap"] for each in told(marked)["gaps"]]
    assert numbers


def test_the_reader_is_the_links_holder(device_site: Site) -> None:
    app = newshole(page(), device_site)
    phone = ask(app, asked(query_string=link(), headers=[(b"sec-ch-ua-mobile", b"?1")]))
    assert {each["block"] for each in told(phone)["placed"]} == {"inline", "small"}
    assert told(phone)["device"] == "mobile"
    assert {each["block"] for each in told(ask(app, asked(query_string=link())))["placed"]} == {"inline"}


def test_the_page_is_kept_nowhere_and_counted_nowhere(site: Site) -> None:
    paper = Paper(
        (b"cache-control", b"public, max-age=60"), (b"etag", b'"a"'), (b"cdn-cache-control", b"max-age=9"),
        (b"last-modified", b"Sat, 28 Nov 2026 10:00:00 GMT"), (b"referrer-policy", b"unsafe-url"),
    )  # fmt: skip
    app = newshole(paper, site)
    marked = ask(app, asked(query_string=link()))
    assert marked.header(b"cache-control") == b"private, no-store"
    assert marked.header(b"referrer-policy") == b"same-origin"
    assert marked.header(b"x-robots-tag") == b"noindex"
    assert marked.header(b"content-length") == b"%d" % len(marked.body)
    names = {name for name, _ in marked.headers}
    assert names.isdisjoint({b"etag", b"last-modified", b"cdn-cache-control"})
    assert app.counts == {"overlay": 1}
    assert not app.tally.placed
    assert not app.plans.counts
    assert len(app.plans.kept) == 0


def test_the_site_is_asked_for_all_of_its_own_page(site: Site) -> None:
    paper = Paper()
    conditions = [(b"if-none-match", b'"a"'), (b"range", b"bytes=0-9"), (b"accept-encoding", b"br")]
    scope = asked(query_string=b"a=1&" + link() + b"&b", headers=[*conditions, (b"cookie", b"a=b")])
    ask(newshole(paper, site), scope)
    (seen,) = paper.asked
    assert seen["query_string"] == b"a=1&b"
    assert [pair for pair in seen["headers"] if pair[0] != b"host"] == [
        (b"cookie", b"a=b"),
        (b"accept-encoding", b"identity"),
    ]


@pytest.mark.parametrize(
    "query",
    [
        link(until=time.time() - 1),
        link(secret=b"of somebody else"),
        link("sports.example"),
        link("news.example:8080"),
        b"newshole-overlay=",
        b"newshole-overlay=%ff%00-",
    ],
    ids=["past", "another secret", "another host", "another port", "nothing", "no text"],
)
def test_what_is_not_signed_for_this_host_shows_the_page_as_readers_get_it(site: Site, query: bytes) -> None:
    app = newshole(paper := Paper(), site)
    assert ask(app, asked(query_string=query)).messages == ask(app).messages
    assert {seen["query_string"] for seen in paper.asked} == {b""}


def test_without_a_secret_no_link_holds(site: Site) -> None:
    app = Newshole(page(), site=site)
    assert SCRIPT.search(ask(app, asked(query_string=link())).body) is None
    with pytest.raises(UsageError, match="NEWSHOLE_SECRET"):
        overlay_link(b"", "https://news.example/", LATER)


@pytest.mark.parametrize("url", ["story", "ftp://news.example/", "https://", "https://[::1", "http://a:b/"])
def test_a_link_is_signed_for_addresses_of_pages_alone(url: str) -> None:
    with pytest.raises(UsageError, match="no address of a page"):
        overlay_link(SECRET, url, LATER)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example:443/a?b=1#c", b"news.example"),
        ("http://news.example:8080/", b"news.example:8080"),
        ("https://zeitung-köln.example/", b"xn--zeitung-kln-zfb.example"),
        ("http://[::1]:8000/", b"[::1]:8000"),
        ("https://news.example/", b"news.example."),
        ("https://news.example.:444/", b"NEWS.example:444"),
    ],
)
def test_a_link_holds_for_the_host_that_browsers_send(url: str, host: bytes) -> None:
    parts = urlsplit(overlay_link(SECRET, url, LATER))
    scope = {"headers": [(b"host", host)], "query_string": parts.query.encode()}
    assert asks_for_overlay(scope, SECRET, time.time())
    assert parts.fragment == urlsplit(url).fragment


@given(st.binary(max_size=80))
def test_whatever_is_asked_for_nothing_unsigned_is_shown(written: bytes) -> None:
    scope = {"headers": [(b"host", b"news.example")], "query_string": WRITTEN + written}
    assert not asks_for_overlay(scope, SECRET, 0)


@pytest.mark.parametrize(
    ("scope", "app", "said"),
    [
        (asked("/about", query_string=link()), page(), "not-an-article"),
        (asked(query_string=link()), page(b"<!doctype html><title>a</title><p>b"), "no-body"),
    ],
)
def test_why_a_page_is_left_is_said_on_it(site: Site, scope: Scope, app: Any, said: str) -> None:
    marked = ask(newshole(app, site), scope)
    assert f"({said})" in told(marked)["untouched"]
    assert without_marks(marked.body) == ask(app).body


@pytest.mark.parametrize(
    "before", [b"", b" \n", b"<!-- > -->", b"<?xml version='1.0'?>\n<!-- a -->", b"\xef\xbb\xbf<!--a-->"]
)
def test_the_script_stands_behind_the_doctype_so_the_page_keeps_its_mode(site: Site, before: bytes) -> None:
    doctype = before + b"<!DOCTYPE html>"
    marked = ask(newshole(page(doctype + b"<title>a</title><p>b"), site), asked(query_string=link()))
    assert marked.body.startswith(doctype + b"<script data-newshole-overlay>")


def test_what_is_switched_off_is_said_on_the_page(tmp_path: Path, rules: Path) -> None:
    switches = tmp_path / "switches.yaml"
    switches.write_text("off: [{all: true}]")
    app = Newshole(page(), rules, secret=SECRET, switches=switches)

    async def run() -> Client:
        client = await asks(app, asked(query_string=link()))
        await app.close()
        return client

    assert "(switched-off)" in told(asyncio.run(run()))["untouched"]


@pytest.mark.parametrize("content", [b"", b"\x00" * 999, b"<p><font id=1>" * 9000, "é".encode("utf-16")])
def test_a_page_that_is_not_read_goes_out_as_it_came(site: Site, content: bytes) -> None:
    marked = ask(newshole(page(content), site), asked(query_string=link()))
    assert marked.body == content
    assert marked.header(b"cache-control") == b"private, no-store"


@pytest.mark.parametrize(
    "app",
    [
        sending(start(status=404), body(b"gone")),
        sending(start((b"content-type", b"text/css"), (b"cache-control", b"public")), body(b"a{}")),
        sending(start(HTML, (b"etag", b'"a"')), body(STORY[:99], more=True)),
    ],
)
def test_whatever_comes_by_a_link_is_kept_nowhere(site: Site, app: Any) -> None:
    marked = ask(newshole(app, site), asked(query_string=link()))
    assert marked.header(b"cache-control") == b"private, no-store"
    assert marked.body == ask(app).body


def test_a_compressed_page_and_one_in_parts_are_marked(site: Site) -> None:
    coded = page(gzip.compress(STORY), (b"content-encoding", b"gzip"))
    marked = ask(newshole(coded, site), asked(query_string=link()))
    assert told(marked)["placed"]
    assert marked.header(b"content-encoding") is None
    halves = sending(start(), body(STORY[:900], more=True), body(STORY[900:]))
    assert told(ask(newshole(halves, site, flush_after=0), asked(query_string=link())))["placed"]


@pytest.mark.parametrize(
    ("declared", "header", "charset"),
    [
        (b"<meta charset=windows-1251>", b"text/html", b"windows-1251"),
        (b"<meta charset=utf-8>", b"text/html", b"utf-8"),
        (b"<meta charset=utf-8>", b'text/html; charset="windows-1251"', b"windows-1251"),
        (b"", b"text/html", b"utf-8"),
    ],
)
def test_letters_stay_those_of_the_page(site: Site, declared: bytes, header: bytes, charset: bytes) -> None:
    content = STORY.replace(b"<title>", declared + b"<title>")
    app = sending(start((b"content-type", header)), body(content))
    marked = ask(newshole(app, site), asked(query_string=link()))
    assert (marked.header(b"content-type") or b"").lower() == b"text/html; charset=" + charset


@pytest.mark.parametrize(
    "policy",
    [
        b"default-src 'none'",
        b"default-src 'self'; style-src 'self'",
        b"script-src 'none'; object-src 'none'",
        b"script-src 'nonce-abc' 'strict-dynamic'; style-src 'nonce-abc'",
        b"script-src 'self' 'sha256-AAAA'; script-src-elem 'self'",
        b"script-src 'unsafe-inline'",
        b"default-src 'self', script-src https:",
        b"img-src 'self'",
    ],
)
def test_the_script_runs_under_any_policy_and_no_other_does(site: Site, policy: bytes) -> None:
    app = page(STORY, (b"content-security-policy", policy))
    marked = ask(newshole(app, site), asked(query_string=link()))
    found = SCRIPT.search(marked.body)
    assert found is not None
    sent = (marked.header(b"content-security-policy") or b"").split(b",")
    for before, after in zip(policy.split(b","), sent, strict=True):
        old, new = Policy(directives_of(before)), Policy(directives_of(after))
        assert nonce_for("script", found[1], [new]) == ""
        assert nonce_for("script", b"alert(1)", [new]) == nonce_for("script", b"alert(1)", [old])
        assert new.sources("style") == old.sources("style")


def test_marks_hold_what_a_page_says_as_text(rules: Path) -> None:
    site = Site.load(rules)
    query = link() + b"&a=</script><script>alert(1)</script>"
    marked = ask(newshole(page(), site), asked(query_string=query))
    assert marked.body.count(b"</script>") == 1
    assert "</script>" in told(marked)["url"]


def test_an_arm_is_marked_together_with_it(tmp_path: Path) -> None:
    from newshole.http.links.forcing import arm_field

    rules = tmp_path / "rules.yaml"
    rules.write_text(
        DEVICE_RULES
        + "vary: {id: X-Reader}\nexperiments:\n  p: {unit: page, arms: {control: {}, none: {drop: inline}}}\n"
    )
    both = link() + b"&" + arm_field(SECRET, "p", "none", LATER).encode()
    marked = ask(Newshole(page(), rules, secret=SECRET), asked(query_string=both))
    assert told(marked)["arms"] == {"p": "none"}
    assert told(marked)["placed"] == []
