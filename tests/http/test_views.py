"""Views of stories, and stories that go: what readers' requests tell, and what others do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.types import Message, Scope

from newshole import Newshole, Site
from newshole.http import learning
from tests.http.asgi import HTML, asked, page, start
from tests.http.learned import (
    READER,
    Pair,
    get,
    load,
    run,
    serving,
    urls,
    views,
)
from tests.library.stories import URL, story


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "PAUSE", 0.01)
    monkeypatch.setattr(learning, "COUNTED_EVERY", 0.02)
    monkeypatch.setattr("newshole.site.LOOK", 0.02)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return load(tmp_path)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"user-agent", b"Mozilla/5.0 (compatible; Googlebot/2.1)")],
        [(b"user-agent", b"curl/8.5.0")],
        [],
        [READER, (b"sec-purpose", b"prefetch;prerender")],
        [READER, (b"purpose", b"prefetch")],
    ],
)
def test_crawlers_tools_and_what_is_fetched_ahead_are_no_readers(site: Site, headers: list[Pair]) -> None:
    newshole = Newshole(page(story()), site=site)
    other = {**asked(), "headers": [(b"host", b"news.example"), *headers]}
    run(newshole, get(), other, other, get())
    assert views(newshole) == {URL: 2}


def test_an_answer_to_head_is_no_view(site: Site) -> None:
    newshole = Newshole(page(story()), site=site)
    run(newshole, get(), get(method="HEAD"))
    assert views(newshole) == {URL: 1}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "answer",
    [
        start(HTML, status=404),
        start(HTML, status=410),
        start(HTML, (b"location", b"/news/other"), status=301),
        start(HTML, (b"location", b"https://elsewhere.example/"), status=308),
    ],
)
def test_a_story_that_is_gone_or_has_moved_is_dropped_and_may_come_back(
    site: Site, answer: Message, method: str
) -> None:
    pages: dict[str, Message | bytes] = {"/news/bridge": story()}
    newshole = Newshole(serving(pages), site=site)
    run(newshole, get())
    assert urls(newshole) == [URL]
    pages["/news/bridge"] = answer
    run(newshole, get(method=method))
    assert urls(newshole) == []
    pages["/news/bridge"] = story()
    run(newshole, get())
    assert urls(newshole) == [URL]


@pytest.mark.parametrize(
    ("answer", "scope"),
    [
        (start(HTML, (b"location", b"https://news.example/news/bridge"), status=301), get(scheme="http")),
        (start(HTML, (b"location", b"https://www.news.example/news/bridge/"), status=301), get()),
        (start(HTML, (b"location", b"/news/other"), status=302), get()),
        (start(HTML, status=500), get()),
        (start(HTML, status=403), get()),
        (start(HTML, status=404), get("/news/bridge", (b"cookie", b"sid=1"))),
        (start(HTML, status=404), get(query_string=b"page=99")),
        (start(HTML, status=404), get(host=b"evil.example")),
    ],
)
def test_a_story_stays_where_one_reader_alone_does_not_find_it(
    site: Site, answer: Message, scope: Scope
) -> None:
    pages: dict[str, Message | bytes] = {"/news/bridge": story()}
    newshole = Newshole(serving(pages), site=site)
    run(newshole, get())
    pages["/news/bridge"] = answer
    run(newshole, scope)
    assert urls(newshole) == [URL]
