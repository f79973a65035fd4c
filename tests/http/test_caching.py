"""What caches are told of pages that change by themselves, and of those that went out raw."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from newshole import Facts, Newshole, Site, Weather
from newshole.http.freshness import write_date
from newshole.rules.switches import Switches
from newshole.types import Switch
from tests.http.asgi import HTML, STORY, Client, ask, asked, body, page, start
from tests.rules.files import write

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
CONTROL = (b"cache-control", b"max-age=3600, s-maxage=7200, stale-while-revalidate=60")
PIECE = "{kind: html, html: <p>x</p>, place: body-end%s}"


def site_of(folder: Path, rules: str) -> Site:
    return Site.load(write(folder, site=rules) / "site.yaml")


def told(
    site: Site, *headers: tuple[bytes, bytes], after: timedelta = timedelta(), content: bytes = STORY
) -> Client:
    """What is told of a page with these headers, some time after noon."""
    app = Newshole(page(content, *headers), site=site)
    app.plans.clock = lambda: (NOW + after).timestamp()
    return ask(app)


def control(client: Client) -> bytes | None:
    return client.header(b"cache-control")


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        ("until: 2026-03-30 12:10", 600),
        ("from: 2026-03-30 12:10", 600),
        ("schedule: {hours: '11:00-12:20'}", 1200),
        ("published: {within: 2 days}", 1800),
        ("none: [{published: {before: 2 days}}]", 1800),
        ("from: 2026-03-30 12:10, section: Sport", None),
        ("from: 2026-03-30 12:10, path: /sport/**", None),
        ("until: 2026-03-29", None),
    ],
)
def test_freshness_ends_where_a_condition_turns(tmp_path: Path, when: str, seconds: int | None) -> None:
    rules = f"timezone: UTC\nblocks: {{some: {PIECE % f', when: {{{when}}}'}, every: {PIECE % ''}}}"
    published = b'<meta property="article:published_time" content="2026-03-28T12:30:00Z">'
    content = STORY.replace(b"<title>", published + b"<title>")
    expected = CONTROL[1]
    if seconds is not None:
        expected = b"max-age=%d, s-maxage=%d, stale-while-revalidate=0" % (seconds, seconds)
    assert control(told(site_of(tmp_path, rules), CONTROL, content=content)) == expected


def test_freshness_ends_where_an_override_begins_also_on_pages_left_alone(tmp_path: Path) -> None:
    rules = (
        f"timezone: UTC\nblocks: {{some: {PIECE % ''}}}\n"
        "overrides: [{name: vote, when: {from: 2026-03-30 12:05, until: 2026-03-30 12:30}, drop: some}]"
    )
    site = site_of(tmp_path, rules)
    before, during, later = (told(site, CONTROL, after=timedelta(minutes=n)) for n in (0, 10, 40))
    assert [b"data-newshole" in each.body for each in (before, during, later)] == [True, False, True]
    assert [(control(each) or b"").partition(b",")[0] for each in (before, during, later)] == [
        b"max-age=300",
        b"max-age=1200",
        b"max-age=3600",
    ]


DATED = "timezone: Europe/Warsaw\nblocks: {top: {kind: strip, items: [date], place: page-top}}"


def test_a_date_that_is_shown_is_kept_until_midnight(tmp_path: Path) -> None:
    late = timedelta(hours=9, minutes=59, seconds=57.5)
    client = told(site_of(tmp_path, DATED), (b"cache-control", b"max-age=60"), after=late)
    assert control(client) == b"max-age=2"


def test_an_age_and_an_expiry_are_counted_in(tmp_path: Path) -> None:
    late = timedelta(hours=9, minutes=59)
    made = (NOW + late).timestamp() - 30
    headers = [
        (b"age", b"30"),
        (b"date", write_date(made)),
        (b"expires", write_date(made + 600)),
        (b"cache-control", b"max-age=600"),
    ]
    for _ in range(2):
        client = told(site_of(tmp_path, DATED), *headers, after=late)
        assert control(client) == b"max-age=90"
        assert client.header(b"expires") == write_date(made + 90)


@pytest.mark.parametrize(
    "short",
    [(b"cache-control", b"s-maxage=5"), (b"surrogate-control", b"max-age=5"), (b"x-accel-expires", b"5")],
)
def test_a_short_lifetime_for_shared_caches_leaves_no_other_cache_a_long_one(
    tmp_path: Path, short: tuple[bytes, bytes]
) -> None:
    late = timedelta(hours=9, minutes=59)
    midnight = write_date((NOW + timedelta(hours=10)).timestamp())
    tomorrow = (b"expires", write_date((NOW + timedelta(days=1)).timestamp()))
    client = told(site_of(tmp_path, DATED), short, tomorrow, after=late)
    assert (client.header(short[0]), client.header(b"expires")) == (short[1], midnight)


SWITCHED = f"blocks: {{some: {PIECE % ''}, every: {PIECE % ''}}}"


@pytest.mark.parametrize("name", ["some", "every"])
def test_freshness_ends_where_a_switch_does_from_the_first_response_on(tmp_path: Path, name: str) -> None:
    site = site_of(tmp_path, SWITCHED)
    off = Switch("block", name, until=NOW.timestamp() + 90)
    site.facts = Facts(switches=Switches([off]))
    app = Newshole(page(STORY, CONTROL), site=site)
    app.plans.clock = NOW.timestamp
    expected = b"max-age=90, s-maxage=90, stale-while-revalidate=0"
    assert [control(ask(app)) for _ in range(3)] == [expected] * 3


def test_a_page_that_changed_while_it_was_on_its_way_is_not_kept(tmp_path: Path) -> None:
    rules = f"timezone: UTC\nblocks: {{some: {PIECE % ', when: {until: 2026-03-30 12:01}'}}}"
    app = Newshole(page(STORY, CONTROL), site=site_of(tmp_path, rules))
    times = iter([NOW.timestamp() + 59.9])
    app.plans.clock = lambda: next(times, NOW.timestamp() + 60.1)
    client = ask(app)
    assert b"data-newshole" in client.body
    assert control(client) == b"max-age=0, s-maxage=0, stale-while-revalidate=0"


def test_a_page_without_freshness_is_given_none_and_nothing_to_guess_by(tmp_path: Path) -> None:
    client = told(site_of(tmp_path, DATED), (b"last-modified", write_date(NOW.timestamp() - 9999)))
    assert {name for name, _ in client.headers} == {b"content-type", b"content-length"}


def test_a_page_that_is_left_alone_for_now_gives_nothing_to_guess_by(tmp_path: Path) -> None:
    rules = f"timezone: UTC\nblocks: {{some: {PIECE % ', when: {from: 2026-03-30 12:10}'}}}"
    dated = (b"last-modified", write_date(NOW.timestamp() - 86_400 * 30))
    site = site_of(tmp_path, rules)
    client = told(site, dated)
    assert (client.body, client.header(b"last-modified")) == (STORY, None)
    assert told(site, dated, CONTROL).header(b"last-modified") == dated[1]
    assert told(site, dated, (b"cache-control", b"s-maxage=5")).header(b"last-modified") is None


WEATHER = """
blocks:
  top: {kind: strip, items: [weather], place: page-top,
        weather: {feed: {url: "http://127.0.0.1:9/", temperature: t, minutes: 20, oldest: 60}}}
  every: {kind: html, html: <p>x</p>, place: body-end}
"""


@pytest.mark.parametrize(
    ("minutes_ago", "lifetime"), [(None, 5), (0, 1200), (15, 300), (25, 60), (59, 60), (70, 60)]
)
def test_weather_is_kept_until_it_is_read_again_and_where_it_is_late_shortly(
    tmp_path: Path, minutes_ago: int | None, lifetime: int
) -> None:
    site = site_of(tmp_path, WEATHER)
    if minutes_ago is not None:
        site.facts = Facts(weather={"top": Weather(3.0, at=NOW - timedelta(minutes=minutes_ago))})
    assert control(told(site, (b"cache-control", b"max-age=3600"))) == b"max-age=%d" % lifetime


def test_the_same_second_s_headers_are_made_once(tmp_path: Path) -> None:
    site = site_of(tmp_path, DATED)
    app = Newshole(page(STORY, (b"cache-control", b"max-age=999999")), site=site)
    app.plans.clock = lambda: NOW.timestamp() + 0.5
    seen = [ask(app).headers for _ in range(3)]
    assert seen[0] == seen[1] == seen[2]
    assert control(ask(app)) == b"max-age=%d" % (10 * 3600 - 1)


FAULTS = {
    "compose-fault": "newshole.http.responder.read_reader",
    "headers-fault": "newshole.http.guard.composed_headers",
    "guard-fault": "newshole.http.guard.read_start",
    "read-fault": "newshole.composing.prescan",
}


@pytest.mark.parametrize("reason", FAULTS)
def test_what_went_out_raw_by_a_fault_is_kept_shortly(
    site: Site, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(reason)

    monkeypatch.setattr(FAULTS[reason], broken)
    headers = [(b"cache-control", b"max-age=600"), (b"last-modified", b"Mon, 30 Mar 2026 12:00:00 GMT")]
    app = Newshole(page(STORY, *headers), site=site)
    client = ask(app)
    assert (app.counts, client.body) == ({reason: 1}, STORY)
    assert (control(client), client.header(b"last-modified")) == (b"max-age=5", None)


def test_what_went_out_raw_for_it_was_slow_is_kept_shortly(site: Site) -> None:
    client, is_out = Client(), asyncio.Event()

    async def send_out(message: Message) -> None:
        await client.send(message)
        is_out.set()

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start(HTML, (b"cache-control", b"max-age=600")))
        await send(body(STORY[:100], more=True))
        await is_out.wait()
        await send(body(STORY[100:]))

    app = Newshole(slow, site=site, max_hold=0.01)
    asyncio.run(app(asked(), client.receive, send_out))
    assert (app.counts, client.body, control(client)) == ({"too-slow": 1}, STORY, b"max-age=5")
