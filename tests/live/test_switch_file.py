"""The switch file: what it says, and every mistake in it with its place."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newshole import RulesError
from newshole.live.switch_file import read_switches
from newshole.types import Switch
from tests.live.rules import written

WHOLE = """
timezone: Europe/Berlin
off:
  - all: true
  - section: Obituaries
    reason: by the editor
    by: anna
  - url: /live/**
  - block: mid-ad
    until: 2026-11-28T20:00
  - kind: ad
    until: 2026-11-29
  - no-ads: https://news.example/world/talks
"""


def test_every_thing_that_can_be_off_can_be_written(tmp_path: Path) -> None:
    file = written(tmp_path, WHOLE)
    os.utime(file, (1000, 1000))
    evening = datetime(2026, 11, 28, 19, tzinfo=UTC).timestamp()
    night = datetime(2026, 11, 28, 23, tzinfo=UTC).timestamp()
    assert read_switches(file) == (
        Switch("all", since=1000),
        Switch("section", "Obituaries", "anna", "by the editor", since=1000),
        Switch("url", "/live/**", since=1000),
        Switch("block", "mid-ad", since=1000, until=evening),
        Switch("kind", "ad", since=1000, until=night),
        Switch("no-ads", "https://news.example/world/talks", since=1000),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "off: []\n", "off:\n", "timezone: UTC\n"])
def test_a_file_that_says_nothing_switches_nothing_off(tmp_path: Path, text: str) -> None:
    assert read_switches(written(tmp_path, text)) == ()


def test_no_file_switches_nothing_off(tmp_path: Path) -> None:
    assert read_switches(tmp_path / "none.yaml") == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- all\n", '1:1: expected a mapping with the key "off", found a list'),
        ("of: []\n", '1:1: of: unknown key; did you mean "off"?'),
        ("off: all\n", '1:6: off: expected a list, found "all"'),
        ("off: [all]\n", '1:7: off[0]: expected a mapping, found "all"'),
        ("off: [{blok: a}]\n", '1:8: off[0].blok: unknown key; did you mean "block"?'),
        (
            "off: [{reason: a}]\n",
            '1:7: off[0]: needs "all", "section", "url", "block", "kind" or "no-ads"',
        ),
        (
            "off: [{all: true, block: a}]\n",
            '1:19: off[0].block: "block" and "all" do not go together; keep one',
        ),
        ("off: [{all: false}]\n", "1:13: off[0].all: says that nothing is off; leave the entry out"),
        ("off: [{kind: adds}]\n", '1:14: off[0].kind: no such kind; did you mean "ad"?'),
        (
            "off: [{url: world}]\n",
            '1:13: off[0].url: write a path that begins with "/", or a whole URL',
        ),
        ("off: [{block: a}, {block: a}]\n", "1:19: off[1]: the same as entry 1"),
        ("off: [{all: true, until: soon}]\n", "1:26: off[0].until: expected a date such as 2024-07-19, or"),
        ("off: [\n", "1:6: not YAML"),
    ],
)
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, text: str, problem: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(RulesError) as failed:
        read_switches(file)
    (told,) = map(str, failed.value.problems)
    assert told.startswith(f"{file}:{problem}")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, "off:\n  - blok: a\n  - kind: adds\ntimezone: Mars\n")
    with pytest.raises(RulesError) as failed:
        read_switches(file)
    assert [each.line for each in failed.value.problems] == [2, 3, 4]
