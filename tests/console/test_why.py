"""Why: at each place of a page, for each block, the words of `explain`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from httpx import Client

from newshole import Reader, Site
from newshole.demo.app import RULES
from newshole.explaining.fates import fates
from newshole.explaining.page import Page
from newshole.explaining.record import record
from newshole.explaining.words import Places, in_words
from newshole.site import Composition
from newshole.types import Decision
from tests.console.newsroom import STORY, Newsroom
from tests.console.screens import opened, said, shown

LONG = "/magazine/the-last-lamp-at-grey-ness"


@pytest.fixture
def client(quiet: Newsroom) -> Iterator[Client]:
    with quiet.signed_in("vi") as client:
        yield client


def composed(room: Newsroom, client: Client, path: str, device: str) -> tuple[Page, Composition]:
    """The same page by the library itself."""
    url = room.workers[0] + path
    answer = client.get(room.paper + path, headers={"host": urlsplit(url).netloc})
    page = Page(url, answer.content, url, answer.headers["content-type"])
    site = Site.load(RULES)
    made = site.compose(page.body, url=url, content_type=page.content_type, reader=Reader(device=device))
    return page, made


def reasons_at(screen: BeautifulSoup, gap: int | None) -> list[str]:
    return [said(each) for each in screen.select(f"#gap-{gap} .reason")]


@pytest.mark.parametrize("device", ["mobile", "desktop"])
@pytest.mark.parametrize("path", [STORY, LONG])
def test_every_block_has_at_every_place_the_reasons_of_explain(
    quiet: Newsroom, client: Client, path: str, device: str
) -> None:
    _, composition = composed(quiet, client, path, device)
    assert composition.plan is not None
    for block in composition.plan.considered.rules.blocks:
        screen = opened(quiet, client, f"why?url={path}&device={device}&block={block.id}")
        own = [each for each in composition.decisions if each.block == block.id and each.gap is not None]
        placed = {f"gap-{each.gap}" for each in own if each.placed}
        assert {str(each["id"]) for each in screen.select(".spot.placed")} == placed
        for each in own:
            words = [] if each.placed else [in_words(every) for every in each.reasons]
            assert reasons_at(screen, each.gap) == words


def test_the_list_of_blocks_tells_the_fate_of_each(quiet: Newsroom, client: Client) -> None:
    _, composition = composed(quiet, client, STORY, "desktop")
    places = Places(composition.outline)
    told = opened(quiet, client, f"why?url={STORY}").select(".blocks li")[1:]
    verdicts = [places.verdict(fate) for fate in fates(composition)]
    assert [said(each.strong) for each in told] == [each.fate.block for each in verdicts]
    assert [[said(span) for span in each.select("span:not(.kind)")] for each in told] == [
        [each.line, *each.reasons] for each in verdicts
    ]


def test_the_record_is_that_of_explain(quiet: Newsroom, client: Client) -> None:
    page, composition = composed(quiet, client, STORY, "mobile")
    told = client.get(quiet.screen(f"why.json?url={STORY}&device=mobile")).json()
    expected = json.loads(json.dumps(record(page, "mobile", composition)))
    assert told == expected


def test_each_place_leads_to_the_page_and_each_reason_to_its_rule(quiet: Newsroom, client: Client) -> None:
    screen = opened(quiet, client, f"why?url={STORY}&block=inline-ad")
    place = screen.select_one("#gap-5")
    assert place is not None
    light, rule = place.select_one("a.light"), place.select_one(".reason a")
    assert light is not None
    assert rule is not None
    assert str(light["href"]).endswith("&gap=5&block=inline-ad")
    assert rule["href"] == "/_newshole/site/rules?find=layout.start"


def test_a_place_that_preview_is_sent_to_is_lit(quiet: Newsroom, client: Client) -> None:
    screen = opened(quiet, client, f"preview?url={STORY}&gap=9&block=inline-ad")
    [lit] = screen.select('.place[aria-current="true"]')
    assert (lit["data-block"], lit["data-gap"]) == ("inline-ad", "9")


def test_a_block_that_the_rules_do_not_have_is_told(quiet: Newsroom, client: Client) -> None:
    answer = client.get(quiet.screen(f"why?url={STORY}&block=nothing"))
    assert answer.status_code == 400
    assert 'no block "nothing"' in said(shown(answer).select_one("[role=alert]"))


def test_a_page_that_is_left_alone_says_why(quiet: Newsroom, client: Client) -> None:
    assert "(not-an-article)" in said(opened(quiet, client, "why?url=/").select_one(".told.warn"))


def test_a_reason_leads_an_editor_to_the_form_and_a_viewer_to_the_line(quiet: Newsroom) -> None:
    leads = {}
    for who in ("vi", "ed"):
        with quiet.signed_in(who) as client:
            _, composition = composed(quiet, client, STORY, "desktop")
            block = next(each.block for each in composition.decisions if _of_itself(each))
            screen = opened(quiet, client, f"why?url={STORY}&device=desktop&block={block}")
            leads[who] = {urlsplit(str(each["href"])).path for each in screen.select(".reason a")}
    assert any(each.endswith("/blocks/edit") for each in leads["ed"])
    assert leads["vi"]
    assert all(each.endswith("/rules") for each in leads["vi"])


def _of_itself(decision: Decision) -> bool:
    """Whether a rule of the block's own keeps it from a gap."""
    own = f"blocks.{decision.block}"
    is_refused = decision.gap is not None and not decision.placed
    return is_refused and any(each.bound.startswith(own) for each in decision.reasons)
