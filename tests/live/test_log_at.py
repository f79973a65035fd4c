"""What the log tells was in service at a moment."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from newshole.live.entries import Published, TurnedOff, TurnedOn
from newshole.live.ledger import Entry
from newshole.live.past.account import Archives, look_back, state_at, versions_before
from newshole.types import Switch

AT: Final = 1_800_000_000.0


SWITCH: Final = Switch("block", "ad", since=AT + 10, until=AT + 40)
ENTRIES: Final = [
    Entry(n, b"", event)
    for n, event in enumerate(
        [
            Published("one", AT),
            TurnedOff((SWITCH, Switch("all")), AT + 10),
            TurnedOn((("all", ""),), AT + 20),
            None,
            Published("two", AT + 30),
            Published("one", AT + 50, rollback=True),
        ],
        1,
    )
]


@pytest.mark.parametrize(
    ("after", "version", "off"),
    [
        (-1, None, []),
        (0, "one", []),
        (10, "one", ["block", "all"]),
        (20, "one", ["block"]),
        (30, "two", ["block"]),
        (41, "two", []),
        (60, "one", []),
    ],
)
def test_the_log_tells_what_was_in_service_at_a_moment(
    after: float, version: str | None, off: list[str]
) -> None:
    state = state_at(ENTRIES, AT + after)
    assert (state.version and state.version.digest) == version
    assert [each.what for each in state.switches] == off


def test_versions_are_looked_at_from_the_latest_one_on() -> None:
    events = [each.event for each in ENTRIES if each.event]
    assert versions_before(events, AT + 35) == ["two", "one"]
    assert versions_before(events, AT + 60) == ["one", "two"]
    assert versions_before([Published(str(n), AT + n) for n in range(20)], AT + 18)[-2:] == ["11", "19"]


def test_without_a_journal_the_log_alone_tells() -> None:
    past = asyncio.run(look_back(Archives(ENTRIES), "https://news.example/a", AT + 15))
    assert past.version is not None
    assert (past.version.digest, len(past.switches), past.accounts, past.has_journal) == ("one", 2, (), False)
