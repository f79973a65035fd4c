"""Whoever reads the same log comes to the same state."""

from __future__ import annotations

import pytest

from newshole.live.events import NOTHING_SAID, Event, Published, TurnedOff, TurnedOn, decode, encode, folded
from newshole.store.seal import sealed, unsealed
from newshole.types import Switch

EVENTS: list[Event] = [
    Published("aa", 1.0, "anna", "first", "", rollback=False),
    TurnedOff((Switch("all", "", "bo", "why", 2.0, 9.5), Switch("block", "mid", since=2.0)), 2.0),
    TurnedOn((("all", ""),), 3.0, "bo", "mended"),
]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    assert decode(encode(event)) == event


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"null",
        b'{"event":"sold"}',
        b'{"event":"published","digest":1,"at":2}',
        b"\xff",
        b"[" * 9999,
    ],
)
def test_what_is_no_event_is_none(document: bytes) -> None:
    assert decode(document) is None


def test_the_newest_version_counts_and_all_are_listed() -> None:
    first, second = EVENTS[0], Published("bb", 4.0, replaced="aa")
    state = folded([first, second])
    assert state.version == second
    assert state.versions == (first, second)


def test_a_switch_is_off_until_it_is_on_and_the_last_word_on_it_counts() -> None:
    later = TurnedOff((Switch("block", "mid", "carla", "longer", 4.0, 20.0),), 4.0)
    state = folded([*EVENTS, later])
    assert state.switches == later.switches
    assert folded([*EVENTS, later, TurnedOn((("block", "mid"),), 5.0)]).switches == ()


def test_nothing_said_is_nothing_off() -> None:
    assert folded([]) == NOTHING_SAID


@pytest.mark.parametrize("secret", [b"", b"of the newsroom", b"x" * 200])
def test_a_seal_holds_for_its_place_its_secret_and_its_document_alone(secret: bytes) -> None:
    value = sealed(b"document", b"log1", secret)
    assert unsealed(value, b"log1", secret) == b"document"
    for spoilt in (None, b"", value[:-1], value + b"x", value[:3], b"nhl\x02" + value[4:], value[:-1] + b"T"):
        assert unsealed(spoilt, b"log1", secret) is None
    assert unsealed(value, b"log2", secret) is None
    assert unsealed(value, b"log1", secret + b"?") is None
