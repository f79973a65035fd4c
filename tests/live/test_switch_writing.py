"""Writing the switch file."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from newshole.errors import RulesError
from newshole.live.switch_file import read_switches
from newshole.live.switch_writing import write_off, write_on
from newshole.types import Switch

WRITTEN = """\
# Of the night desk: do not take out.
timezone: Europe/Berlin
off:
  - block: mid-ad  # see the ticket
    reason: 'the ad server is down'
    by: anna
  - section: Obituaries
"""
ALL = Switch("all", "", "bo", "ad server: down #1", until=1_795_899_600.0)


def off(file: Path) -> list[tuple[str, str]]:
    return [(each.what, each.name) for each in read_switches(file)]


def test_what_is_switched_off_comes_to_the_end_and_everything_else_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "switches.yaml"
    file.write_text(WRITTEN, encoding="utf-8")
    write_off(file, (ALL,))
    assert file.read_text("utf-8").startswith(WRITTEN)
    written = read_switches(file)[-1]
    assert (written.what, written.by, written.reason, written.until) == ("all", "bo", ALL.reason, ALL.until)


def test_what_is_on_again_is_taken_out_alone(tmp_path: Path) -> None:
    file = tmp_path / "switches.yaml"
    file.write_text(WRITTEN, encoding="utf-8")
    write_on(file, (("section", "Obituaries"), ("block", "another")))
    assert file.read_text("utf-8") == WRITTEN.removesuffix("  - section: Obituaries\n")


def test_a_file_is_made_and_emptied_again(tmp_path: Path) -> None:
    file = tmp_path / "new" / "switches.yaml"
    write_off(file, (ALL, Switch("no-ads", "https://news.example/a", "ed", "a request")))
    assert off(file) == [("all", ""), ("no-ads", "https://news.example/a")]
    write_on(file, (("all", ""), ("no-ads", "https://news.example/a")))
    assert off(file) == []


def test_the_same_thing_is_off_once_with_the_newest_reason(tmp_path: Path) -> None:
    file = tmp_path / "switches.yaml"
    for reason in ("first", "second"):
        write_off(file, (Switch("kind", "ad", "bo", reason),))
    assert [each.reason for each in read_switches(file)] == ["second"]


def test_a_file_that_is_wrong_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "switches.yaml"
    file.write_text("off:\n  - nothing: true\n", encoding="utf-8")
    with pytest.raises(RulesError):
        write_off(file, (ALL,))
    assert file.read_text("utf-8") == "off:\n  - nothing: true\n"


def test_of_many_that_write_at_once_nobody_loses_a_switch(tmp_path: Path) -> None:
    file = tmp_path / "switches.yaml"
    writers = [
        threading.Thread(target=write_off, args=(file, (Switch("block", f"b{n}", "bo", "x"),)))
        for n in range(12)
    ]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert sorted(off(file)) == sorted(("block", f"b{n}") for n in range(12))
