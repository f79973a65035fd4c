"""Which pages are looked at: from the library, the sitemap, the front page and its sections; of each section
some."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from starlette.types import Receive, Scope, Send

from newshole import Site
from newshole.console.impact.sampling import (
    Candidate,
    Sample,
    is_story_like,
    links,
    listed,
    read_sitemap,
    sampled,
    spread,
)
from newshole.console.pages import Pages
from newshole.explaining.page import Page
from newshole.library.entry import Entry
from newshole.library.feeds.told import FeedError

HOME: Final = "https://news.example/"
RELATED: Final = "blocks: {more: {kind: stories, source: related, place: body-end}}"
NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)


class Paper:
    """A site of a few documents by their paths."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self.documents = documents
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        path = scope["path"]
        self.asked.append(path)
        kind = b"application/xml" if path.endswith(".xml") else b"text/html"
        status = 200 if path in self.documents else 404
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": self.documents.get(path, "").encode()})


def linking(*paths: str) -> str:
    return "".join(f'<a href="{path}">x</a>' for path in paths)


def sitemap(*paths: str, name: str = "urlset", item: str = "url") -> str:
    rows = "".join(
        f"<{item}><loc>{HOME.rstrip('/')}{path}</loc><lastmod>2026-01-0{n + 1}</lastmod></{item}>"
        for n, path in enumerate(paths)
    )
    return f'<{name} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{name}>'


def found(paper: Paper, count: int = 10, site: Site | None = None) -> Sample:
    rules = site or Site.load("newspaper")
    return asyncio.run(sampled(rules, Pages(paper, (), HOME), count, may_change=rules.may_compose))


def paths(sample: Sample) -> list[str]:
    return [each.url.removeprefix(HOME.rstrip("/")) for each in sample.pages]


def test_every_section_has_its_turn_and_no_page_comes_twice() -> None:
    many = [Candidate(f"{HOME}a/{n}", "a", "list") for n in range(9)]
    few = [Candidate(f"{HOME}b/1", "B", "list"), Candidate(f"{HOME}b/1/?utm_source=x", "b", "list")]
    assert [each.url[len(HOME) :] for each in spread([*many, *few], 4)] == ["a/0", "b/1", "a/1", "a/2"]


@pytest.mark.parametrize("path", ["/world/2026/story", "/a-storm-is-coming-today", "/news/123456", "/a/b/c"])
def test_a_story_is_told_by_its_address(path: str) -> None:
    assert is_story_like(f"https://news.example{path}")


@pytest.mark.parametrize("path", ["/", "/world", "/world/europe", "/about-us"])
def test_a_list_of_stories_is_told_by_its_address(path: str) -> None:
    assert not is_story_like(f"https://news.example{path}")


def test_links_are_read_against_the_base_of_their_page_each_once() -> None:
    body = b'<base href="/world/"><a href="a">1</a><a href="a#top">2</a><a href="mailto:x@y.example">3</a>'
    assert links(Page("", body, HOME)) == ["https://news.example/world/a"]


def test_front_page_and_sections_lead_to_stories_of_this_site_alone() -> None:
    paper = Paper(
        {
            "/": linking("/world", "/world/one-two-three", "https://x.example/a/b/c", "/the-logo-of-us.png"),
            "/world": linking("/world/four-five-six", "javascript:alert(1)"),
        }
    )
    assert paths(found(paper)) == ["/world/one-two-three", "/world/four-five-six"]


def test_no_more_is_asked_for_than_is_needed() -> None:
    paper = Paper({"/": linking("/world", "/world/one-two-three", "/world/four-five-six")})
    assert paths(found(paper, 2)) == ["/world/one-two-three", "/world/four-five-six"]
    assert sorted(paper.asked) == ["/", "/sitemap.xml"]


def test_a_sitemap_and_those_that_it_lists_are_read_the_newest_first() -> None:
    paper = Paper(
        {
            "/": "",
            "/sitemap.xml": sitemap("/old.xml", "/new.xml", name="sitemapindex", item="sitemap"),
            "/old.xml": sitemap("/a/one-two-three"),
            "/new.xml": sitemap("/a/four-five-six", "/a/seven-eight-nine"),
        }
    )
    assert paths(found(paper)) == ["/a/seven-eight-nine", "/a/four-five-six", "/a/one-two-three"]


def test_a_front_page_that_cannot_be_had_is_told() -> None:
    sample = found(Paper({}))
    assert sample.pages == ()
    assert sample.notes == ((HOME, f"the site answers {HOME} with status 404"),)


def test_pages_that_the_rules_leave_by_their_address_are_not_looked_at(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"articles: [{{path: '/world/*'}}]\n{RELATED}", "utf-8")
    paper = Paper({"/": linking("/world/one-two-three", "/sport/one-two-three")})
    assert paths(found(paper, site=Site.load(rules))) == ["/world/one-two-three"]


def test_the_library_is_enough_where_it_knows_as_many_as_are_wanted(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RELATED, "utf-8")
    site = Site.load(rules)
    (shelf,) = site.shelves.values()
    entries = [
        Entry(
            f"{HOME}s/{n}", f"Story {n}", section="s", published=NOW - timedelta(days=n), seen=NOW.timestamp()
        )
        for n in range(5)
    ]
    shelf.learn(entries)
    shelf.count({entries[4].url: 9}, NOW.timestamp())
    site.facts = replace(
        site.facts, library={name: each.snapshot(NOW.timestamp()) for name, each in site.shelves.items()}
    )
    paper = Paper({})
    assert paths(found(paper, 3, site)) == ["/s/0", "/s/4", "/s/1"]
    assert paper.asked == []


def test_what_was_pasted_is_taken_line_by_line_and_what_is_not_of_this_site_told() -> None:
    pages = Pages(Paper({}), ("*.news.example",), HOME)
    sample = listed(f" /a \n\n{HOME}b\n/a\nhttps://m.news.example/c\nhttp://127.0.0.1/\n", pages)
    assert [each.url for each in sample.pages] == [f"{HOME}a", f"{HOME}b", "https://m.news.example/c"]
    ((line, why),) = sample.notes
    assert line == "http://127.0.0.1/"
    assert "is not this site" in why


HOSTILE: Final = (
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>',
    "<urlset><url><loc>file:///etc/passwd</loc></url></urlset>",
)


@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_sitemap_leads_nowhere(body: str) -> None:
    _, urls = read_sitemap(body.encode(), "", HOME)
    assert not any("passwd" in url or "root:" in url for url in urls)


def test_what_is_no_sitemap_is_refused() -> None:
    with pytest.raises(FeedError):
        read_sitemap(b"<html><body>Not found</body></html>", "", HOME)
