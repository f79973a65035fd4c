"""House creatives: when they are shown, and that each stays within the room that is kept for it."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from newshole.cache import PlanCache
from newshole.errors import RulesError
from newshole.rules.compile import load
from newshole.site import Site
from newshole.types import Reader
from tests.pages import SENTENCE

URL = "https://news.example/world/bridge"
PAGE = (
    f"<!doctype html><html lang=en><head><title>Bridge</title></head><body><article><h1>Bridge</h1>"
    f"{f'<p>{SENTENCE * 3}</p>' * 8}</article></body></html>"
).encode()
RULES = """
timezone: Europe/Warsaw
blocks:
  own:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    serve:
      house:
        - {image: /always.png, link: /a, alt: Always, width: 300, height: 250}
        - {image: /sale.png, link: /b, alt: Sale, width: 300, height: 250, weight: 2000000000,
           from: 2026-03-12, until: 2026-03-15T18:00}
    place: body-end
"""


def site(folder: Path, rules: str = RULES) -> Site:
    file = folder / "news.yaml"
    file.write_text(rules, encoding="utf-8")
    return Site(*load(file))


def shown(made: Site, at: str) -> set[str]:
    """The creatives of the page at a moment in UTC."""
    reader = Reader(now=dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC))
    html = made.compose(PAGE, url=URL, reader=reader).html
    return {name for name in ("always", "sale") if f"/{name}.png".encode() in html}


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("2026-03-11T22:59", "always"),
        ("2026-03-11T23:00", "sale"),
        ("2026-03-15T16:59", "sale"),
        ("2026-03-15T17:00", "always"),
    ],
)
def test_a_creative_is_shown_in_its_time_by_the_sites_clocks(tmp_path: Path, at: str, name: str) -> None:
    assert shown(site(tmp_path), at) == {name}


def test_without_a_creative_for_this_time_there_is_no_ad(tmp_path: Path) -> None:
    lines = [line for line in RULES.splitlines() if "always" not in line]
    made = site(tmp_path, "\n".join(lines))
    assert shown(made, "2026-03-13T12:00") == {"sale"}
    reader = Reader(now=dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    found = made.compose(PAGE, url=URL, reader=reader)
    assert found.decisions[0].reasons[0].found == "no creative for this time"


def test_a_kept_page_changes_when_a_creative_ends_and_caches_are_told(tmp_path: Path) -> None:
    end = dt.datetime(2026, 3, 15, 17, tzinfo=dt.UTC).timestamp()
    clock = [end - 90.0]
    plans = PlanCache(site(tmp_path), clock=lambda: clock[0])

    def answer() -> tuple[bytes, float, str]:
        found = asyncio.run(plans.compose(plans.asked(PAGE, URL, "text/html", (), Reader)))
        return found.html, found.lasting.until, found.digest

    before, until, digest = answer()
    assert b"/sale.png" in before
    assert until == end
    clock[0] = end + 1
    after, _, other = answer()
    assert b"/sale.png" not in after
    assert digest != other
    assert not plans.is_steady(URL)


def test_creatives_without_times_never_change_a_page(tmp_path: Path) -> None:
    made = site(
        tmp_path, RULES.replace("from: 2026-03-12, until: 2026-03-15T18:00", "").replace(",\n ", "\n ")
    )
    assert made.is_steady(URL)


def problems(folder: Path, ad: str) -> list[str]:
    """What is wrong with an ad, without the name of the file."""
    file = folder / "news.yaml"
    file.write_text(f"blocks:\n  x: {{kind: ad, place: body-end, {ad}}}\n", encoding="utf-8")
    try:
        load(file)
    except RulesError as error:
        return [str(each).removeprefix(f"{file}:") for each in error.problems]
    return []


def picture(width: int, height: int) -> str:
    return f"{{image: /a.png, link: /a, alt: A, width: {width}, height: {height}}}"


BOTH = "sizes: {mobile: [[320, 100]], desktop: [[728, 90], [970, 250]]}"


@pytest.mark.parametrize(
    ("ad", "told"),
    [
        (f"{BOTH}, serve: {{house: [{picture(320, 100)}, {picture(970, 250)}]}}", []),
        (f"{BOTH}, serve: {{house: [{picture(300, 90)}]}}", []),
        (
            f"{BOTH}, serve: {{house: [{picture(320, 100)}, {picture(970, 251)}]}}",
            ["970 × 251 is larger than the room that is kept for it: mobile 320 × 100, desktop 970 × 250"],
        ),
        (
            f"{BOTH}, serve: {{house: [{picture(728, 90)}]}}",
            ["no creative fits the room on mobile: 320 × 100"],
        ),
        (
            f"{BOTH}, reserve: likely, serve: {{house: [{picture(300, 90)}, {picture(970, 250)}]}}",
            ["970 × 250 is larger than the room that is kept for it: mobile 320 × 100, desktop 970 × 90"],
        ),
        (f"{BOTH}, serve: {{slot: a}}, house: [{picture(320, 100)}]", []),
        (
            f"{BOTH}, serve: {{slot: a}}, house: [{picture(2000, 100)}]",
            ["2000 × 100 is larger than the room that is kept for it: mobile 320 × 100, desktop 970 × 250"],
        ),
        (f"{BOTH}, serve: {{slot: a}}, unfilled: house", ['"unfilled: house" needs "house"']),
        (
            f"{BOTH}, serve: {{html: <p>x</p>}}, lazy: {{margin: 9}}",
            ['"lazy" is for ads that are served by slot, gpt, prebid, adsense, revive'],
        ),
    ],
)
def test_a_creative_that_is_larger_than_its_room_is_refused(tmp_path: Path, ad: str, told: list[str]) -> None:
    found = problems(tmp_path, ad)
    assert [each.split(": ", 2)[-1] for each in found] == told


def test_it_is_told_where_it_is_written(tmp_path: Path) -> None:
    ad = f"{BOTH}, serve: {{house: [{picture(320, 100)}, {picture(970, 251)}]}}"
    [found] = problems(tmp_path, ad)
    written = (tmp_path / "news.yaml").read_text("utf-8").splitlines()[1]
    column = written.index("{image", written.index("{image") + 1) + 1
    assert found.startswith(f"2:{column}: blocks.x.serve.house[1]: 970 × 251")


def test_a_creative_whose_time_is_over_before_it_begins_is_refused(tmp_path: Path) -> None:
    timed = picture(320, 100).replace("}", ", from: 2026-03-12, until: 2026-03-11}")
    [found] = problems(tmp_path, f"{BOTH}, serve: {{house: [{timed}]}}")
    assert "holds at no time" in found


def test_a_picture_of_http_is_refused(tmp_path: Path) -> None:
    plain = picture(320, 100).replace("/a.png", "http://x.example/a.png")
    [found] = problems(tmp_path, f"{BOTH}, serve: {{house: [{plain}]}}")
    assert found.endswith("a page of https does not load what is of http: write https")
