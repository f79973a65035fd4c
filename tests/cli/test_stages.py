"""Staging, planning and approving from the command line."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from newshole.cli.rollouts import read_due, read_steps
from newshole.errors import UsageError
from newshole.live.appending import read_log
from newshole.live.entries import Step
from newshole.live.ledger import Beat, Ledger
from newshole.live.staging.figures import Figures
from newshole.rules.compile import load
from newshole.rules.ruleset import Rules
from newshole.store.archive import open_archive
from tests.cli.conftest import Newshole, refused
from tests.cli.test_live import redis, without_times, workers
from tests.live.rules import FIRST, SECOND, written
from tests.store.servers import Server

assert redis is not None  # a fixture

WINTER = "2026-12-01T06:00"


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "newshole")


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in the place of a Redis, with the first rules in service."""
    file = tmp_path / "archive"
    monkeypatch.setenv("NEWSHOLE_ARCHIVE", str(file))
    monkeypatch.setenv("NEWSHOLE_AUTHOR", "anna")
    return file


@pytest.fixture
def rules(newshole: Newshole, archive: Path, tmp_path: Path) -> Path:
    """The second rules, with the first ones in service."""
    assert newshole("publish", written(tmp_path, FIRST)).code == 0
    assert archive.exists()
    return written(tmp_path, SECOND)


def listed(newshole: Newshole) -> dict[str, Any]:
    found = json.loads(newshole("stage", "--json").text)
    assert isinstance(found, dict)
    return found


def test_workers_are_waited_for_and_told_of_at_every_share(
    newshole: Newshole, redis: Server, tmp_path: Path
) -> None:
    with workers(redis, tmp_path, 2):
        first = newshole("publish", written(tmp_path, FIRST)).text[:8]
        staged = newshole("publish", written(tmp_path, SECOND), "--share", "10")
        digest = staged.text[:8]
        assert staged.code == 0
        assert without_times(staged.text) == (
            f"{digest} of site is staged for 10% of addresses\n"
            f"2 of 2 workers serve {digest} for 10% after 0.0 s\n"
        )
        shown = newshole("stage").text.splitlines()
        assert shown[0].startswith(f"{digest} serves 10% of addresses since ")
        assert shown[1:] == [
            "  2 of 2 workers have it ready",
            f"  {digest}  0 pages, 0 faults, 0.00 ads a page",
            f"  {first}  0 pages, 0 faults, 0.00 ads a page",
        ]
        assert re.search(
            rf"^~ {digest} .* anna +staged for 10% of addresses$", newshole("versions").text, re.MULTILINE
        )
        assert newshole("stage", "10").text == "it serves 10% already\n"
        assert "2 of 2 workers serve" in newshole("stage", "50").text
        halted = newshole("stage", "halt", "--reason", "too many")
        assert without_times(halted.text) == (
            f"{digest} of site is halted\n2 of 2 workers have halted it after 0.0 s\n"
        )
        assert re.fullmatch(rf"{digest} was halted by anna at .*: too many\n", newshole("stage").text)
        newshole("publish", written(tmp_path, SECOND), "--share", "10")
        whole = newshole("stage", "100")
        assert f"{digest} of site is published, in the place of {first}\n" in whole.text


def test_viewability_and_fill_are_told_where_views_are_measured(
    newshole: Newshole, rules: Path, archive: Path
) -> None:
    newshole("publish", rules, "--share", "10")
    old, new = Figures(10, composed=10, slots=20, shown=20, viewable=12), Figures(asked=8, unfilled=6)

    async def beat() -> None:
        opened = open_archive(str(archive))
        ledger = Ledger(opened)
        staged = (await read_log(ledger))[1].staged
        assert staged is not None
        await ledger.beat(Beat("w", "host", 1, staged=staged.digest, share=10.0, figures=(old, new)))
        await opened.close()

    asyncio.run(beat())
    _, _, ours, theirs = newshole("stage").text.splitlines()
    assert ours.endswith("  0 pages, 0 faults, 0.00 ads a page, 25% filled")
    assert theirs.endswith("  10 pages, 0 faults, 2.00 ads a page, 60% viewable")


def test_a_ramp_is_told_with_its_moments(newshole: Newshole, rules: Path) -> None:
    told = newshole("publish", rules, "--ramp", "10,50,100", "--every", "30m").text
    assert re.search(r" is staged for 10% of addresses, then 50% at [-0-9: ]+, 100% at [-0-9: ]+\n", told)
    staged = listed(newshole)["staged"]
    assert isinstance(staged, dict)
    assert staged["ramp"] == [{"share": 50.0, "after": 1800.0}, {"share": 100.0, "after": 1800.0}]


def test_a_ramp_is_held_and_goes_on(newshole: Newshole, rules: Path) -> None:
    refused(newshole("stage", "hold"), "nothing is staged")
    digest = newshole("publish", rules, "--ramp", "10,50,100", "--every", "30m").text[:8]
    assert newshole("stage", "go-on").text == "no ramp is held\n"
    assert f"{digest} of site is held at 10% of addresses\n" in newshole("stage", "hold").text
    assert newshole("stage", "hold").text == "its ramp is held already\n"
    assert "its ramp is held: 50%, 100% to come" in newshole("stage").text
    assert re.search(r"staged for 10% of addresses, then 50% at ", newshole("stage", "go-on").text)
    told = [json.loads(line) for line in newshole("log", "--json").text.splitlines()]
    assert [(each["what"], each["by"], each["role"], each["via"]) for each in told] == [
        (what, "anna", "operator", "command line") for what in ("stage", "hold", "stage", "publish")
    ]


def test_a_plan_that_is_suspended_is_looked_at_and_taken_up_again(newshole: Newshole, rules: Path) -> None:
    digest = newshole("publish", rules, "--at", "2126-12-01T06:00", "--note", "winter").text[:8]
    assert newshole("resume", digest).text.startswith(f"the plan for {digest} is not suspended\n")
    before = newshole("publish", written(rules.parent, FIRST + "# again\n")).text[:8]
    refused(
        newshole("resume", digest, "--on", "zz"), 'no version begins with "zz": newshole versions lists them'
    )
    told = newshole("resume", digest).text
    assert told.startswith(f"the plan for {digest} is suspended: another version went into service since")
    assert "\n- # again\n" in told
    assert '\n+   inline: {kind: html, html: "<p>second</p>"' in told
    command = re.search(rf"newshole (resume {digest} --on {before}) does it at 2126-12-01 ", told)
    assert command is not None
    assert f"{digest} of site is planned for 2126-" in newshole(*command[1].split()).text
    (planned,) = listed(newshole)["planned"]
    assert (planned["suspended"], planned["on"][:8]) == (None, before)
    refused(
        newshole("resume", digest, "--on", before),
        f"the plan for {digest} is not suspended: it is done when it is due",
    )
    third = newshole("publish", written(rules.parent, FIRST + "# once more\n")).text[:8]
    late = newshole("resume", digest, "--on", before)
    assert late.code == 1
    assert late.err.startswith(f"newshole: {third} was published by anna meanwhile: look at it")


def test_what_needs_approval_by_now_is_proposed_when_its_plan_is_taken_up(
    newshole: Newshole, rules: Path
) -> None:
    digest = newshole("publish", rules, "--at", "2126-12-01T06:00", "--note", "winter").text[:8]
    newshole("approval", "on")
    serves = listed(newshole)["in_service"]["digest"]
    told = newshole("resume", digest, "--on", serves, "--at", "2126-12-02T06:00").text
    assert re.search(rf"^{digest} of site is proposed for 2126-12-0.*somebody else says", told)
    assert "is planned for 2126-12-02" in newshole("approve", digest, "--author", "bo").text


def test_what_is_planned_is_listed_and_can_be_dropped(newshole: Newshole, rules: Path) -> None:
    planned = newshole("publish", rules, "--at", "2126-12-01T06:00", "--note", "winter")
    digest = planned.text[:8]
    assert planned.text.startswith(f"{digest} of site is planned for 2126-")
    assert re.search(rf"^\? {digest} .*planned for .*: winter$", newshole("versions").text, re.MULTILINE)
    assert "<p>second</p>" in newshole("versions", "show", digest).text
    assert newshole("publish", written(rules.parent, FIRST + "# again\n")).code == 0
    assert "suspended: another version went into service" in newshole("stage").text
    assert newshole("decline", digest).text == f"{digest} of site is not published\n"
    assert listed(newshole)["planned"] == []
    passed = "the moment that it is planned for has passed: name one to come"
    refused(newshole("publish", rules, "--at", "2001-01-01"), passed)


def test_a_second_person_approves(newshole: Newshole, rules: Path) -> None:
    assert newshole("approval", "on").text == (
        "what is published for site needs somebody else's approval from now on\n"
    )
    alone = newshole("publish", rules)
    assert (alone.code, alone.err) == (
        1,
        "newshole: somebody else has to approve it: propose it, with --propose\n",
    )
    proposed = newshole("publish", rules, "--propose", "--share", "10", "--note", "less")
    digest = proposed.text[:8]
    assert f"is proposed, 10% of addresses: somebody else says newshole approve {digest}" in proposed.text
    own = newshole("approve", digest)
    assert (own.code, own.err) == (1, "newshole: anna has proposed it: somebody else has to approve it\n")
    assert f"{digest} of site is staged for 10% of" in newshole("approve", digest, "--author", "bo").text
    refused(newshole("approve", digest), NOTHING.format(digest))
    assert newshole("approval", "off").text.endswith("needs nobody else's approval from now on\n")
    refused(newshole("approval", "maybe"), 'write "newshole approval on" or "newshole approval off"')


NOTHING = 'no version that begins with "{}" is proposed: newshole versions lists them'


def test_what_is_proposed_is_declined(newshole: Newshole, rules: Path) -> None:
    digest = newshole("publish", rules, "--propose").text[:8]
    assert f"{digest} is proposed by anna: -" in newshole("stage").text
    assert newshole("decline", digest, "--reason", "no").code == 0
    assert newshole("stage").text == "nothing is staged, planned or proposed\n"


def test_what_cannot_be_read_is_told_in_a_line(newshole: Newshole, rules: Path) -> None:
    for options, problem in (
        (("--share", "0"), "no steps: 0; give shares that rise, from more than 0 up to 100"),
        (("--ramp", "50,10"), "no steps: 50, 10; give shares that rise, from more than 0 up to 100"),
        (("--ramp", "a"), 'no ramp: "a"; write shares in percent, such as 10,50,100'),
        (("--by", "moon"), 'no unit: "moon"; write url or reader'),
        (("--at", "soon"), 'no moment: "soon"; write it as 2026-12-01T06:00'),
        (("--at", WINTER, "--zone", "Mars"), 'no timezone: "Mars"; write one such as Europe/Berlin'),
    ):
        refused(newshole("publish", rules, *options), problem)
    refused(newshole("stage", "much"), 'no share: "much"; write percent, such as 50, or halt, hold or go-on')
    refused(newshole("stage", "halt"), "nothing is staged")


@pytest.fixture
def berlin(tmp_path: Path) -> tuple[Rules, ...]:
    return load(written(tmp_path, FIRST + "timezone: Europe/Berlin\n"))


def test_a_moment_is_of_the_clocks_of_the_rules_or_of_the_zone_that_is_named(
    berlin: tuple[Rules, ...],
) -> None:
    winter = read_due(WINTER, None, berlin)
    assert winter == read_due("2026-12-01T05:00+00:00", None, berlin)
    assert winter == read_due("2026-12-01T14:00", "Asia/Tokyo", berlin)
    for written_as in ("2026-03-29T02:30", "2026-10-25T02:30"):
        with pytest.raises(UsageError, match="the clocks change at"):
            read_due(written_as, None, berlin)


def test_the_first_step_of_a_ramp_is_where_it_begins_unless_a_share_is_given() -> None:
    assert read_steps(None, None, "30m") == (100.0, ())
    assert read_steps(None, "10,50%", "1h") == (10.0, (Step(50.0, 3600.0),))
    assert read_steps(5.0, "10", "90s") == (5.0, (Step(10.0, 90.0),))
