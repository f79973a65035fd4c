"""A real Varnish in front of a real server, by the VCL in docs/deploy."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from newshole import Newshole, Site
from newshole.cdn.purge import purge
from newshole.cdn.tags import block_tag, site_tag, url_tag
from newshole.cdn.varnish import Varnish
from tests.cdn.varnish import VCL, configured, need_varnish, varnish
from tests.http.asgi import PATH, RULES, STORY
from tests.http.servers import serving
from tests.waiting import eventually

pytestmark = pytest.mark.slow

BY_READER = (
    "vary: {device: X-Device, consent: X-Consent}\n"
    + RULES
    + """\
  small: {kind: html, html: "<p>small</p>", place: body-end, when: {device: mobile}}
  asked: {kind: html, html: "<p>asked</p>", place: body-start, when: {consent: ads}}
"""
)
OTHER = RULES.replace("<p>inline</p>", "<p>other</p>")
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone) Mobile"}
AGREED = {"Cookie": "consent=ads; _ga=GA1.1.5"}


class Edge:
    """A newshole behind Varnish: `asked` counts what reaches the site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: Counter[str] = Counter()
        self.heads: list[dict[str, str]] = []
        self.is_ready = True
        routes = [
            Route("/_newshole/ready", self.ready),
            Route("/news/{name}", self.story, methods=["GET", "POST"]),
            WebSocketRoute("/live", self.live),
        ]
        self.newshole = Newshole(
            Starlette(routes=routes), site=self.site(BY_READER), surrogate="Surrogate-Key"
        )
        self.url = ""

    def site(self, rules: str) -> Site:
        path = self.folder / "site.yaml"
        path.write_text(rules, encoding="utf-8")
        return Site.load(path)

    async def ready(self, request: Request) -> Response:
        del request
        return PlainTextResponse("ready", 200 if self.is_ready else 503)

    async def story(self, request: Request) -> Response:
        self.asked[request.url.path] += 1
        self.heads.append(dict(request.headers))
        name = request.path_params["name"]
        lasting = {"unsaid": {}, "own": {"Cache-Control": "private, max-age=600"}}
        headers = lasting.get(name, {"Cache-Control": "public, max-age=600"})
        if name == "short":
            length = 1 if self.asked[request.url.path] == 1 else 600
            headers = {"Cache-Control": f"public, max-age={length}", "ETag": '"1"'}
            if '"1"' in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers={"Surrogate-Key": "story-short", **headers})
        return HTMLResponse(STORY, headers={"Surrogate-Key": f"story-{name}", **headers})

    async def live(self, socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    def get(self, path: str = PATH, *, method: str = "GET", **headers: str) -> httpx.Response:
        return httpx.request(method, f"{self.url}{path}", headers=headers)

    def purge(
        self, *tags: str, urls: tuple[str, ...] = (), everything: bool = False, soft: bool = False
    ) -> None:
        made = purge([Varnish(self.url)], tags=tags, urls=urls, everything=everything, soft=soft)
        (outcome,) = asyncio.run(made)
        assert outcome.problem is None

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    need_varnish()
    edge = Edge(tmp_path)
    with serving(edge.newshole) as server, varnish(tmp_path, urlsplit(server).port or 0) as url:
        edge.url = url
        yield edge


def is_hit(answer: httpx.Response) -> bool:
    """Varnish names the request that it kept a page of beside the one it answers."""
    return len(answer.headers["x-varnish"].split()) == 2


def blocks_of(answer: httpx.Response) -> list[str]:
    return re.findall('data-newshole="([a-z]+)"', answer.text)


def test_a_composed_page_is_kept_and_no_reader_sees_its_tags(edge: Edge) -> None:
    first, second = edge.get(), edge.get()
    assert blocks_of(first) == blocks_of(second) == ["inline"]
    assert not is_hit(first)
    assert is_hit(second)
    assert edge.asked[PATH] == 1
    assert {"surrogate-key", "xkey"}.isdisjoint(second.headers)


def test_readers_get_the_page_for_their_device_and_their_consent(edge: Edge) -> None:
    readers = [{}, PHONE, AGREED, {**PHONE, **AGREED}]
    expected = [["inline"], ["inline", "small"], ["asked", "inline"], ["asked", "inline", "small"]]
    for _ in range(2):
        answers = [edge.get(**reader) for reader in readers]
        assert [blocks_of(answer) for answer in answers] == expected
    assert all(map(is_hit, answers))
    assert edge.asked[PATH] == 4
    assert answers[0].headers["vary"].startswith("Sec-CH-UA-Mobile, User-Agent, Cookie")
    assert not {"x-device", "x-consent"} & set(answers[0].headers["vary"].lower().split(", "))


def test_browsers_that_say_that_they_want_a_document_share_it_with_those_that_do_not(edge: Edge) -> None:
    edge.get()
    assert is_hit(edge.get(**{"Sec-Fetch-Dest": "document"}))
    assert not is_hit(edge.get(**{"Sec-Fetch-Dest": "empty"}))


def test_client_hints_tell_the_device_before_the_user_agent(edge: Edge) -> None:
    assert blocks_of(edge.get(**{"Sec-CH-UA-Mobile": "?1"})) == ["inline", "small"]
    assert blocks_of(edge.get(**PHONE, **{"Sec-CH-UA-Mobile": "?0"})) == ["inline"]
    assert blocks_of(edge.get(**{"User-Agent": "Mozilla/5.0 (iPad) Mobile"})) == ["inline"]


def test_a_reader_cannot_say_what_the_edge_says(edge: Edge) -> None:
    answer = edge.get(**{"X-Device": "mobile", "X-Consent": "ads"})
    assert blocks_of(answer) == ["inline"]
    assert edge.heads[0]["x-device"] == "desktop"
    assert edge.heads[0]["x-consent"] == "none"


def test_other_rules_are_seen_once_the_site_is_purged(edge: Edge) -> None:
    for reader in ({}, PHONE):
        assert "<p>inline</p>" in edge.get(**reader).text
    edge.newshole.site = edge.site(OTHER)
    assert "<p>inline</p>" in edge.get().text
    edge.purge(site_tag("Example"))
    for reader in ({}, PHONE):
        eventually(lambda reader=reader: "<p>other</p>" in edge.get(**reader).text)  # type: ignore[misc]


def test_a_purge_by_tag_takes_the_pages_with_the_tag_and_no_other(edge: Edge) -> None:
    for reader in ({}, PHONE):
        edge.get(**reader)
    edge.purge(block_tag("small"))
    assert is_hit(edge.get())
    assert not is_hit(edge.get(**PHONE))
    edge.purge("story-bridge")
    assert not is_hit(edge.get())


def test_a_purge_by_address_takes_every_version_and_query_of_a_page(edge: Edge) -> None:
    paths = [PATH, f"{PATH}?page=2"]
    for path in paths:
        edge.get(path)
        edge.get(path, **PHONE)
    edge.get("/news/other")
    edge.purge(urls=(f"http://{edge.host}{PATH}",))
    assert not any(is_hit(edge.get(path, **reader)) for path in paths for reader in ({}, PHONE))
    assert is_hit(edge.get("/news/other"))


def test_an_address_alone_is_purged_without_tags(edge: Edge) -> None:
    for path in (PATH, f"{PATH}?page=2"):
        edge.get(path)
        edge.get(path, **PHONE)
    assert edge.get(method="PURGE").headers["x-purged"] == "2"
    assert not is_hit(edge.get())
    assert is_hit(edge.get(f"{PATH}?page=2"))


def test_a_page_that_was_looked_at_again_has_its_tags_still(edge: Edge) -> None:
    path = "/news/short"
    edge.get(path)
    eventually(lambda: edge.get(path) and edge.asked[path] == 2)
    assert is_hit(edge.get(path))
    edge.purge(block_tag("inline"))
    assert not is_hit(edge.get(path))


def test_everything_can_be_purged(edge: Edge) -> None:
    edge.get()
    edge.get("/news/other")
    edge.purge(everything=True)
    assert not is_hit(edge.get())
    assert not is_hit(edge.get("/news/other"))


def test_only_those_on_the_list_may_purge(edge: Edge) -> None:
    edge.get()
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.9")) as stranger:
        for headers in ({}, {"X-Purge-All": "1"}, {"X-Purge-Tags": url_tag(f"http://{edge.host}{PATH}")}):
            assert stranger.request("PURGE", f"{edge.url}{PATH}", headers=headers).status_code == 403
    assert is_hit(edge.get())


@pytest.mark.parametrize(("name", "value"), [("Cookie", "_ga=1; session=5"), ("Authorization", "Basic eDp5")])
def test_a_reader_who_may_be_known_to_the_site_is_never_answered_from_what_is_kept(
    edge: Edge, name: str, value: str
) -> None:
    edge.get()
    assert not is_hit(edge.get(**{name: value}))
    assert edge.heads[-1][name.lower()] == value
    assert edge.asked[PATH] == 2


@pytest.mark.parametrize("name", ["unsaid", "own"])
def test_a_page_that_says_not_how_long_or_for_all_is_not_kept(edge: Edge, name: str) -> None:
    for _ in range(2):
        assert not is_hit(edge.get(f"/news/{name}"))
    assert edge.asked[f"/news/{name}"] == 2


def test_a_softly_purged_page_is_there_while_newshole_is_not(edge: Edge) -> None:
    edge.get()
    edge.purge("story-bridge", soft=True)
    edge.is_ready = False
    eventually(lambda: is_hit(edge.get()))
    assert edge.get().status_code == 200
    edge.is_ready = True
    eventually(lambda: edge.asked[PATH] >= 2 and edge.get().status_code == 200)


def test_a_websocket_goes_through(edge: Edge) -> None:
    with connect(f"ws://{edge.host}/live") as socket:
        socket.send("hello")
        assert socket.recv(timeout=20) == "hello"


def test_methods_that_would_open_a_way_past_varnish_are_refused(edge: Edge) -> None:
    assert edge.get(method="TRACE").status_code == 405
    assert edge.get(method="NEWS").status_code == 405
    assert edge.get(method="POST").status_code == 200


def test_the_tests_change_the_port_alone() -> None:
    lines = zip(configured(9).splitlines(), VCL.read_text("utf-8").splitlines(), strict=True)
    assert [ours.strip() for ours, theirs in lines if ours != theirs] == ['.port = "9";']
