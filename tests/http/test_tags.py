"""Pages carry the tags by which a cache in front purges them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from newshole import Newshole, Site
from newshole.cdn.tags import url_tag
from newshole.errors import UsageError
from tests.http.asgi import HTML, PATH, RULES, STORY, Client, ask, asked, asks, body, page, sending, start
from tests.http.servers import serving

URL = f"https://news.example{PATH}"
EVERY = ["nh-site-example", url_tag(URL)]


def tags_of(client: Client, name: bytes = b"surrogate-key") -> list[str]:
    """The tags in a header, in their order."""
    value = client.header(name)
    return [] if value is None else value.decode().replace(",", " ").split()


def rules_of(site: Site) -> str:
    return f"nh-rules-{site.digest[:12]}"


def test_a_composed_page_is_tagged_with_its_blocks(site: Site) -> None:
    newshole = Newshole(page(), site=site, surrogate="Surrogate-Key")
    for _ in range(3):
        assert tags_of(ask(newshole)) == [*EVERY, rules_of(site), "nh-block-inline"]


def test_both_headers_can_be_asked_for(site: Site) -> None:
    client = ask(Newshole(page(), site=site, surrogate=("Cache-Tag", "Surrogate-Key")))
    assert tags_of(client, b"cache-tag") == tags_of(client)
    assert client.header(b"cache-tag") == (client.header(b"surrogate-key") or b"").replace(b" ", b",")


def test_the_sites_own_tags_stay_in_front(site: Site) -> None:
    newshole = Newshole(
        page(STORY, (b"Surrogate-Key", b"story-1 world")), site=site, surrogate="Surrogate-Key"
    )
    assert tags_of(ask(newshole))[:3] == ["story-1", "world", "nh-site-example"]


@pytest.mark.parametrize("path", [PATH, "/about"])
def test_a_page_without_blocks_is_tagged_too_for_other_rules_may_place_some(site: Site, path: str) -> None:
    client = ask(Newshole(page(b"<p>Short"), site=site, surrogate="Surrogate-Key"), asked(path))
    url = f"https://news.example{path}"
    assert tags_of(client) == ["nh-site-example", url_tag(url), rules_of(site)]
    assert client.body == b"<p>Short"


def test_a_page_that_newshole_failed_on_is_tagged(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr("newshole.cache.plans.read_anew", fail)
    newshole = Newshole(page(), site=site, surrogate="Surrogate-Key")
    client = ask(newshole)
    assert newshole.counts["compose-fault"] == 1
    assert tags_of(client) == [*EVERY, rules_of(site)]


@pytest.mark.parametrize(
    "messages",
    [
        [start((b"content-type", b"application/json")), body(b"{}")],
        [start(HTML, status=404), body(b"gone")],
        [start((b"x-a", b"1")), body(b"?")],
    ],
)
def test_what_is_no_page_is_left_as_it_is(site: Site, messages: list[dict[str, object]]) -> None:
    client = ask(Newshole(sending(*messages), site=site, surrogate="Surrogate-Key"))
    assert client.messages == messages


def test_a_host_that_no_rules_are_for_is_left_as_it_is(tmp_path: Path) -> None:
    rules = tmp_path / "site.yaml"
    rules.write_text(f"hosts: [other.example]\n{RULES}", encoding="utf-8")
    newshole = Newshole(page(), rules=rules, surrogate="Surrogate-Key")
    assert tags_of(ask(newshole)) == []


def test_a_malformed_host_has_no_tags(site: Site) -> None:
    scope = {**asked(), "headers": [(b"host", b"a b")]}
    assert tags_of(ask(Newshole(page(), site=site, surrogate="Surrogate-Key"), scope)) == []


def test_a_start_that_cannot_be_tagged_goes_out_as_it_is(site: Site) -> None:
    answer = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", None)]}
    newshole = Newshole(sending(answer, body(b"page")), site=site, surrogate="Surrogate-Key")
    client = ask(newshole, asked("/about"))
    assert client.messages == [answer, body(b"page")]
    assert newshole.counts["headers-fault"] == 1


@pytest.mark.parametrize("path", [PATH, "/about"])
def test_headers_of_other_types_are_tagged_and_all_sent(site: Site, path: str) -> None:
    written = [(b"X-A", b"1"), HTML, (b"x-b", b"2")]
    for headers in (iter(written), [[bytearray(name), memoryview(value)] for name, value in written]):
        answer = {"type": "http.response.start", "status": 200, "headers": headers}
        newshole = Newshole(sending(answer, body(b"page")), site=site, surrogate="Surrogate-Key")
        client = ask(newshole, asked(path))
        assert tags_of(client)[0] == "nh-site-example"
        assert client.headers[:3] == written


def test_what_is_not_modified_has_no_tags_that_a_cache_could_take_for_the_pages_own(site: Site) -> None:
    answer = start((b"surrogate-key", b"story-1"), (b"cache-control", b"max-age=9"), status=304)
    newshole = Newshole(sending(answer, body(b"")), site=site, surrogate="Surrogate-Key")
    assert ask(newshole).headers == [(b"cache-control", b"max-age=9")]
    assert tags_of(ask(newshole, asked("/about", headers=[(b"accept", b"text/html")]))) == []
    assert tags_of(ask(newshole, asked("/logo.png"))) == ["story-1"]


def test_head_is_tagged_as_a_page_without_blocks(site: Site) -> None:
    client = ask(Newshole(page(), site=site, surrogate="Surrogate-Key"), asked(method="HEAD"))
    assert tags_of(client) == [*EVERY, rules_of(site)]


def test_other_rules_have_other_tags_at_once(site: Site, device_site: Site) -> None:
    newshole = Newshole(page(), site=site, surrogate="Surrogate-Key")
    ask(newshole)
    newshole.site = device_site
    assert rules_of(device_site) in tags_of(ask(newshole))
    assert rules_of(site) not in tags_of(ask(newshole))


def test_a_request_that_began_under_other_rules_keeps_their_tag(site: Site, device_site: Site) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        newshole.site = device_site
        await page()(scope, receive, send)

    newshole = Newshole(app, site=site, surrogate="Surrogate-Key")
    client = asyncio.run(asks(newshole))
    assert rules_of(site) in tags_of(client)


def test_unasked_there_are_no_tags(site: Site) -> None:
    assert tags_of(ask(Newshole(page(), site=site))) == []


def test_another_header_is_refused(site: Site) -> None:
    with pytest.raises(UsageError, match="surrogate cannot be Edge-Key"):
        Newshole(page(), site=site, surrogate="Edge-Key")


def test_a_real_server_sends_the_tags_in_one_line(site: Site) -> None:
    newshole = Newshole(
        page(STORY, (b"surrogate-key", b"a")), site=site, surrogate="Surrogate-Key", log="logging"
    )
    with serving(newshole) as server:
        answer = httpx.get(f"{server}{PATH}")
    assert answer.headers.get_list("surrogate-key")[0].startswith("a nh-site-example nh-url-")
    assert len(answer.headers.get_list("surrogate-key")) == 1
