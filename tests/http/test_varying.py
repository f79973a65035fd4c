"""Pages that differ from reader to reader, through the mounted middleware: what each gets, and what caches
in front are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from newshole import Newshole, Site
from tests.http.asgi import STORY, Client, Pairs, ask, asked, body, page, sending, start
from tests.rules.files import write

SUBSCRIBERS = """
site: Example
vary: {cookie: {subscriber: X-Subscriber}}
blocks:
  programmatic:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    serve: {gpt: {unit: /1234/inline}}
    place: {after: paragraph, nth: 2}
    when: {cookie: {subscriber: {not: "1"}}}
  direct:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    serve: {slot: direct-sold}
    place: {after: paragraph, nth: 4}
"""

Sites = Callable[[str], Site]


@pytest.fixture
def sites(tmp_path: Path) -> Sites:
    return lambda rules: Site.load(write(tmp_path, site=rules) / "site.yaml")


def blocks(client: Client) -> list[str]:
    """The blocks of a page that came."""
    return re.findall(r'data-newshole="([^"]*)"', client.body.decode())


def visit(app: ASGIApp, path: str = "/news/bridge", **headers: str) -> Client:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    address, _, query = path.partition("?")
    return ask(app, asked(address, headers=pairs, query_string=query.encode()))


def one(when: str, vary: str = "{}") -> str:
    """Rules with one block, and its conditions."""
    return (
        f"vary: {vary}\nblocks: {{some: {{kind: html, html: <p>x</p>, place: body-end, when: {{{when}}}}}, "
        "every: {kind: html, html: <p>y</p>, place: body-end}}"
    )


def test_subscribers_get_no_programmatic_ads_but_direct_sold_ones(sites: Sites) -> None:
    app = Newshole(page(), site=sites(SUBSCRIBERS))
    for _ in range(3):
        reader, subscriber = visit(app), visit(app, x_subscriber="1", cookie="subscriber=0")
        assert blocks(reader) == ["programmatic", "direct"]
        assert blocks(subscriber) == ["direct"]
        for each in (reader, subscriber):
            assert each.header(b"vary") == b"X-Subscriber"
            assert each.header(b"cache-control") is None
    assert app.plans.counts == {"plan-anew": 2, "plan-here": 4}


def test_without_an_edge_the_cookie_decides_and_the_page_is_private(sites: Sites) -> None:
    rules = SUBSCRIBERS.replace("vary: {cookie: {subscriber: X-Subscriber}}\n", "")
    app = Newshole(page(), site=sites(rules))
    assert blocks(visit(app, cookie="a=b; subscriber=1")) == ["direct"]
    for each in (visit(app), visit(app, cookie="subscriber=0")):
        assert blocks(each) == ["programmatic", "direct"]
        assert (each.header(b"vary"), each.header(b"cache-control")) == (None, b"private")


@pytest.mark.parametrize(
    ("when", "vary", "yes", "no", "named"),
    [
        ("device: mobile", "{}", {"sec_ch_ua_mobile": "?1"}, {}, b"Sec-CH-UA-Mobile, User-Agent"),
        ("device: mobile", "{device: X-Device}", {"x_device": "phone"}, {"sec_ch_ua_mobile": "?1"},
         b"X-Device"),
        ("country: PL", "{country: X-Country}", {"x_country": "pl"}, {"x_country": "DE"}, b"X-Country"),
        ("referrer: '*.search.example'", "{}", {"referer": "https://www.search.example/?q"}, {}, b"Referer"),
        ("header: {X-Tier: gold}", "{}", {"x_tier": "Gold"}, {"x_tier": "tin"}, b"X-Tier"),
        ("logged_in: true", "{logged_in: X-In}", {"x_in": "1"}, {"x_in": "0"}, b"X-In"),
        ("consent: ads", "{consent: X-Consent}", {"x_consent": "stats,ads"}, {}, b"X-Consent"),
        ("bot: true", "{}", {"user_agent": "Googlebot/2.1"}, {"user_agent": "Mozilla/5.0"}, b"User-Agent"),
        ("visits: {min: 2}", "{visits: X-Visits}", {"x_visits": "2"}, {"x_visits": "1"}, b"X-Visits"),
    ],
)  # fmt: skip
def test_a_fact_of_the_reader_decides_and_is_in_vary(
    sites: Sites, when: str, vary: str, yes: dict[str, str], no: dict[str, str], named: bytes
) -> None:
    app = Newshole(page(), site=sites(one(when, vary)))
    for _ in range(2):
        for headers, expected in ((yes, ["some", "every"]), (no, ["every"])):
            client = visit(app, **headers)
            assert (blocks(client), client.header(b"vary")) == (expected, named)
            assert client.header(b"cache-control") is None


@pytest.mark.parametrize(
    ("when", "vary", "cookie"),
    [
        ('cookie: {plan: "1"}', "{}", "plan=1"),
        ("logged_in: true", "{logged_in: {cookie: session}}", "session=abc"),
        ("visits: {min: 2}", "{visits: {cookie: seen}}", "seen=5"),
    ],
)
def test_what_a_cookie_decides_is_private(sites: Sites, when: str, vary: str, cookie: str) -> None:
    kept = (b"Cache-Control", b"public, max-age=60, s-maxage=900")
    app = Newshole(page(STORY, kept, (b"cdn-cache-control", b"max-age=900")), site=sites(one(when, vary)))
    for headers, expected in (({"cookie": cookie}, ["some", "every"]), ({}, ["every"])):
        client = visit(app, **headers)
        assert blocks(client) == expected
        assert client.header(b"cache-control") == b"private, max-age=60"
        assert client.header(b"cdn-cache-control") is None
        assert client.header(b"vary") is None


def test_the_query_decides_and_is_part_of_the_address(sites: Sites) -> None:
    app = Newshole(page(), site=sites(one("query: {utm_source: newsletter}")))
    assert blocks(visit(app, "/news/bridge?utm_source=newsletter")) == ["some", "every"]
    other = visit(app, "/news/bridge?utm_source=social")
    assert (blocks(other), other.header(b"vary"), other.header(b"cache-control")) == (["every"], None, None)


def test_of_readers_that_no_rule_looks_at_caches_are_told_nothing(sites: Sites) -> None:
    vary = "{device: X-Device, cookie: {a: X-A}, visits: {cookie: v}}"
    client = visit(Newshole(page(), site=sites(one("section: {not: x}", vary))), cookie="a=1; v=2")
    assert (client.header(b"vary"), client.header(b"cache-control")) == (None, None)


def test_sites_of_a_folder_vary_each_by_its_own(tmp_path: Path) -> None:
    rules = {
        "a": "hosts: a.example\n" + one("device: mobile", "{device: X-Device}"),
        "b": "hosts: b.example\n" + one('cookie: {plan: "1"}'),
        "c": "hosts: c.example\n" + one("section: {not: x}"),
    }
    app = Newshole(page(), site=Site.load(write(tmp_path, **rules)))
    told = {}
    for name in rules:
        client = ask(app, {**asked(), "headers": [(b"host", f"{name}.example".encode())]})
        told[name] = (client.header(b"vary"), client.header(b"cache-control"))
    assert told == {"a": (b"X-Device", None), "b": (None, b"private"), "c": (None, None)}


def test_head_and_pages_left_alone_say_the_same_to_caches(sites: Sites) -> None:
    site = sites("articles: [{header: {x-a: yes}, cookie: {b: present}}]\n" + one("device: mobile"))
    app = Newshole(page(), site=site)
    left, head = visit(app), ask(app, asked(method="HEAD"))
    assert app.counts == {"not-an-article": 1, "head": 1}
    for client in (left, head):
        assert client.header(b"vary") == b"Sec-CH-UA-Mobile, User-Agent, x-a"
        assert client.header(b"cache-control") == b"private"
    taken = visit(app, x_a="yes", cookie="b=1")
    assert blocks(taken) == ["every"]


def test_readers_cannot_fill_the_cache_with_values(sites: Sites) -> None:
    rules = one('cookie: {plan: "1"}, header: {x-tier: gold}, visits: {min: 2}', "{visits: X-Visits}")
    app = Newshole(page(), site=sites(rules))
    for number in range(50):
        visit(
            app,
            cookie=f"plan={number}",
            x_tier=f"t{number}",
            x_visits=str(number),
            referer=f"https://{number}.x",
        )
    assert len(app.plans.kept) <= 4


TWO = """
blocks:
  one: {{kind: html, html: <p>1</p>, place: body-end, when: {{{one}}}}}
  two: {{kind: html, html: <p>2</p>, place: body-end, when: {{{two}}}}}
"""


@pytest.mark.parametrize(
    ("one", "two", "first", "then", "blocks_then"),
    [
        ("header: {X-Plan: none}", "header: {X-Plan: {not: present}}", "none", "gold", []),
        ("header: {X-Plan: a or b}", "header: {X-Plan: [a, b]}", "a or b", "a", ["two"]),
        ("header: {X-Plan: not a}", "header: {X-Plan: {not: a}}", "b", "not a", ["one", "two"]),
    ],
)
def test_conditions_that_read_the_same_are_not_the_same(
    sites: Sites, one: str, two: str, first: str, then: str, blocks_then: list[str]
) -> None:
    site = sites(TWO.format(one=one, two=two))
    app = Newshole(page(), site=site)
    visit(app, X_Plan=first)
    assert blocks(visit(app, X_Plan=then)) == blocks_then


def test_cookies_are_told_apart_by_upper_and_lower_case(sites: Sites) -> None:
    app = Newshole(page(), site=sites(TWO.format(one="cookie: {Sub: y}", two="cookie: {sub: y}")))
    assert blocks(visit(app, cookie="Sub=y")) == ["one"]
    assert blocks(visit(app, cookie="sub=y")) == ["two"]
    assert blocks(visit(app, cookie="sub=y; Sub=y")) == ["one", "two"]


PHONE, DESKTOP = "?1", "?0"


def test_devices_have_plans_of_their_own_also_where_every_condition_holds_for_both(sites: Sites) -> None:
    rules = (
        "layout: {start: {mobile: 1 paragraph, desktop: 4 paragraphs}}\n"
        "blocks: {some: {kind: html, html: <p>x</p>, place: {after: paragraph}, when: {device: present}}}\n"
    )
    site = sites(rules)
    for order in ((PHONE, DESKTOP), (DESKTOP, PHONE)):
        app = Newshole(page(), site=site)
        found = {device: visit(app, sec_ch_ua_mobile=device).body for device in order}
        before = {device: body.split(b"data-newshole=")[0].count(b"<p>") for device, body in found.items()}
        assert before == {PHONE: 1, DESKTOP: 4}


def test_a_block_at_another_place_is_another_page_to_caches(sites: Sites) -> None:
    rules = (
        "blocks: {some: {kind: html, html: <p>x</p>, place: {after: paragraph}}}\n"
        "overrides: [{name: a, when: {device: mobile}, "
        "set: {blocks.some.place: {after: paragraph, nth: 3}}}]\n"
    )
    app = Newshole(page(STORY, (b"etag", b'"v1"')), site=sites(rules))
    tags = [visit(app, sec_ch_ua_mobile=device).header(b"etag") for device in (PHONE, DESKTOP) * 2]
    assert tags[0] != tags[1]
    assert tags[:2] == tags[2:]


APART = """
vary: {device: X-Device, logged_in: {cookie: session}, country: X-Country}
layout: {start: {mobile: 1 paragraph, desktop: 4 paragraphs}}
blocks:
  small: {kind: html, html: <p>1</p>, place: body-end, when: {path: "/sport/**", device: mobile}}
  member: {kind: html, html: <p>2</p>, place: body-end, when: {path: "/members/**", logged_in: true}}
  every: {kind: html, html: <p>3</p>, place: {after: paragraph}}
overrides:
  - name: vote
    when: {path: "/politics/**"}
    set: {blocks.every.when: {country: PL}}
"""


@pytest.mark.parametrize(
    ("path", "vary", "control"),
    [
        ("/news/bridge", None, None),
        ("/sport/bridge", b"X-Device", None),
        ("/members/bridge", None, b"private"),
        ("/politics/bridge", b"X-Country", None),
    ],
)
def test_a_page_varies_by_what_the_rules_of_its_own_address_look_at(
    sites: Sites, path: str, vary: bytes | None, control: bytes | None
) -> None:
    app = Newshole(page(), site=sites(APART))
    client = visit(app, path, x_device="mobile", cookie="session=1", x_country="PL")
    assert (client.header(b"vary"), client.header(b"cache-control")) == (vary, control)
    assert "every" in blocks(client)


def test_where_no_rule_looks_at_the_device_both_get_the_same_page(sites: Sites) -> None:
    site = sites(APART)
    pages = {visit(Newshole(page(), site=site), x_device=device).body for device in ("mobile", "desktop")}
    assert len(pages) == 1


SHARED = (b"cache-control", b"public, max-age=60")
PARTS = b"Sec-Fetch-Dest, HX-Request, Turbo-Frame"


def test_shared_caches_keep_pages_apart_from_what_scripts_get(sites: Sites) -> None:
    app = Newshole(page(STORY, SHARED, (b"vary", b"Accept")), site=sites(one("section: {not: x}")))
    whole, part = visit(app), visit(app, hx_request="true")
    assert (app.counts, part.body) == ({"composed": 1, "fragment": 1}, STORY)
    for client in (whole, part):
        assert client.header(b"vary") == b"Accept, " + PARTS


@pytest.mark.parametrize(("vary", "told"), [([], None), ([(b"vary", b"Accept")], b"Accept, " + PARTS)])
def test_what_scripts_revalidate_is_kept_apart_afterwards(
    sites: Sites, vary: Pairs, told: bytes | None
) -> None:
    app = Newshole(sending(start(SHARED, *vary, status=304), body(b"")), site=sites(one("section: {not: x}")))
    assert visit(app, hx_request="true", if_none_match='"v1"').header(b"vary") == told


def test_a_page_that_is_left_alone_is_the_same_for_scripts(sites: Sites) -> None:
    app = Newshole(page(b"<p>short", SHARED), site=sites(one("section: {not: x}")))
    assert visit(app).header(b"vary") is None
    assert app.counts["composed"] == 0


@pytest.mark.parametrize("kept", [(b"x-accel-expires", b"60"), (b"Edge-Control", b"cache-maxage=1d")])
def test_a_cache_with_a_header_of_its_own_keeps_pages_apart_too(
    sites: Sites, kept: tuple[bytes, bytes]
) -> None:
    app = Newshole(page(STORY, kept), site=sites(one("section: {not: x}")))
    assert [visit(app).header(b"vary"), visit(app, hx_request="1").header(b"vary")] == [PARTS, PARTS]


def test_what_no_shared_cache_keeps_is_told_to_none(sites: Sites) -> None:
    site = sites(one("section: {not: x}"))
    for control in ((), ((b"cache-control", b"private, max-age=60"),)):
        app = Newshole(page(STORY, *control), site=site)
        assert [visit(app).header(b"vary"), visit(app, hx_request="1").header(b"vary")] == [None, None]


def test_where_parts_are_composed_too_no_answer_varies_by_who_asks(sites: Sites) -> None:
    rules = (
        "pages: [{name: parts, path: /parts/**, fragments: true, blocks: [top]}]\n"
        "blocks: {top: {kind: html, html: <p>x</p>, place: page-top}}"
    )
    app = Newshole(page(STORY, SHARED), site=sites(rules))
    assert visit(app, "/parts/bridge", hx_request="true").header(b"vary") is None
    assert visit(app, "/news/bridge").header(b"vary") == PARTS


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-type", b"image/png")],
        [(b"content-type", b"text/html"), (b"content-disposition", b"attachment")],
    ],
)
def test_what_is_no_page_is_the_same_for_all_who_ask(
    sites: Sites, headers: list[tuple[bytes, bytes]]
) -> None:
    answer = sending(start(*headers, SHARED), body(b"x"))
    app = Newshole(answer, site=sites(one("section: {not: x}")))
    for asked_as in ({"sec_fetch_dest": "image"}, {"hx_request": "true"}, {}):
        assert visit(app, **asked_as).headers == [*headers, SHARED]


def test_other_addresses_of_scripts_are_none_of_ours(sites: Sites) -> None:
    rules = "articles: [{path: /news/**}]\n" + one("section: {not: x}")
    app = Newshole(page(STORY, SHARED), site=sites(rules))
    assert visit(app, "/api", hx_request="true").header(b"vary") is None
