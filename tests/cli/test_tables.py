"""Tables on standard output: what a person said is in them whole."""

from __future__ import annotations

import pytest

from newshole.cli.tables import PIPED, Screen

ADDRESS = "https://news.example/world/the-talks-after-the-cable-was-cut-and-what-the-captain-said"
REASON = "by the editor of the foreign desk, until the court has said what may be shown of it"


def test_no_word_is_lost_where_the_table_is_wider_than_there_is_room(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = ("no-ads", ADDRESS, "2026-11-29 00:59", "anna", REASON, "log")
    Screen().table(("off", "which", "since", "by", "reason", "source"), [row])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= PIPED
    start = lines[0].index("which"), lines[0].index("since")
    assert "".join(line[slice(*start)].strip() for line in lines[1:]) == ADDRESS
    start = lines[0].index("reason"), lines[0].index("source")
    assert " ".join(line[slice(*start)].strip() for line in lines[1:]).split() == REASON.split()
    assert {"no-ads", "anna", "log"} <= set(" ".join(lines).split())


def test_numbers_stay_on_one_line_beside_a_long_name(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().table(("page", "slots>"), [(ADDRESS * 2, "1234567")])
    _, line = capsys.readouterr().out.splitlines()
    assert line.endswith("said  1234567")
    assert line.startswith("…")
