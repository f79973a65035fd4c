"""Operators are told what was done to a response, by a token that is theirs and holds for a while."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Newshole, Site
from newshole.http.headers import SHARED
from newshole.http.operators import HEADER, is_operator, token
from tests.http.asgi import HTML, STORY, ask, asked, body, page, sending, start

SECRET = b"of the newsroom"


def test_a_token_holds_until_its_moment_under_its_secret() -> None:
    written = token(SECRET, 1000.0).encode()
    assert is_operator(written, SECRET, 999.0)
    assert not is_operator(written, SECRET, 1000.0)
    assert not is_operator(written, b"another", 999.0)
    assert not is_operator(written, b"", 999.0)
    assert not is_operator(token(b"", 1000.0).encode(), b"", 999.0)


@given(st.binary(max_size=100))
def test_what_is_no_token_is_none(written: bytes) -> None:
    assert not is_operator(written, SECRET, 0)


def test_a_token_cannot_be_made_to_hold_longer() -> None:
    expiry, _, signature = token(SECRET, 1000.0).partition("-")
    assert not is_operator(f"{int(expiry) + 1}-{signature}".encode(), SECRET, 999.0)


@pytest.mark.parametrize(("content", "outcome"), [(STORY, "composed"), (b"<p>short", "no-body")])
def test_an_operator_is_told_and_nobody_else_gets_that_response(
    site: Site, content: bytes, outcome: str
) -> None:
    app = page(content, (b"cache-control", b"public, max-age=60"))
    newshole = Newshole(app, site=site, secret=SECRET)
    mine = [(HEADER, token(SECRET, time.time() + 60).encode())]
    for _ in range(2):
        client = ask(newshole, asked(headers=mine))
        assert re.fullmatch(
            rb'newshole;dur=\d+\.\d{3};desc="%s"' % outcome.encode(), client.header(b"server-timing") or b""
        )
        assert client.header(b"cache-control") == b"private, no-store"
    visitor = ask(newshole)
    assert visitor.header(b"server-timing") is None
    assert visitor.header(b"cache-control") == b"public, max-age=60"
    assert visitor.body == client.body


@pytest.mark.parametrize("name", sorted(SHARED | {b"expires"}))
def test_no_cache_is_told_otherwise_of_an_operator_s_response(site: Site, name: bytes) -> None:
    newshole = Newshole(page(STORY, (name, b"max-age=60")), site=site, secret=SECRET)
    mine = [(HEADER, token(SECRET, time.time() + 60).encode())]
    client = ask(newshole, asked(headers=mine))
    assert (client.header(name), client.header(b"cache-control")) == (None, b"private, no-store")


@pytest.mark.parametrize("secret", [b"", b"another"])
def test_a_stranger_s_token_changes_nothing(site: Site, secret: bytes) -> None:
    newshole = Newshole(sending(start(HTML), body(STORY)), site=site, secret=secret)
    stranger = asked(headers=[(HEADER, token(SECRET, time.time() + 60).encode())])
    assert ask(newshole, stranger).messages == ask(newshole).messages
