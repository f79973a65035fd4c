"""Rules and switches in files: an edit counts once it is whole, a wrong one never does."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from newshole import Site
from newshole.live.board import Board
from newshole.live.staging.figures import Figures
from newshole.live.staging.stage import Stage
from newshole.live.watching import UNREADABLE, RulesWatch, Settled, SwitchFile
from newshole.rules.switches import Switches
from newshole.types import Facts, Switch, Weather
from tests.live.rules import FIRST, SECOND, WRONG, written

FEED = """
  weather:
    kind: strip
    items: [weather]
    weather: {feed: {url: "https://w.example/", temperature: t}}
    place: page-top
"""


class Serving:
    """What has a site in service, and nothing staged."""

    stage: Stage | None = None
    figures: tuple[Figures, Figures] | None = None

    def __init__(self, site: Site) -> None:
        self.site = site


def clock() -> float:
    return 100.0


def board_of(file: Path) -> Board:
    site = Site.load(file)
    site.since = 0.0
    return Board(Serving(site))


async def look_twice(watch: RulesWatch) -> None:
    for _ in range(2):
        await watch.look()


def test_files_are_read_once_they_are_another_and_no_longer_change() -> None:
    one, two, three = ({Path("a"): digest} for digest in (b"1", b"2", None))
    settled = Settled(one)
    seen = [one, two, three, three, three, two, one, one]
    assert [settled.is_due(each) for each in seen] == [False, False, False, True, False, False, False, True]


def test_an_edit_goes_into_service(tmp_path: Path) -> None:
    file = written(tmp_path, FIRST)
    board = board_of(file)

    async def check() -> None:
        watch = RulesWatch(file, board, clock=clock)
        written(tmp_path, SECOND)
        await watch.look()
        assert board.counts["rules-swapped"] == 0
        await watch.look()
        assert board.serving.site.digest == Site.load(file).digest
        assert board.counts["rules-swapped"] == 1
        written(tmp_path, SECOND + "# only a remark\n")
        await look_twice(watch)
        assert board.counts["rules-swapped"] == 1

    asyncio.run(check())


def test_a_wrong_edit_is_told_once_and_the_rules_stay_until_it_is_mended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = written(tmp_path, FIRST)
    board = board_of(file)
    before = board.serving.site

    async def check() -> None:
        watch = RulesWatch(file, board, clock=clock)
        written(tmp_path, WRONG)
        for _ in range(5):
            await watch.look()
        assert board.serving.site is before
        assert board.counts["rules-refused"] == 1
        assert f"{file}:8:" in watch.problem
        assert caplog.text.count("refused") == 1
        written(tmp_path, SECOND)
        await look_twice(watch)
        assert (watch.problem, board.counts["rules-swapped"]) == ("", 1)

    asyncio.run(check())


def test_files_that_are_extended_are_watched_too_and_those_that_are_missing(tmp_path: Path) -> None:
    written(tmp_path, FIRST, "base/a.yaml")
    file = written(tmp_path, "extends: ../base/a.yaml\n", "rules/site.yaml")
    board = board_of(file)

    async def check() -> None:
        watch = RulesWatch(tmp_path / "rules", board, clock=clock)
        written(tmp_path, SECOND, "base/a.yaml")
        await look_twice(watch)
        assert board.counts["rules-swapped"] == 1
        written(tmp_path, "extends: ../base/b.yaml\n", "rules/site.yaml")
        await look_twice(watch)
        assert board.counts["rules-refused"] == 1
        written(tmp_path, FIRST, "base/b.yaml")
        await look_twice(watch)
        assert board.counts["rules-swapped"] == 2
        written(tmp_path, FIRST + "hosts: more.example\n", "rules/more.yaml")
        await look_twice(watch)
        assert len(board.serving.site.rules) == 2

    asyncio.run(check())


def test_rules_that_are_gone_stay_in_service(tmp_path: Path) -> None:
    file = written(tmp_path, FIRST)
    board = board_of(file)

    async def check() -> None:
        watch = RulesWatch(file, board, clock=clock)
        file.unlink()
        await look_twice(watch)
        assert board.counts["rules-refused"] == 1
        written(tmp_path, SECOND)
        await look_twice(watch)
        assert board.counts["rules-swapped"] == 1

    asyncio.run(check())


def test_a_swap_keeps_what_blocks_show_and_what_is_off(tmp_path: Path) -> None:
    board = board_of(written(tmp_path, FIRST + FEED))
    board.say("file", [Switch("block", "spot")], 10.0)
    off = board.serving.site.facts.switches
    told = {"C t https://w.example/": Weather(3.0)}
    board.serving.site.facts = Facts(told, off)
    board.swap(Site.load(written(tmp_path, SECOND + FEED)))
    assert board.serving.site.facts == Facts(told, off)
    other = FEED.replace("w.example", "other.example")
    board.swap(Site.load(written(tmp_path, SECOND + other)))
    assert board.serving.site.facts == Facts({}, off)


def test_switches_of_both_sources_hold_and_expire(tmp_path: Path) -> None:
    board = board_of(written(tmp_path, FIRST))
    board.serving.site.since = 9.0
    board.say("redis", [Switch("all", until=30.0)], 10.0)
    board.say("file", [Switch("block", "spot", since=7.0)], 11.0)
    assert board.off == (Switch("all", until=30.0), Switch("block", "spot", since=7.0))
    assert board.serving.site.since == 11.0
    board.settle(29.9)
    assert len(board.off) == 2
    board.settle(31.0)
    assert [each.what for each in board.off] == ["block"]
    assert isinstance(board.serving.site.facts.switches, Switches)
    assert board.serving.site.since == 31.0
    board.say("file", [], 41.0)
    assert board.serving.site.facts.switches is None
    assert (board.counts["switches-changed"], board.serving.site.since) == (4, 41.0)


def test_a_switch_file_is_followed_and_a_broken_one_keeps_what_it_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    board = board_of(written(tmp_path, FIRST))
    file = written(tmp_path, "off: [{block: spot}]\n", "off.yaml")
    switches = SwitchFile(file, board, clock=clock)
    assert [each.name for each in board.off] == ["spot"]
    written(tmp_path, "off: [{blok: inline}]\n", "off.yaml")
    switches.read()
    assert [each.name for each in board.off] == ["spot"]
    assert board.counts["switches-refused"] == 1
    assert f'{file}:1:8: off[0].blok: unknown key; did you mean "block"?' in caplog.text
    file.unlink()
    switches.read()
    assert (board.off, switches.problem) == ((), "")


def test_a_switch_file_that_is_wrong_from_the_start_switches_everything_off(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    board = board_of(written(tmp_path, FIRST))
    file = written(tmp_path, "off: [\n", "off.yaml")
    switches = SwitchFile(file, board, clock=clock)
    assert board.off == (UNREADABLE,)
    written(tmp_path, "off: []\n", "off.yaml")
    switches.read()
    assert not board.off
