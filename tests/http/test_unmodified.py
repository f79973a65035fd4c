"""304 for composed pages: where the site's page is the same and what is added to it is, and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from newshole import Facts, Newshole, Site, Weather
from newshole.blocks import clips_of
from newshole.library import Entry
from newshole.library.feeds import FeedStory
from tests.http.asgi import HTML, STORY, Client, Pairs, ask, asked, body, start
from tests.rules.files import write

DOCUMENT = (b"accept", b"text/html")
NOW = datetime(2026, 3, 30, 12, tzinfo=UTC).timestamp()
RULES = "blocks: {some: {kind: html, html: <p>%s</p>, place: body-end%s}}"

Sites = Callable[..., Site]


@pytest.fixture
def sites(tmp_path: Path) -> Sites:
    def make(rules: str = RULES % ("x", ""), since: float = NOW - 3600) -> Site:
        site = Site.load(write(tmp_path, site=rules) / "site.yaml")
        site.since = since
        return site

    return make


class Origin:
    """A site that answers conditions as RFC 9110 has it, and keeps what it was asked."""

    def __init__(
        self, tag: bytes | None = b'"v1"', date: float | None = None, *more: tuple[bytes, bytes]
    ) -> None:
        self.tag, self.date, self.more = tag, date, more
        self.content = STORY
        self.seen: list[dict[bytes, bytes]] = []

    @property
    def validators(self) -> list[tuple[bytes, bytes]]:
        tags = [] if self.tag is None else [(b"etag", self.tag)]
        return tags if self.date is None else [*tags, (b"last-modified", written(self.date))]

    def is_known(self, headers: dict[bytes, bytes]) -> bool:
        if b"if-none-match" in headers:
            return self.tag is not None and self.tag in headers[b"if-none-match"].split(b", ")
        return self.date is not None and headers.get(b"if-modified-since", b"") == written(self.date)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.seen.append(dict(scope["headers"]))
        if self.is_known(self.seen[-1]):
            await send(start(*self.validators, *self.more, status=304))
            await send(body(b""))
        else:
            await send(start(HTML, *self.validators, *self.more))
            await send(body(self.content))


def written(at: float) -> bytes:
    return format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True).encode()


def serve(app: ASGIApp, site: Site, now: float = NOW) -> Newshole:
    newshole = Newshole(app, site=site)
    newshole.plans.clock = lambda: now
    return newshole


def visit(app: ASGIApp, *headers: tuple[bytes, bytes], **more: Any) -> Client:
    pairs: Pairs = [DOCUMENT, *headers]
    return ask(app, asked(headers=pairs, **more))


def status(client: Client) -> int:
    return int(client.messages[0]["status"])


def tag_of(client: Client) -> tuple[bytes, bytes]:
    tag = client.header(b"etag")
    assert tag is not None
    return (b"if-none-match", tag)


def test_a_page_that_is_the_same_is_not_sent_again(sites: Sites) -> None:
    origin = Origin(b'"v1"', None, (b"cache-control", b"max-age=60"), (b"vary", b"accept"))
    app = serve(origin, sites())
    first = visit(app)
    again = visit(app, tag_of(first))
    assert (status(first), status(again), again.body) == (200, 304, b"")
    assert origin.seen[-1][b"if-none-match"] == b'"v1"'
    for name in (b"etag", b"cache-control", b"vary"):
        assert again.header(name) == first.header(name)
    assert again.header(b"content-length") is None
    assert app.counts == {"composed": 1, "not-modified": 1}


def test_another_worker_and_one_after_a_restart_know_the_tag(sites: Sites) -> None:
    first = visit(serve(Origin(), sites()))
    assert status(visit(serve(Origin(), sites(since=NOW), NOW + 60), tag_of(first))) == 304


def test_a_page_that_the_site_changed_is_sent_whole(sites: Sites) -> None:
    origin = Origin()
    app = serve(origin, sites())
    first = visit(app)
    origin.tag = b'"v2"'
    again = visit(app, tag_of(first))
    assert (status(again), again.body) == (200, first.body)
    assert tag_of(again) != tag_of(first)


def test_under_other_rules_the_page_is_sent_whole(sites: Sites) -> None:
    origin = Origin()
    first = visit(serve(origin, sites()))
    again = visit(serve(origin, sites(RULES % ("y", ""))), tag_of(first))
    assert status(again) == 200
    assert b"if-none-match" not in origin.seen[-1]
    assert again.body != first.body


def test_a_page_once_sent_raw_is_not_revalidated_raw_for_ever(sites: Sites) -> None:
    again = visit(serve(Origin(), sites()), (b"if-none-match", b'"v1"'))
    assert (status(again), b"data-newshole" in again.body) == (200, True)


def test_another_reader_of_the_same_page_gets_their_own(sites: Sites) -> None:
    for vary, one, other in (
        ("{device: X-Device}", (b"x-device", b"mobile"), (b"x-device", b"desktop")),
        ("{device: {cookie: d}}", (b"cookie", b"d=mobile"), (b"cookie", b"d=desktop")),
    ):
        app = serve(Origin(), sites(f"vary: {vary}\n" + RULES % ("x", ", when: {device: mobile}")))
        first = visit(app, one)
        assert status(visit(app, one, tag_of(first))) == 304
        assert status(visit(app, other, tag_of(first))) == 200


def test_a_304_is_private_where_the_page_is(sites: Sites) -> None:
    rules = "vary: {device: {cookie: d}}\n" + RULES % ("x", ", when: {device: desktop}")
    app = serve(Origin(b'"v1"', None, (b"cache-control", b"public, max-age=9")), sites(rules))
    again = visit(app, tag_of(visit(app)))
    assert (status(again), again.header(b"cache-control")) == (304, b"private, max-age=9")


SCHEDULED = RULES % ("x", ", when: {until: 2026-03-30 12:10}") + "\ntimezone: UTC"


def test_a_page_that_changed_by_itself_is_sent_whole(sites: Sites) -> None:
    site = sites(SCHEDULED)
    first = visit(serve(Origin(), site))
    assert status(visit(serve(Origin(), site, NOW + 599), tag_of(first))) == 304
    gone = visit(serve(Origin(), site, NOW + 600), tag_of(first))
    assert (status(gone), gone.body) == (200, STORY)


def test_a_304_is_fresh_no_longer_than_the_page(sites: Sites) -> None:
    site = sites(SCHEDULED)
    origin = Origin(b'"v1"', None, (b"cache-control", b"max-age=3600"))
    first = visit(serve(origin, site))
    assert first.header(b"cache-control") == b"max-age=600"
    again = visit(serve(origin, site, NOW + 500), tag_of(first))
    assert (status(again), again.header(b"cache-control")) == (304, b"max-age=100")


def test_a_304_that_says_nothing_of_freshness_lets_no_cache_go_on(sites: Sites) -> None:
    app = serve(Origin(), sites(SCHEDULED))
    first = visit(app)
    assert visit(app, tag_of(first)).header(b"cache-control") == b"private, no-cache"


@pytest.mark.parametrize(
    ("told", "control"),
    [
        ((b"surrogate-control", b"max-age=60"), b"private, no-cache"),
        ((b"cache-control", b"s-maxage=60"), b"s-maxage=60"),
    ],
)
def test_a_304_for_shared_caches_lets_no_browser_go_on(
    sites: Sites, told: tuple[bytes, bytes], control: bytes
) -> None:
    app = serve(Origin(b'"v1"', None, told), sites(SCHEDULED))
    again = visit(app, tag_of(visit(app)))
    assert (again.header(told[0]), again.header(b"cache-control")) == (told[1], control)


STRIP = """
blocks:
  top: {kind: strip, items: [weather], place: page-top,
        weather: {feed: {url: "http://127.0.0.1:9/", temperature: t, minutes: 20, oldest: 60}}}
  some: {kind: html, html: <p>x</p>, place: body-end}
"""


def test_weather_of_the_same_temperature_is_the_same_page(sites: Sites) -> None:
    site = sites(STRIP)
    read = datetime.fromtimestamp(NOW, UTC)
    site.facts = Facts(weather={"top": Weather(3.0, at=read)})
    first = visit(serve(Origin(), site))
    other = sites(STRIP)
    for temperature, expected in ((3.0, 304), (4.0, 200)):
        other.facts = Facts(weather={"top": Weather(temperature, at=read)})
        assert status(visit(serve(Origin(), other, NOW + 300), tag_of(first))) == expected


FILM = """
blocks:
  film: {kind: video, feed: "http://127.0.0.1:9/", otherwise: first, place: body-end}
  some: {kind: html, html: <p>x</p>, place: body-end}
"""


def films(title: str) -> Facts:
    told = clips_of([FeedStory("https://news.example/v", title)])
    return Facts(videos={"http://127.0.0.1:9/": told})


def test_a_page_is_not_sent_again_until_the_videos_of_its_feed_change(sites: Sites) -> None:
    site = sites(FILM)
    first = visit(serve(Origin(), site))
    site.facts = films("Harbour")
    second = visit(serve(Origin(), site), tag_of(first))
    assert (status(second), b">Harbour</a>" in second.body) == (200, True)
    other = sites(FILM)
    for title, expected in (("Harbour", 304), ("Bridges", 200)):
        other.facts = films(title)
        assert status(visit(serve(Origin(), other), tag_of(second))) == expected


def test_no_date_tells_a_page_with_videos_of_a_feed(sites: Sites) -> None:
    site = sites(FILM)
    assert visit(serve(Origin(None, NOW - 7200), site)).header(b"last-modified") is None
    assert visit(serve(Origin(None, NOW - 7200), sites())).header(b"last-modified") is not None


STORIES = """
library: {stories: [{title: By the rules, url: /rules}]}
blocks: {more: {kind: stories, source: related, place: body-end}}
"""


def learn(site: Site, title: str, at: float) -> None:
    (shelf,) = site.shelves.values()
    published = datetime.fromtimestamp(at, UTC)
    url = f"https://news.example/{title.lower()}"
    shelf.learn([Entry(url, title, published=published, seen=at)])
    site.show_stories(site.changed_stories(at), at)


def test_a_page_is_not_sent_again_until_its_stories_change(sites: Sites) -> None:
    site = sites(STORIES)
    app = serve(Origin(), site)
    first = visit(app)
    assert status(visit(app, tag_of(first))) == 304
    learn(site, "Learned", NOW - 60)
    second = visit(app, tag_of(first))
    assert (status(second), b"Learned" in second.body) == (200, True)
    assert status(visit(app, tag_of(second))) == 304
    learn(site, "Newer", NOW)
    third = visit(app, tag_of(second))
    assert (status(third), b"Newer" in third.body) == (200, True)


def test_what_is_learned_shortens_no_lifetime_and_ends_dates(sites: Sites) -> None:
    site, control = sites(STORIES), (b"cache-control", b"max-age=600")
    app = serve(Origin(None, NOW - 600, control), site)
    first = visit(app)
    since = (b"if-modified-since", first.header(b"last-modified") or b"")
    assert status(visit(app, since)) == 304
    learn(site, "Learned", NOW)
    second = visit(app, since)
    assert (status(second), second.header(b"last-modified")) == (200, None)
    assert second.header(b"cache-control") == b"max-age=600"


def test_a_date_of_the_site_s_is_that_of_the_rules_where_they_are_newer(sites: Sites) -> None:
    control = (b"cache-control", b"max-age=60")
    old, new = NOW - 86_400, NOW - 600
    assert visit(serve(Origin(None, old, control), sites())).header(b"last-modified") == written(NOW - 3599)
    assert visit(serve(Origin(None, new, control), sites())).header(b"last-modified") == written(new)


def test_a_page_that_is_the_same_since_a_date_is_not_sent_again(sites: Sites) -> None:
    origin = Origin(None, NOW - 600)
    app = serve(origin, sites())
    first = visit(app)
    since = (b"if-modified-since", first.header(b"last-modified") or b"")
    again = visit(app, since)
    assert (status(again), again.header(b"last-modified")) == (304, since[1])
    after = serve(origin, sites(RULES % ("y", ""), NOW - 300))
    assert status(visit(after, since)) == 200
    assert b"if-modified-since" not in origin.seen[-1]


def test_rules_that_come_back_are_as_new_as_when_they_did(sites: Sites) -> None:
    origin = Origin(None, time.time() - 600)
    first, second = sites(since=time.time() - 3600), sites(RULES % ("y", ""))
    app = Newshole(origin, site=first)
    since = (b"if-modified-since", visit(app).header(b"last-modified") or b"")
    assert status(visit(app, since)) == 304
    app.site = second
    app.site = first
    assert status(visit(app, since)) == 200


@pytest.mark.parametrize(
    "rules",
    [
        SCHEDULED,
        STRIP,
        "vary: {device: {cookie: d}}\n" + RULES % ("x", ", when: {device: desktop}"),
    ],
)
def test_where_something_else_makes_another_page_there_is_no_date(sites: Sites, rules: str) -> None:
    origin = Origin(None, NOW - 600, (b"cache-control", b"max-age=60"))
    app = serve(origin, sites(rules))
    assert visit(app).header(b"last-modified") is None
    assert status(visit(app, (b"if-modified-since", written(NOW - 600)))) == 200


@pytest.mark.parametrize(
    ("tag", "control", "has_date"),
    [(b'"v1"', (), False), (b'"v1"', ((b"cache-control", b"no-cache"),), True), (None, (), True),
     (b'"v1"', ((b"cache-control", b"s-maxage=9"),), False)],
)  # fmt: skip
def test_no_cache_guesses_by_a_date_where_a_tag_is_enough(
    sites: Sites, tag: bytes | None, control: Pairs, *, has_date: bool
) -> None:
    client = visit(serve(Origin(tag, NOW - 600, *control), sites()))
    assert (client.header(b"last-modified") is not None) == has_date


def test_a_304_to_a_date_has_the_tag_of_the_page(sites: Sites) -> None:
    app = serve(Origin(b'"v1"', NOW - 600, (b"cache-control", b"max-age=60")), sites())
    first = visit(app)
    again = visit(app, (b"if-modified-since", written(NOW - 600)))
    assert (status(again), tag_of(again)) == (304, tag_of(first))


def test_a_304_that_nobody_s_condition_of_ours_asked_for_goes_through(sites: Sites) -> None:
    app = serve(Origin(), sites())
    client = ask(app, asked(headers=[(b"if-none-match", b'"v1"')]))
    assert client.headers == [(b"etag", b'"v1"')]
    assert app.counts == {"status": 1}


def test_head_is_answered_as_get_is(sites: Sites) -> None:
    app = serve(Origin(b'"v1"', NOW - 600, (b"cache-control", b"max-age=60")), sites())
    again = visit(app, tag_of(visit(app)), method="HEAD")
    assert (status(again), again.body) == (304, b"")


def test_head_promises_no_freshness_of_a_page_that_changes_by_itself(sites: Sites) -> None:
    control = (b"cache-control", b"public, max-age=3600")
    for rules, told in ((SCHEDULED, b"public, max-age=0"), (RULES % ("x", ""), control[1])):
        app = serve(Origin(b'"v1"', None, control), sites(rules))
        assert visit(app, method="HEAD").header(b"cache-control") == told


def test_words_of_the_response_reach_no_reader_with_a_304(sites: Sites) -> None:
    app = serve(Origin(b'"v1"', None, (b"X-Newshole", b"no-social")), sites())
    first = visit(app)
    again = visit(app, tag_of(first))
    assert first.header(b"x-newshole") is again.header(b"x-newshole") is None
    assert status(again) == 200
