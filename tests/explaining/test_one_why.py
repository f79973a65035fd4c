"""One why: for every block at every gap the same words, wherever they are told."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup

from newshole import Composition, Newshole, Site
from newshole.explaining.words import in_words
from newshole.http.links.overlay import overlay_link
from newshole.types import Reason
from tests.cli.conftest import RULES, STORY
from tests.cli.conftest import Newshole as Command
from tests.console.newsroom import SECRET as NEWSROOM
from tests.console.newsroom import newsroom
from tests.console.screens import said, shown
from tests.http.asgi import HTML, ask, asked, page
from tests.http.test_overlay import told, told_in

Whys: TypeAlias = dict[tuple[str, int], tuple[bool, tuple[str, ...]]]
"""Of each block at each gap, whether it stands there, and why it does or does not."""

URL: Final = "https://news.example/story"
SECRET: Final = b"of the newsroom"
_ROW: Final = re.compile(r" *(\d+) ")


@pytest.fixture(scope="module")
def composition() -> Composition:
    """The page in Python."""
    return Site.load(RULES).compose(STORY.read_bytes(), url=URL)


def of_python(composition: Composition) -> Whys:
    return {
        (each.block, each.gap): (each.placed, tuple(map(in_words, each.reasons)))
        for each in composition.decisions
        if each.gap is not None
    }


def of_json(document: Mapping[str, Any]) -> Whys:
    return {
        (each["block"], each["gap"]): (
            each["placed"],
            tuple(in_words(Reason(**reason)) for reason in each["reasons"]),
        )
        for each in document["decisions"]
        if each["gap"] is not None
    }


def of_overlay(document: Mapping[str, Any]) -> Whys:
    return {
        (each["block"], gap["gap"]): (each["placed"], tuple(each["words"]))
        for gap in document["gaps"]
        for each in gap["decisions"]
    }


def test_python_json_and_overlay_say_the_same_of_every_block_at_every_gap(
    newshole: Command, composition: Composition
) -> None:
    whys = of_python(composition)
    assert len({block for block, _ in whys}) > 1
    assert len(whys) > 10
    explained = newshole("explain", STORY, "--rules", RULES, "--url", URL, "--json")
    assert of_json(json.loads(explained.text)) == whys
    query = urlsplit(overlay_link(SECRET, URL, time.time() + 60)).query.encode()
    app = Newshole(page(STORY.read_bytes(), HTML), RULES, secret=SECRET)
    assert of_overlay(told(ask(app, asked("/story", query_string=query)))) == whys


def of_screen(screen: BeautifulSoup, block: str) -> Whys:
    """What the console's Why says of one block at each gap where it was asked for."""
    return {
        (block, int(str(spot["id"]).removeprefix("gap-"))): (
            "placed" in spot.get_attribute_list("class"),
            tuple(said(each) for each in spot.select(".reason")),
        )
        for spot in screen.select(".spot.placed, .spot.refused")
    }


def as_shown(composition: Composition, block: str) -> Whys:
    """What is to be said of one block, and no reason where it stands."""
    return {
        (each.block, each.gap): (
            each.placed,
            () if each.placed else tuple(map(in_words, each.reasons)),
        )
        for each in composition.decisions
        if each.block == block and each.gap is not None
    }


def test_the_console_says_it_as_explain_and_the_overlay_do(newshole: Command, tmp_path: Path) -> None:
    paper = page(STORY.read_bytes(), HTML)
    with newsroom(tmp_path, rules=RULES, own=paper) as room, room.signed_in("vi") as client:
        url = f"{room.workers[0]}/story"
        made = Site.load(RULES).compose(STORY.read_bytes(), url=url)
        whys = of_python(made)
        assert len(whys) > 10
        for block in {block for block, _ in whys}:
            screen = shown(client.get(room.screen("why"), params={"url": url, "block": block}))
            assert of_screen(screen, block) == as_shown(made, block)
        assert of_json(client.get(room.screen("why.json"), params={"url": url}).json()) == whys
        link = overlay_link(NEWSROOM.encode(), url, time.time() + 60)
        assert of_overlay(told_in(httpx.get(link).content)) == whys
    printed = newshole("explain", STORY, "--rules", RULES, "--url", url, "--json")
    assert of_json(json.loads(printed.text)) == whys


def test_the_fate_of_every_block_is_told_in_the_same_words(newshole: Command) -> None:
    printed = " ".join(newshole("explain", STORY, "--rules", RULES, "--url", URL).text.split())
    query = urlsplit(overlay_link(SECRET, URL, time.time() + 60)).query.encode()
    app = Newshole(page(STORY.read_bytes(), HTML), RULES, secret=SECRET)
    blocks = told(ask(app, asked("/story", query_string=query)))["blocks"]
    assert blocks
    for each in blocks:
        for line in filter(None, (each["line"], *each["reasons"])):
            assert line in printed


def test_what_is_printed_beside_each_gap_is_what_is_said_in_python(
    newshole: Command, composition: Composition
) -> None:
    blocks = {block for block, _ in of_python(composition)}
    for block in blocks:
        rows = _rows(newshole("explain", STORY, "--rules", RULES, "--url", URL, "--block", block).text)
        for decision in composition.decisions:
            if decision.block != block or decision.placed or decision.gap is None:
                continue
            for reason in decision.reasons:
                words = in_words(reason)
                assert any(_says(line, words) for line in rows[decision.gap]), (block, decision.gap, words)


def _rows(printed: str) -> dict[int, list[str]]:
    """The lines of each gap in the picture that `explain` draws."""
    rows: dict[int, list[str]] = {}
    number = -1
    for line in printed.split("\n■ ")[0].splitlines():
        row = _ROW.match(line[:4])
        number = int(row[1]) if row else number
        rows.setdefault(number, []).append(line)
    return rows


def _says(line: str, words: str) -> bool:
    """Whether a line ends with these words, which may be cut."""
    if not line.endswith("…"):
        return line.endswith(words)
    return any(line[:-1].endswith(words[:length]) for length in range(len(words), 8, -1))
