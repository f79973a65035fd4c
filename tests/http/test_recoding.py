"""Coded pages leave composed and coded as they came; all others by the very bytes that came."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole, Site
from newshole.http import recoding
from newshole.http.codings import Codings, decode, encode
from newshole.types import Facts
from tests.http.asgi import HTML, PATH, STORY, Client, ask, asked, asks, body, cut, sending, start
from tests.http.test_codings import CHAINS, FAULTS, READERS, WRITERS
from tests.pages import SOUP, minus_insertions

Pair = tuple[bytes, bytes]

URL = "https://news.example/news/bridge"
MOST = 5 * 1024 * 1024
AS_CODED: tuple[Codings, ...] = (("gzip",), ("deflate",), ("br",), ("zstd",), ("gzip", "br"))


def coded(
    page: bytes,
    codings: Codings,
    *headers: Pair,
    write: Callable[[bytes], bytes] | None = None,
) -> ASGIApp:
    """An app that answers with one coded page."""
    content = encode(page, codings) if write is None else write(page)
    return answering(content, codings, *headers)


def answering(content: bytes, codings: Codings, *headers: Pair) -> ASGIApp:
    """An app that answers with one body and says that it is coded."""
    coding = (b"content-encoding", ", ".join(codings).encode())
    length = (b"content-length", b"%d" % len(content))
    return sending(start(HTML, coding, length, *headers), body(content))


def check_composed(app: ASGIApp, site: Site, codings: Codings, scope: Scope | None = None) -> Client:
    """The app's page leaves composed, just as the site composes what it holds."""
    newshole = Newshole(app, site=site)
    client = ask(newshole, scope)
    assert newshole.counts == {"composed": 1}
    page = site.compose(STORY, url=URL)
    assert decode(client.body, codings, most=MOST) == page.html
    assert minus_insertions(page) == STORY
    assert client.header(b"content-encoding") == ", ".join(codings).encode()
    assert client.header(b"content-length") == b"%d" % len(client.body)
    return client


def check_untouched(app: ASGIApp, site: Site, reason: str, scope: Scope | None = None) -> None:
    """The app's messages leave as they came, for this reason."""
    newshole = Newshole(app, site=site)
    assert ask(newshole, scope).messages == ask(app, scope).messages
    assert newshole.counts == {reason: 1}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_coded_page_leaves_composed_in_its_coding(site: Site, writer: str) -> None:
    coding, write = WRITERS[writer]
    check_composed(coded(STORY, (coding,), write=write), site, (coding,))


@pytest.mark.parametrize("codings", CHAINS)
def test_so_does_one_in_two_codings(site: Site, codings: Codings) -> None:
    check_composed(coded(STORY, codings), site, codings)


@given(markup=SOUP, codings=st.sampled_from(CHAINS), places=st.lists(st.integers(min_value=0), max_size=9))
def test_whatever_is_coded_and_however_it_is_cut_its_own_bytes_are_whole(
    site: Site, markup: str, codings: Codings, places: list[int]
) -> None:
    page = STORY.replace(b"</article>", markup.encode("utf-8", "replace") + b"</article>")
    content = encode(page, codings)
    parts = cut(content, places)
    bodies = [body(part, more=place < len(parts) - 1) for place, part in enumerate(parts)]
    newshole = Newshole(
        sending(start(HTML, (b"content-encoding", ", ".join(codings).encode())), *bodies), site=site
    )
    client = ask(newshole)
    composed = site.compose(page, url=URL, content_type=HTML[1].decode())
    assert minus_insertions(composed) == page
    if composed.untouched is None:
        assert decode(client.body, codings, most=MOST) == composed.html
    else:
        assert client.body == content
        assert newshole.counts == {composed.untouched: 1}


@given(
    coding=st.sampled_from(sorted(READERS)),
    place=st.integers(min_value=0),
    bit=st.integers(0, 7),
    is_cut=st.booleans(),
)
def test_a_damaged_body_leaves_as_it_came_unless_others_decode_it_too(
    site: Site, coding: str, place: int, bit: int, *, is_cut: bool
) -> None:
    content = bytearray(encode(STORY, (coding,)))
    place %= len(content)
    if is_cut:
        del content[place:]
    else:
        content[place] ^= 1 << bit
    newshole = Newshole(answering(bytes(content), (coding,)), site=site)
    client = ask(newshole)
    if newshole.counts["composed"]:
        # Without a checksum, some damage only makes another page.
        page = READERS[coding](bytes(content))
        composed = site.compose(page, url=URL, content_type=HTML[1].decode())
        assert decode(client.body, (coding,), most=MOST) == composed.html
    else:
        assert client.body == bytes(content)
    try:
        READERS[coding](bytes(content))
    except FAULTS:
        assert newshole.counts["composed"] == 0


@pytest.mark.parametrize("codings", AS_CODED)
def test_a_body_that_breaks_off_leaves_as_it_came(site: Site, codings: Codings) -> None:
    content = encode(STORY, codings)
    check_untouched(answering(content[:-1], codings), site, "coding-broken")
    check_untouched(answering(content + b"x", codings), site, "coding-broken")


def test_a_body_that_is_not_coded_at_all_leaves_as_it_came(site: Site) -> None:
    for coding in READERS:
        check_untouched(answering(STORY, (coding,)), site, "coding-broken")


def test_bombs_leave_as_they_came(site: Site) -> None:
    for codings in AS_CODED:
        check_untouched(coded(bytes(1 << 22), codings), site, "coding-bomb")
    large = b"".join(b"%d " % number for number in range(1_000_000))
    check_untouched(coded(large, ("gzip",)), site, "too-large")


def test_a_page_that_the_site_leaves_alone_keeps_its_very_bytes(site: Site) -> None:
    newshole = Newshole(coded(b"<p>short", ("gzip",), write=lambda page: gzip.compress(page, 9)), site=site)
    for _ in range(2):
        assert ask(newshole).messages == ask(newshole.app).messages
    [reason] = newshole.counts
    assert reason == site.compose(b"<p>short", url=URL).untouched


@pytest.mark.parametrize(
    ("accepted", "reason"),
    [(b"br", "coding-unoffered"), (b"gzip;q=0", "coding-unoffered"), (b"identity", "coding-unoffered")],
)
def test_a_coding_that_the_client_did_not_offer_is_left_alone(
    site: Site, accepted: bytes, reason: str
) -> None:
    app = coded(STORY, ("gzip",), (b"cache-control", b"private"))
    check_untouched(app, site, reason, asked(headers=[(b"accept-encoding", accepted)]))


def test_caches_keep_it_for_those_who_offer_as_much(site: Site) -> None:
    app = coded(STORY, ("gzip",), (b"cache-control", b"public, max-age=600"), (b"vary", b"X-Own"))
    got = ask(Newshole(app, site=site), asked(headers=[(b"accept-encoding", b"br")]))
    assert got.header(b"vary") == b"X-Own, Accept-Encoding"
    assert got.body == ask(app).body


@pytest.mark.parametrize("accepted", [b"gzip, deflate, br, zstd", b"*", b"x-gzip"])
def test_one_that_it_offered_is_composed(site: Site, accepted: bytes) -> None:
    scope = asked(headers=[(b"accept-encoding", accepted)])
    check_composed(coded(STORY, ("gzip",)), site, ("gzip",), scope)


@pytest.mark.parametrize(
    ("headers", "vary"),
    [
        ([], b"Accept-Encoding"),
        (
            [(b"cache-control", b"public, max-age=60")],
            b"Accept-Encoding, Sec-Fetch-Dest, HX-Request, Turbo-Frame",
        ),
        ([(b"vary", b"Origin")], b"Origin, Accept-Encoding"),
        ([(b"vary", b"accept-encoding")], b"accept-encoding"),
        ([(b"vary", b"*")], b"*"),
        ([(b"cache-control", b"private")], None),
        ([(b"cache-control", b'max-age=5, PRIVATE="set-cookie"')], None),
        ([(b"cache-control", b"no-store")], None),
    ],
)
def test_what_shared_caches_may_keep_varies_by_the_codings_offered(
    site: Site, headers: list[Pair], vary: bytes | None
) -> None:
    app = coded(STORY, ("gzip",), *headers)
    assert check_composed(app, site, ("gzip",)).header(b"vary") == vary
    assert ask(Newshole(app, site=site), asked(method="HEAD")).header(b"vary") == vary


def test_head_promises_the_coding_and_no_length(site: Site) -> None:
    client = ask(Newshole(coded(STORY, ("br",), (b"etag", b'"v1"')), site=site), asked(method="HEAD"))
    assert client.header(b"content-encoding") == b"br"
    assert client.header(b"content-length") is None
    assert client.header(b"etag") is None


def test_what_was_composed_in_this_minute_is_not_coded_again(site: Site) -> None:
    newshole = Newshole(coded(STORY, ("zstd",)), site=site)
    first, second = ask(newshole), ask(newshole)
    assert first.messages[1]["body"] is second.messages[1]["body"]
    assert newshole.plans.counts == {"plan-anew": 1, "plan-here": 1}
    assert newshole.tally.placed == {("inline",): 2}
    plain = Newshole(sending(start(), body(STORY)), site=site)
    ask(plain), ask(plain)
    assert newshole.tally.added == plain.tally.added
    assert newshole.counts == {"composed": 2}


def test_what_was_composed_before_is_made_again(site: Site) -> None:
    newshole = Newshole(coded(STORY, ("zstd",)), site=site)
    now = newshole.plans.clock()
    first = ask(newshole)
    newshole.plans.clock = lambda: now + 60
    second = ask(newshole)
    assert first.messages[1]["body"] is not second.messages[1]["body"]
    assert first.body == second.body


def test_what_was_composed_with_other_facts_is_made_again(rules: Path) -> None:
    site = Site.load(rules)
    newshole = Newshole(coded(STORY, ("zstd",)), site=site)
    first = ask(newshole)
    site.facts = Facts()
    assert ask(newshole).messages[1]["body"] is not first.messages[1]["body"]


def test_the_same_body_in_another_coding_is_another_page(site: Site) -> None:
    content = encode(encode(STORY, ("gzip",)), ("gzip",))
    answers = iter([answering(content, ("gzip",)), answering(content, ("gzip", "gzip"))])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await next(answers)(scope, receive, send)

    newshole = Newshole(app, site=site)
    assert ask(newshole).body == content
    assert decode(ask(newshole).body, ("gzip", "gzip"), most=MOST) == site.compose(STORY, url=URL).html


def test_readers_by_device_get_pages_of_their_own(device_site: Site) -> None:
    newshole = Newshole(coded(STORY, ("br",)), site=device_site)
    mobile = asked(headers=[(b"sec-ch-ua-mobile", b"?1")])
    for _ in range(2):
        assert b'data-newshole="small"' in decode(ask(newshole, mobile).body, ("br",), most=MOST)
        assert b'data-newshole="small"' not in decode(ask(newshole).body, ("br",), most=MOST)


def test_a_large_page_is_coded_in_a_thread_all_the_same(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoding, "INLINE", 100)
    monkeypatch.setattr(recoding, "INLINE_CODED", 100)
    check_composed(coded(STORY, ("gzip",)), site, ("gzip",))
    check_untouched(answering(STORY, ("gzip",)), site, "coding-broken")


def test_those_who_ask_at_the_same_time_share_one_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoding, "INLINE_CODED", 100)
    newshole = Newshole(coded(STORY, ("gzip",)), site=site)

    async def ask_at_once() -> list[Client]:
        return await asyncio.gather(*(asks(newshole) for _ in range(5)))

    bodies = [client.messages[1]["body"] for client in asyncio.run(ask_at_once())]
    assert all(each is bodies[0] for each in bodies)
    assert newshole.plans.counts["plan-anew"] == 1


def test_an_app_that_is_asked_for_uncompressed_pages_compresses_none(site: Site) -> None:
    seen: list[list[Pair]] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append([pair for pair in scope["headers"] if pair[0].lower() == b"accept-encoding"])
        messages: list[Message] = [start(), body(STORY)]
        for message in messages:
            await send(message)

    newshole = Newshole(app, site=site, ask_uncompressed=True)
    offered = (b"Accept-Encoding", b"gzip, br")
    ask(newshole, asked(headers=[offered, (b"accept", b"text/html")]))
    ask(newshole, asked(headers=[offered, (b"sec-fetch-dest", b"document"), (b"range", b"bytes=0-9")]))
    ask(newshole, asked(headers=[offered]))
    ask(newshole, asked("/about", headers=[offered, (b"accept", b"text/html")]))
    identity = [(b"accept-encoding", b"identity")]
    assert seen == [identity, identity, [offered], [offered]]


def test_one_that_compresses_all_the_same_is_composed_for_clients_who_offered_it(site: Site) -> None:
    newshole = Newshole(coded(STORY, ("gzip",)), site=site, ask_uncompressed=True)
    ask(newshole, asked(headers=[(b"accept-encoding", b"gzip"), (b"accept", b"text/html")]))
    assert newshole.counts == {"composed": 1}


def test_without_the_option_the_app_sees_what_the_client_offered(site: Site) -> None:
    seen: list[bytes] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"accept-encoding")
        await send(start())
        await send(body(STORY))

    headers = [(b"accept-encoding", b"gzip"), (b"accept", b"text/html"), (b"range", b"bytes=0-9")]
    ask(Newshole(app, site=site), asked(headers=headers))
    assert seen == [b"gzip"]


def as_servers_ask(*headers: Pair) -> Scope:
    """A scope that lacks nothing, as servers make it, so that what is known of its address is used again."""
    return asked(headers=headers, raw_path=PATH.encode(), root_path="")


def test_what_one_client_offered_says_nothing_of_the_next(site: Site) -> None:
    app = coded(STORY, ("gzip",))
    newshole = Newshole(app, site=site)
    offering, refusing = ((b"accept-encoding", each) for each in (b"gzip", b"br"))
    for _ in range(2):
        assert ask(newshole, as_servers_ask(offering)).body != ask(app).body
        assert ask(newshole, as_servers_ask(refusing)).body == ask(app).body
    assert newshole.counts == {"composed": 2, "coding-unoffered": 2}


def test_a_document_is_asked_for_uncompressed_though_something_else_was_asked_for_there(site: Site) -> None:
    seen: list[bytes] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"accept-encoding")
        await send(start())
        await send(body(STORY))

    newshole = Newshole(app, site=site, ask_uncompressed=True)
    offered, document = (b"accept-encoding", b"gzip"), (b"accept", b"text/html")
    for headers in ([offered], [offered, document], [offered], [offered, document]):
        ask(newshole, as_servers_ask(*headers))
    assert seen == [b"gzip", b"identity"] * 2


def test_every_coded_response_has_its_own_nonce_and_no_cache_keeps_one(site: Site) -> None:
    newshole = Newshole(coded(STORY, ("gzip",)), site=site)
    for nonce in (b"cmFuZG9t", b"b3RoZXI", b"cmFuZG9t", b""):
        policy = (b"content-security-policy", b"style-src 'nonce-%s'" % nonce) if nonce else (b"x-none", b"")
        newshole.app = coded(STORY, ("gzip",), policy, (b"etag", b'"v1"'))
        client = ask(newshole)
        style = b"<style data-newshole-runtime" + (b' nonce="%s">' % nonce if nonce else b">")
        assert decode(client.body, ("gzip",), most=MOST).count(style) == 1
        assert (client.header(b"etag") is None) == bool(nonce)
