"""Whoever reads the same log comes to the same state."""

from __future__ import annotations

import pytest

from newshole.live.entries import (
    NOTHING_SAID,
    Declined,
    Event,
    Halted,
    Planned,
    Proposed,
    Published,
    Required,
    Staged,
    Step,
    TurnedOff,
    TurnedOn,
    Unplanned,
    decode,
    encode,
    folded,
)
from newshole.store.seal import sealed, unsealed
from newshole.types import Switch

EVENTS: list[Event] = [
    Published("aa", 1.0, "anna", "first", "", rollback=False),
    TurnedOff((Switch("all", "", "bo", "why", 2.0, 9.5), Switch("block", "mid", since=2.0)), 2.0),
    TurnedOn((("all", ""),), 3.0, "bo", "mended"),
]
IN_SERVICE = Published("aa", 1.0, "anna")
STAGED = Staged("bb", 4.0, "anna", "less", 10.0, "url", "aa", (Step(50.0, 60.0), Step(100.0, 60.0)))
PLANNED = Planned("cc", 5.0, "anna", "for winter", 900.0, "aa")
PROPOSED = Proposed("dd", 6.0, "anna", "", "aa", 10.0, "reader", (), 800.0)
STAGES: list[Event] = [
    STAGED,
    Halted("bb", 7.0, "newshole", "too dense", is_automatic=True),
    PLANNED,
    Unplanned("cc", 8.0, "bo", "not now"),
    PROPOSED,
    Declined("dd", 9.0, "bo", "too many"),
    Required(approval=True, at=10.0, by="bo"),
]


@pytest.mark.parametrize("event", EVENTS + STAGES)
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


def test_what_is_staged_stands_beside_the_version_in_service_until_that_changes() -> None:
    assert folded([IN_SERVICE, STAGED]).staged == STAGED
    assert folded([IN_SERVICE, STAGED]).version == IN_SERVICE
    for published in (Published("bb", 9.0, replaced="aa"), Published("zz", 9.0), Published("aa", 9.0)):
        assert folded([IN_SERVICE, STAGED, published]).staged is None


def test_what_is_to_stand_beside_another_version_than_that_in_service_stands_beside_none() -> None:
    assert folded([STAGED]).staged is None
    assert folded([IN_SERVICE, Published("zz", 2.0), STAGED]).staged is None


def test_a_halt_ends_what_it_is_of_and_a_second_one_is_nothing_new() -> None:
    first, second = (Halted("bb", 7.0 + n, f"worker {n}", "why", is_automatic=True) for n in range(2))
    state = folded([IN_SERVICE, STAGED, first, second])
    assert (state.staged, state.halted) == (None, first)
    assert folded([IN_SERVICE, STAGED, Halted("zz", 7.0, "", "")]).staged == STAGED
    assert folded([IN_SERVICE, STAGED, first, STAGED]).halted is None


def test_a_plan_is_suspended_for_good_once_another_version_went_into_service() -> None:
    (kept,) = folded([IN_SERVICE, PLANNED, STAGED, Halted("bb", 7.0, "", "")]).planned
    assert not kept.is_suspended
    (kept,) = folded([IN_SERVICE, PLANNED, Published("zz", 6.0), Published("aa", 7.0, rollback=True)]).planned
    assert kept.is_suspended
    assert folded([IN_SERVICE, PLANNED, Published("cc", 900.0, replaced="aa")]).planned == ()


def test_a_proposal_ends_with_what_is_made_of_it() -> None:
    done: list[Event] = [
        Published("dd", 8.0),
        Staged("dd", 8.0, "bo", "", 10.0, "url", "aa"),
        Planned("dd", 8.0, "bo", "", 900.0, "aa"),
        Declined("dd", 8.0, "bo", ""),
    ]
    for event in done:
        assert folded([IN_SERVICE, PROPOSED, event]).proposed == ()
    again = Proposed("dd", 7.0, "anna", "again", "aa")
    assert folded([IN_SERVICE, PROPOSED, again]).proposed == (again,)


def test_approval_is_required_until_it_is_not() -> None:
    required, free = Required(approval=True, at=1.0, by=""), Required(approval=False, at=2.0, by="")
    assert folded([required]).needs_approval
    assert not folded([required, free]).needs_approval
