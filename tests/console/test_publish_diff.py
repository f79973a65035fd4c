"""What differs between two versions, and how a form says it is to go into service."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from newshole.console.drafting.comparing import Line, file_diffs
from newshole.console.publishing.releasing import read_rollout
from newshole.console.zone import local, moment_in
from newshole.errors import UsageError
from newshole.live.entries import Step
from newshole.live.staging.rollout import Rollout

BERLIN = ZoneInfo("Europe/Berlin")


def test_files_that_are_new_gone_and_changed_are_told_with_their_lines() -> None:
    before = {"a.yaml": "one\ntwo\nthree\n", "gone.yaml": "x\n", "same.yaml": "y\n"}
    after = {"a.yaml": "one\n2\nthree\n", "new.yaml": "z\n", "same.yaml": "y\n"}
    diffs = file_diffs(before, after)
    assert [(each.path, each.what, each.came, each.went) for each in diffs] == [
        ("a.yaml", "changed", 1, 1),
        ("gone.yaml", "removed", 0, 1),
        ("new.yaml", "added", 1, 0),
    ]
    (hunk,) = diffs[0].hunks
    assert [(line.mark, line.text) for line in hunk.lines] == [
        (" ", "one"), ("-", "two"), ("+", "2"), (" ", "three"),
    ]  # fmt: skip
    assert hunk.rows[1] == (Line(2, None, "two"), Line(None, 2, "2"))


def test_lines_that_are_gone_stand_before_those_that_came() -> None:
    (diff,) = file_diffs({"a": "1\n2\n3\nend\n"}, {"a": "x\ny\nend\n"})
    assert "".join(line.mark for line in diff.hunks[0].lines) == "---++ "


def test_far_apart_changes_stand_in_parts_of_their_own() -> None:
    lines = [f"{n}" for n in range(100)]
    changed = ["first", *lines[1:-1], "last"]
    (diff,) = file_diffs({"a": "\n".join(lines)}, {"a": "\n".join(changed)})
    assert len(diff.hunks) == 2


def test_a_form_says_for_whom_and_when() -> None:
    assert read_rollout({"note": "n", "do": "publish"}, BERLIN) == Rollout("n")
    staged = {"note": "n", "whom": "share", "share": "10", "unit": "reader", "pause": "1800"}
    assert read_rollout(staged, BERLIN) == Rollout(
        "n", 10.0, "reader", (Step(50.0, 1800.0), Step(100.0, 1800.0))
    )
    due = {"note": "n", "when": "due", "due": "2026-12-01T06:00", "do": "propose"}
    found = read_rollout(due, BERLIN)
    assert found.is_proposed
    assert found.due is not None
    assert local(found.due, BERLIN) == "1 Dec 2026, 06:00 CET"


@pytest.mark.parametrize(
    "wrong",
    [
        {"note": " "},
        {"note": "n", "whom": "share", "share": "0"},
        {"note": "n", "whom": "share", "share": "100"},
        {"note": "n", "whom": "share", "share": "nan"},
        {"note": "n", "whom": "share", "share": "10", "pause": "7"},
        {"note": "n", "when": "due", "due": ""},
    ],
)
def test_a_form_that_says_nothing_of_use_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        read_rollout(wrong, BERLIN)


def test_a_moment_that_the_clocks_leave_out_is_refused() -> None:
    with pytest.raises(UsageError, match="put forward"):
        moment_in("2026-03-29T02:30", BERLIN)
    assert moment_in("2026-07-01T12:00", BERLIN) == moment_in("2026-07-01T10:00+00:00", BERLIN)
