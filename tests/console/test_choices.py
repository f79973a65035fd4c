"""What can be chosen to look at a page by."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from httpx import Client

from newshole import Newshole
from newshole.console.pages import Pages
from newshole.console.preview.choices import Choices, choices_of
from newshole.console.preview.views import Asked, view_of
from newshole.console.site import ConsoleSite
from newshole.demo.origin import origin
from newshole.live.ledger import Ledger
from newshole.live.publishing import seed
from newshole.live.source import gather
from newshole.store.archive import open_archive
from tests.console.newsroom import SECRET, STORY, Newsroom, newsroom
from tests.console.screens import opened, said

RULES: Final = """
timezone: Asia/Tokyo
articles: [{path: "/**"}]
vary: {country: X-Country, consent: X-Consent}
blocks:
  follow:
    kind: follow
    network: mastodon
    page: x
    url: "https://social.example/@x"
    place: body-end
    when: {country: {not: [DE, AT]}, consent: {not: [pur-abo]}}
  source:
    kind: follow
    network: mastodon
    page: y
    url: "https://social.example/@y"
    place: body-end
    when: {device: mobile}
experiments:
  calm:
    hypothesis: Fewer blocks are read longer.
    unit: page
    arms:
      control: {}
      none: {drop: [follow]}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    return file


@pytest.fixture
def site(rules: Path, tmp_path: Path) -> ConsoleSite:
    paper = origin()
    ledger = Ledger(open_archive(str(tmp_path / "archive")), "site", SECRET.encode())
    return ConsoleSite("site", Newshole(paper, rules=rules), Pages(paper, (), "http://news.example/"), ledger)


def offered(site: ConsoleSite, rules: Path, asked: Asked) -> Choices:
    async def offer() -> Choices:
        await seed(site.ledger, gather(rules), clock=lambda: 1.0)
        found = await choices_of(site, asked, None)
        await site.ledger.archive.close()
        return found

    return asyncio.run(offer())


def test_what_the_rules_tell_readers_apart_by_is_offered(site: ConsoleSite, rules: Path) -> None:
    offer = offered(site, rules, Asked(STORY))
    assert offer.countries == ("AT", "DE")
    assert offer.consents[-1] == ("pur-abo", "pur-abo")
    assert offer.timezone == "Asia/Tokyo"
    assert [(each.name, each.arms) for each in offer.experiments] == [("calm", ("control", "none"))]
    assert [each.digest for each in offer.versions] == [gather(rules).digest]


def test_what_was_asked_for_stays_to_choose(site: ConsoleSite, rules: Path) -> None:
    assert ("odd", "odd") in offered(site, rules, Asked(STORY, consent="odd")).consents


@pytest.mark.parametrize(
    ("asked", "device", "placed"),
    [
        (Asked(STORY, arm=("calm:control",)), "mobile", {"follow", "source"}),
        (Asked(STORY, arm=("calm:control",)), "desktop", {"follow"}),
        (Asked(STORY, arm=("calm:none",)), "mobile", {"source"}),
        (Asked(STORY, arm=("calm:control",), country="de"), "mobile", {"source"}),
        (Asked(STORY, arm=("calm:control",), consent="pur-abo"), "mobile", {"source"}),
    ],
)
def test_each_choice_is_what_such_a_reader_gets(
    site: ConsoleSite, asked: Asked, device: str, placed: set[str]
) -> None:
    async def placing() -> set[str]:
        view = await view_of(site, asked, device)
        await site.ledger.archive.close()
        return {each.block for each in view.composition.insertions}

    assert asyncio.run(placing()) == placed


@pytest.fixture
def vi(rules: Path, tmp_path: Path) -> Iterator[tuple[Newsroom, Client]]:
    with newsroom(tmp_path, rules=rules, workers=0) as room, room.signed_in("vi") as client:
        yield room, client


def test_a_block_that_fares_otherwise_on_a_phone_is_told_for_each(vi: tuple[Newsroom, Client]) -> None:
    room, client = vi
    screen = opened(room, client, f"preview?url={STORY}&arm=calm:control")
    told = [(said(each.strong), said(each.select_one(".tag"))) for each in screen.select(".fates > li")]
    assert told == [("follow", ""), ("source", "phone"), ("source", "desktop")]
    chosen = screen.select_one('#arm-1 option[selected=""]')
    assert said(chosen) == "control"
