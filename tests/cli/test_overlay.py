"""`newshole overlay`: a link that the site opens."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest

from newshole.http.links.overlay import asks_for_overlay
from tests.cli.conftest import Newshole, refused

URL = "https://news.example/world/story?a=1"


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setenv("NEWSHOLE_SECRET", "of the newsroom")
    return b"of the newsroom"


@pytest.mark.parametrize(
    ("options", "lasts"), [((), 3600), (("--for", "30m"), 1800), (("--for", "31d"), 2678400)]
)
def test_the_link_holds_so_long(
    newshole: Newshole, secret: bytes, options: tuple[str, ...], lasts: float
) -> None:
    done = newshole("overlay", URL, *options)
    link = urlsplit(done.text.strip())
    assert (done.code, link.path, link.query.partition("&")[0]) == (0, "/world/story", "a=1")
    scope = {"headers": [(b"host", b"news.example")], "query_string": link.query.encode()}
    now = time.time()
    assert asks_for_overlay(scope, secret, now + lasts - 10)
    assert not asks_for_overlay(scope, secret, now + lasts + 10)


def test_without_a_secret_there_is_no_link(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSHOLE_SECRET", raising=False)
    refused(
        newshole("overlay", URL),
        "there is no secret to sign a link with: start the site with NEWSHOLE_SECRET",
    )


@pytest.mark.usefixtures("secret")
def test_what_is_no_page_or_no_time_is_refused(newshole: Newshole) -> None:
    asked = "story is no address of a page: give one like https://news.example/story"
    refused(newshole("overlay", "story"), asked)
    refused(newshole("overlay", URL, "--for", "ever"), 'no length of time: "ever"; write 90s, 30m, 2h or 3d')
    refused(newshole("overlay", URL, "--for", "32d"), "a link cannot hold for 32d: give a month at most, 31d")
