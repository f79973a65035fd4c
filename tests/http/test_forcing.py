"""A link shows one arm to whoever opens it, for a while; the site, caches and counts know nothing of it."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from newshole import Newshole
from newshole.http.links.forcing import arm_field, arms_asked_for, without_arms
from newshole.http.operators import HEADER, token
from tests.http.asgi import HTML, RULES, STORY, Client, ask, asked, body, page, sending, start

SECRET: Final = b"of the newsroom"
TESTED: Final = (
    RULES
    + """
vary: {id: X-Reader}
holdout: {share: 100%}
experiments:
  e: {arms: {control: {}, red: {set: {blocks.inline.html: "<p>in-red</p>"}}}}
  p: {unit: page, arms: {control: {}, none: {drop: inline}}}
"""
)
LATER: Final = time.time() + 3600


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(TESTED, "utf-8")
    return path


def link(arm: str = "e:red", *, secret: bytes = SECRET, until: float = LATER) -> bytes:
    experiment, _, name = arm.partition(":")
    return arm_field(secret, experiment, name, until).encode()


class Site:
    """A site that remembers the queries of its requests."""

    def __init__(self) -> None:
        self.queries: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.queries.append(scope["query_string"])
        await page(STORY, (b"cache-control", b"public, max-age=60"))(scope, receive, send)


def is_red(client: Client) -> bool:
    assert client.messages[0]["status"] == 200
    return b"in-red" in client.body


def test_the_arm_is_shown_to_whoever_opens_the_link(rules: Path) -> None:
    app = Newshole(Site(), rules=rules, secret=SECRET)
    assert is_red(ask(app, asked(query_string=link())))
    assert is_red(ask(app, asked(query_string=link(), headers=[(b"user-agent", b"Googlebot")])))
    assert not is_red(ask(app, asked(query_string=link("e:control"))))
    assert b"data-newshole=" not in ask(app, asked(query_string=link("p:none"))).body


def test_several_arms_are_asked_for_at_once(rules: Path) -> None:
    app = Newshole(Site(), rules=rules, secret=SECRET)
    both = b"&".join((link("e:red"), b"x=1", link("p:control")))
    assert is_red(ask(app, asked(query_string=both)))


def test_the_page_is_for_nobody_else_and_is_kept_nowhere(rules: Path) -> None:
    app = Newshole(Site(), rules=rules, secret=SECRET)
    plain = ask(app)
    for _ in range(2):
        shown = ask(app, asked(query_string=link()))
        assert is_red(shown)
        assert shown.header(b"cache-control") == b"private, no-store"
        again = ask(app)
        assert again.body == plain.body
        assert b"public" in (again.header(b"cache-control") or b"")
    assert app.plans.counts["plan-anew"] == 1
    assert app.tally.placed == {("inline",): 3}


def test_the_site_sees_its_own_address(rules: Path) -> None:
    site = Site()
    app = Newshole(site, rules=rules, secret=SECRET)
    for query in (link(), b"a=1&" + link() + b"&b=%20", b"newshole-arm=forged&c", link(secret=b"x")):
        ask(app, asked(query_string=query))
    ask(app, asked("/elsewhere", query_string=link()))
    ask(app, asked(method="POST", query_string=link()))
    assert site.queries == [b"", b"a=1&b=%20", b"c", b"", b"", b""]


@pytest.mark.parametrize(
    "query",
    [
        link(until=time.time() - 1),
        link(secret=b"of somebody else"),
        link("p:none").replace(b"p:none", b"e:red"),
        b"newshole-arm=e:red:" + token(SECRET, LATER).encode(),
        b"newshole-arm=e:red",
        b"newshole-arm=",
        b"newshole-arm=%ff%00:::-",
        link("e:blue"),
        link("gone:red"),
    ],
    ids=[
        "past",
        "another secret",
        "another arm",
        "a token",
        "no time",
        "nothing",
        "no text",
        "no such arm",
        "no such experiment",
    ],
)
def test_what_is_not_signed_for_this_arm_shows_the_page_as_it_is(rules: Path, query: bytes) -> None:
    app = Newshole(Site(), rules=rules, secret=SECRET)
    assert ask(app, asked(query_string=query)).body == ask(app).body


def test_a_forged_link_may_be_cached_as_any_page(rules: Path) -> None:
    app = Newshole(Site(), rules=rules, secret=SECRET)
    forged = ask(app, asked(query_string=link(secret=b"x")))
    assert forged.messages == ask(app).messages
    assert app.counts["composed"] == 2


@pytest.mark.parametrize("query", [None, "newshole-arm=x", 5])
def test_a_query_of_another_type_breaks_no_page(rules: Path, query: object) -> None:
    app = Newshole(page(), rules=rules, secret=SECRET)
    assert ask(app, asked(query_string=query)).messages[0]["status"] == 200


def test_without_a_secret_no_link_holds(rules: Path) -> None:
    app = Newshole(Site(), rules=rules)
    assert not is_red(ask(app, asked(query_string=link(secret=b""))))


def test_a_coded_page_a_page_in_parts_and_a_head_are_for_nobody_else_too(rules: Path) -> None:
    coded = gzip.compress(STORY)
    headers = (HTML, (b"content-encoding", b"gzip"))
    app = Newshole(sending(start(*headers), body(coded)), rules=rules, secret=SECRET)
    told = [(b"accept-encoding", b"gzip")]
    shown = ask(app, asked(query_string=link(), headers=told))
    assert b"in-red" in gzip.decompress(shown.body)
    assert shown.header(b"cache-control") == b"private, no-store"
    halves = (body(STORY[:900], more=True), body(STORY[900:]))
    app = Newshole(sending(start(), *halves), rules=rules, secret=SECRET, flush_after=0)
    shown = ask(app, asked(query_string=link()))
    assert is_red(shown)
    assert shown.header(b"cache-control") == b"private, no-store"
    head = ask(Newshole(page(), rules=rules, secret=SECRET), asked(method="HEAD", query_string=link()))
    assert head.header(b"cache-control") == b"private, no-store"


def test_an_operator_is_told_of_it_as_of_any_page(rules: Path) -> None:
    app = Newshole(Site(), rules=rules, secret=SECRET, log="logging", surrogate="Surrogate-Key")
    headers = [(HEADER, token(SECRET, LATER).encode())]
    shown = ask(app, asked(query_string=link(), headers=headers))
    assert is_red(shown)
    assert shown.header(b"cache-control") == b"private, no-store"
    assert shown.header(b"server-timing") is not None


def test_a_link_may_be_coded_as_mail_programs_do() -> None:
    coded = b"newshole-arm=" + quote(link().partition(b"=")[2], safe="").encode()
    assert arms_asked_for(coded, SECRET, time.time()) == {"e": "red"}


def test_a_target_that_holds_the_query_loses_the_field_there_too() -> None:
    scope = asked(query_string=b"a=1&" + link(), raw_path=b"/news/bridge?a=1&" + link())
    assert without_arms(scope)["raw_path"] == b"/news/bridge?a=1"
    scope = asked(query_string=link(), raw_path=b"/news/bridge?" + link())
    assert without_arms(scope)["raw_path"] == b"/news/bridge"
    assert without_arms(asked(query_string=link(), raw_path=b"/a"))["raw_path"] == b"/a"


@given(st.binary(max_size=80))
def test_whatever_is_asked_for_nothing_unsigned_is_found(written: bytes) -> None:
    assert arms_asked_for(b"newshole-arm=" + written, SECRET, 0) == {}
