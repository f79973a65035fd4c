"""Heights from a real browser, and what is fitted to them."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from newshole.cli.calibration import Sample, fit, flow
from newshole.cli.chromium import NAMES, Box, mark
from newshole.page.screen import WRAP, Metrics
from newshole.rules.compile import load
from tests.cli.conftest import STORY, Newshole, refused

SET = "body{margin:0 auto;width:%s;font:20px/30px monospace} p{margin:0 0 24px}"
"""A style sheet; the letters of this font are all as wide."""


def box(top: float, bottom: float, *, letters: int = 100, column: float = 300) -> Box:
    return Box(top, bottom, 300, 10, column, 20, 30, letters)


def page(folder: Path, *paragraphs: str, style: str = SET % "300px") -> Path:
    file = folder / "page.html"
    text = "".join(f"<p>{each}</p>\n" for each in paragraphs)
    file.write_text(f"<!doctype html><head><title>T</title><style>{style}</style></head><main>{text}</main>")
    return file


def long(words: int) -> str:
    return "words of a story that is told here. " * (words // 8)


def test_marks_keep_the_page_and_stand_around_units() -> None:
    marked = mark(b"<head><p>a</p><p>b</p>", [(6, 14), (14, 22)])
    assert re.sub(rb"<!--.*?-->", b"", marked) == b"<head><p>a</p><p>b</p>"
    assert re.findall(rb"newshole([<>]\d)", marked) == [b"<0", b">0", b"<1", b">1"]
    empty = mark(b"ab", [(0, 1), (1, 1), (1, 2)])
    assert re.findall(rb"newshole([<>]\d)", empty) == [b"<0", b">0", b"<1", b">1", b"<2", b">2"]


def test_the_style_that_stands_in_comes_before_the_page_s_own() -> None:
    marked = mark(b"<head lang=en><style>b{}</style><header>", [], "a{}")
    assert marked == b"<head lang=en><style>a{}</style><style>b{}</style><header>"
    assert mark(b"<header><p>", [], "a{}") == b"<header><p>"


def test_a_unit_reaches_down_to_the_next_one() -> None:
    tall, body = flow([box(0, 50), None, box(70, 100), box(60, 90), box(120, 120), box(130, 150)])
    assert tall == [70, 0, 30, 70, 0, 30]
    assert body == 160
    assert flow([None]) == ([0.0], 0.0)


def test_letters_of_a_line_are_found_again() -> None:
    usual = Metrics().mobile
    found = [Sample(box(0, 30 * -(-letters // 40), letters=letters), 24) for letters in range(50, 900, 7)]
    screen = fit(found, (360, 800), usual)
    assert screen is not None
    assert (screen.column, screen.font, screen.line, screen.margin) == (300, 20, 30, 24)
    assert screen.column / (screen.font * screen.letter) - WRAP == pytest.approx(40, rel=0.01)


def test_nothing_is_said_of_too_few_paragraphs() -> None:
    short = [Sample(box(0, 30), 24)] * 50
    assert fit([*short, Sample(box(0, 90), 24)], (360, 800), Metrics().mobile) is None


def test_without_playwright_it_is_told(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    refused(
        newshole("measure", STORY),
        "measuring needs Playwright: install it with pip install 'newshole[measure]'",
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_without_a_browser_it_is_told(
    newshole: Newshole, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    refused(
        newshole("measure", STORY),
        "found no Chromium that starts: install chromium, or run playwright install chromium",
    )


def test_an_unknown_device_is_refused(newshole: Newshole) -> None:
    refused(newshole("measure", STORY, "--device", "watch"), 'unknown device "watch": give mobile or desktop')


needs_chromium = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="chromium is not installed"),
]


class TestInChromium:
    pytestmark = needs_chromium

    @pytest.fixture(autouse=True)
    def _playwright(self) -> None:
        pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

    def test_units_have_their_heights(self, newshole: Newshole, tmp_path: Path) -> None:
        story = page(tmp_path, long(80), "One line.", *[long(80)] * 4, "<img width=600 height=300>", long(40))
        outcome = newshole("measure", story, "--json", "--device", "mobile")
        assert (outcome.code, outcome.err) == (0, "")
        [told] = json.loads(outcome.text)["pages"]
        units = told["units"]
        assert [unit["kind"] for unit in units] == ["paragraph"] * 6 + ["image", "paragraph"]
        assert units[1]["measured"] == 30 + 24
        assert {(unit["measured"] - 24) % 30 for unit in units[:6]} == {0}
        assert units[6]["measured"] == pytest.approx(150 + 24, abs=12)
        assert told["measured"] == pytest.approx(sum(unit["measured"] for unit in units), abs=2)
        assert told["estimated"] == sum(unit["estimated"] for unit in units)

    def test_what_is_suggested_goes_into_the_rules_and_is_right(
        self, newshole: Newshole, tmp_path: Path
    ) -> None:
        (tmp_path / "pages").mkdir()
        stories = []
        for number in range(2):
            folder = tmp_path / f"{number}"
            folder.mkdir()
            stories.append(page(folder, *(long(words) for words in range(40 + 8 * number, 200, 16))))
        rules = tmp_path / "rules.yaml"
        outcome = newshole("measure", *stories)
        assert outcome.code == 0
        rules.write_text(outcome.text[outcome.text.index("screen:") :])
        mobile, desktop = load(rules)[0].metrics.mobile, load(rules)[0].metrics.desktop
        assert (mobile.column, mobile.font, mobile.line, mobile.margin) == (300, 20, 30, 24)
        assert desktop == type(desktop)(1366, 768, 300, 20, 30, mobile.letter, 24)
        told = json.loads(newshole("measure", *stories, "--rules", rules, "--json").text)
        for each in told["pages"]:
            assert each["estimated"] == pytest.approx(each["measured"], rel=0.04)

    def test_scripts_never_run_and_nothing_is_fetched(
        self, newshole: Newshole, tmp_path: Path, web: str
    ) -> None:
        sheet = f"<link rel=stylesheet href={web}/x>"
        script = "<script>document.querySelectorAll('p')[1].style.height = '999px'</script>"
        story = page(tmp_path, long(80), "One line.", long(80), f"{long(40)}{sheet}{script}")
        [told] = json.loads(newshole("measure", story, "--json", "--device", "mobile").text)["pages"]
        assert told["units"][1]["measured"] == 54

    def test_hidden_units_take_no_room(self, newshole: Newshole, tmp_path: Path) -> None:
        style = SET % "300px" + " p:nth-child(2){display:none}"
        story = page(tmp_path, long(80), "Not seen.", "One line.", long(80), style=style)
        [told] = json.loads(newshole("measure", story, "--json", "--device", "desktop").text)["pages"]
        assert [unit["measured"] for unit in told["units"]][1:3] == [0, 54]

    def test_a_page_without_a_story_is_refused(self, newshole: Newshole, tmp_path: Path) -> None:
        file = tmp_path / "empty.html"
        file.write_text("<!doctype html><p>Nothing</p>")
        refused(
            newshole("measure", file),
            f"{file} is left untouched (no-body): it has no text of a story",
        )
