"""A site's living library on its pages: what they show, and what tells that they show something else."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from newshole import Reader, Site
from newshole.cache import Answer, PlanCache
from newshole.library import Entry
from newshole.library.ledger import Change, decode_change, encode_change
from tests.cache.composed import Page

HTML = "text/html; charset=utf-8"
STAMP = 1_721_390_400.0
BASE = "https://news.example"
URL = f"{BASE}/city/bridge"
RULES = """
site: News Example
hosts: [news.example]
library:
  learn: true
  images: ["*.pictures.example"]
  stories: [{title: By the rules, url: /rules}]
blocks:
  more: {kind: stories, source: SOURCE, count: 3, place: body-end}
"""


def site_of(folder: Path, source: str = "related", rules: str = RULES) -> Site:
    file = folder / "site.yaml"
    file.write_text(rules.replace("SOURCE", source), encoding="utf-8")
    return Site.load(file)


def entry(name: str, after: float = -3600.0, **fields: Any) -> Entry:
    """A story, published so many seconds after the beginning."""
    published = dt.datetime.fromtimestamp(STAMP + after, dt.UTC)
    told = {"title": name, "published": published, "seen": STAMP, **fields}
    return Entry(f"{BASE}/{name.lower().replace(' ', '-')}", **told)


def learn(site: Site, *entries: Entry, at: float = STAMP) -> None:
    rules = site.rules_for(URL)
    assert rules is not None
    site.shelves[rules.name].learn(entries)
    site.show_stories(site.changed_stories(at), at)


def html(site: Site) -> str:
    now = dt.datetime.fromtimestamp(STAMP, dt.UTC)
    return site.compose(bytes(Page()), url=URL, reader=Reader(now=now)).html.decode()


def test_a_page_shows_stories_of_the_rules_and_learned_ones(tmp_path: Path) -> None:
    site = site_of(tmp_path, "latest")
    assert "By the rules" in html(site)
    learn(site, entry("Learned"))
    assert html(site).index(">Learned<") < html(site).index(">By the rules<")


def test_pages_show_the_same_for_some_seconds_whatever_is_learned(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    learn(site, entry("Learned"))
    facts = site.facts
    learn(site, entry("Too soon"), at=STAMP + 5)
    assert site.facts is facts
    learn(site, at=STAMP + 11)
    assert "Too soon" in html(site)


def test_nothing_new_leaves_the_facts_as_they_are(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    learn(site, entry("Learned"))
    facts = site.facts
    learn(site, entry("Learned"), at=STAMP + 60)
    assert site.facts is facts


def test_sites_told_apart_by_host_share_no_story(tmp_path: Path) -> None:
    site_of(tmp_path)
    other = RULES.replace("news.example", "other.example").replace("SOURCE", "latest")
    (tmp_path / "other.yaml").write_text(other, encoding="utf-8")
    site = Site.load(tmp_path)
    learn(site, entry("Learned"))
    page = site.compose(bytes(Page()), url="https://other.example/city/bridge")
    assert b"By the rules" in page.html
    assert b"Learned" not in page.html


def test_a_site_without_lists_keeps_no_library(tmp_path: Path) -> None:
    site = site_of(tmp_path, rules="blocks: {strip: {kind: strip, items: [date], place: page-top}}")
    assert not site.shelves


def test_rules_that_come_into_service_take_over_what_was_learned(tmp_path: Path) -> None:
    before = site_of(tmp_path, "latest")
    learn(before, entry("Learned"), entry("Told by a feed", source="feed"))
    after = site_of(tmp_path, "latest", RULES.replace("By the rules", "By new rules"))
    after.inherit(before, STAMP)
    assert all(title in html(after) for title in ("Learned", "Told by a feed", "By new rules"))
    last = site_of(tmp_path, "latest", RULES.replace("learn: true", "learn: false"))
    last.inherit(after, STAMP)
    assert "Learned" not in html(last)
    assert "Told by a feed" in html(last)


def test_rules_that_name_their_hosts_take_over_no_story_of_another_host(tmp_path: Path) -> None:
    before = site_of(tmp_path, "latest", RULES.replace("hosts: [news.example]\n", ""))
    forged = entry("Forged")
    learn(before, entry("Learned"), replace(forged, url=forged.url.replace("news.", "evil.")))
    after = site_of(tmp_path, "latest")
    after.inherit(before, STAMP)
    assert "Learned" in html(after)
    assert "Forged" not in html(after)


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        (f"{BASE}/a.jpg", True),
        ("https://img.news.example/a.jpg", True),
        ("https://eu.pictures.example/a.jpg", True),
        ("https://tracker.example/a.jpg", False),
        ("https://evilnews.example/a.jpg", False),
        ("http://news.example/a.jpg", False),
        ("data:image/png;base64,AA", False),
        ("https://[news.example/a.jpg", False),
    ],
)
def test_pictures_come_from_hosts_of_the_site_alone(tmp_path: Path, image: str, *, shown: bool) -> None:
    site = site_of(tmp_path, "latest")
    learn(site, entry("Learned", image=image))
    assert "Learned" in html(site)
    assert (f'src="{image}"' in html(site)) is shown


def test_learned_text_is_text(tmp_path: Path) -> None:
    site = site_of(tmp_path, "latest")
    learn(site, entry("Learned", title='<script>alert(1)</script> & "more"'))
    assert "<script>alert" not in html(site)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; " in html(site)


class Served:
    """One address of a site, asked for again and again."""

    def __init__(self, site: Site) -> None:
        self.site, self.now = site, STAMP
        self.cache = PlanCache(site, clock=lambda: self.now)

    def page(self, url: str = URL) -> Answer:
        """The page as it is sent now."""
        now = dt.datetime.fromtimestamp(self.now, dt.UTC)
        reader = partial(Reader, now=now)
        return asyncio.run(self.cache.compose(self.cache.asked(bytes(Page()), url, HTML, (), reader)))

    def learn(self, *entries: Entry) -> None:
        """Stories come, and a minute is over."""
        self.now += 60
        learn(self.site, *entries, at=self.now)


@pytest.mark.parametrize("source", ["related", "latest", "popular", "feed", "pinned"])
def test_a_page_is_still_current_only_while_its_lists_are_the_same(tmp_path: Path, source: str) -> None:
    rules = RULES.replace("learn: true", "learn: true\n  pinned: [/fed-2, /rules]")
    served = Served(site_of(tmp_path, source, rules))
    served.learn(entry("Fed 1", source="feed"), entry("City bridge", title="The page itself"))
    shelf = served.site.shelves["site"]
    shelf.count({f"{BASE}/fed-1": 3}, served.now)
    served.learn(entry("Fed 0", source="feed"))
    before = served.page()
    assert before.lasting.until == before.lasting.fresh == float("inf")
    assert served.cache.is_current(before.digest, URL, ())
    shelf.count({f"{BASE}/fed-0": 30}, served.now + 400)
    served.now += 400
    served.learn(entry("Fed 2", 400, source="feed"))
    after = served.page()
    assert after.html != before.html
    assert not served.cache.is_current(before.digest, URL, ())
    assert served.cache.is_current(after.digest, URL, ())


def test_a_list_that_is_full_of_nearer_stories_is_the_same_when_another_comes(tmp_path: Path) -> None:
    served = Served(site_of(tmp_path))
    own = Entry(URL, "Bridge over the river", tags=("Bridges",), seen=STAMP)
    near = [entry(f"Bridge {'abcdefgh'[n % 8] * (n + 1)}", tags=("Bridges",)) for n in range(30)]
    served.learn(own, *near)
    before = served.page()
    served.learn(entry("Rovers take gold"))
    assert served.cache.is_current(before.digest, URL, ())
    assert served.page().html == before.html


def test_a_page_that_was_not_met_since_is_sent_anew(tmp_path: Path) -> None:
    served = Served(site_of(tmp_path))
    served.learn(entry("Learned"))
    before = served.page()
    assert served.cache.is_current(before.digest, URL, ())
    served.learn(entry("Another"))
    assert not served.cache.is_current(before.digest, URL, ())


def test_a_page_without_related_stories_is_sent_anew_when_its_other_lists_change(tmp_path: Path) -> None:
    rules = RULES + "  near: {kind: stories, source: related, place: body-end, when: {section: Sport}}\n"
    served = Served(site_of(tmp_path, "latest", rules))
    served.learn(entry("Learned"))
    before = served.page()
    assert served.cache.is_current(before.digest, URL, ())
    served.learn(entry("Another"))
    assert not served.cache.is_current(before.digest, URL, ())
    assert served.page().html != before.html


def test_a_story_that_another_worker_told_of_has_the_same_digest(tmp_path: Path) -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    own = entry("Learned", published=dt.datetime.fromtimestamp(STAMP - 60, zone))
    heard = decode_change(encode_change(Change("learned", own.url, own)))
    assert heard is not None
    assert heard.entry is not None
    digests = []
    for each in (own, heard.entry):
        served = Served(site_of(tmp_path, "latest"))
        served.learn(each)
        digests.append(served.page().digest)
    assert digests[0] == digests[1]


def test_a_page_of_before_anything_was_learned_is_sent_anew_after(tmp_path: Path) -> None:
    served = Served(site_of(tmp_path))
    before = served.page()
    assert served.cache.is_current(before.digest, URL, ())
    served.learn(entry("Learned"))
    assert not served.cache.is_current(before.digest, URL, ())
    assert b"Learned" in served.page().html


def test_the_digest_is_the_same_in_every_process(tmp_path: Path) -> None:
    digests: set[str] = set()
    for _ in range(2):
        served = Served(site_of(tmp_path))
        served.learn(*[entry(f"Story {n}", tags=("Bridges",)) for n in range(40)])
        digests.add(served.page().digest)
    assert len(digests) == 1
