"""What the console makes of what workers say of themselves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from math import inf

from newshole.cache.tally import BOUNDS
from newshole.console.health.fleet import Fleet, Worker, quantile, read_fleet
from newshole.console.health.problems import problems
from newshole.console.health.pulse import Moment, moment_between
from newshole.console.health.reasons import faults, in_words, let_through
from newshole.console.health.sparkline import sparkline
from newshole.explaining.untouched import UNTOUCHED
from newshole.http.guard import REASONS
from newshole.http.shadow import FAULT, SKIPPED
from newshole.live.entries import NOTHING_SAID, Halted, Planned, Published, State
from newshole.live.health import Clinic, Failing, Vitals
from newshole.live.ledger import Beat, Ledger
from newshole.store import MemoryArchive
from newshole.types import Switch

SERVED = Published("1b2c3d4e" * 4, 0.0, "anna")
STATE = replace(NOTHING_SAID, version=SERVED, versions=(SERVED,))
BEAT = Beat("w1", "front-1", 7, serves=SERVED.digest)
WELL = Vitals(100.0, 0.0, {"composed": 90, "url": 10}, {"plan-here": 80, "plan-anew": 10})


def fleet(vitals: Vitals | None = WELL, *, at: float = 100.0, **beat: str) -> Fleet:
    return Fleet(at, (Worker(replace(BEAT, **beat), vitals),))  # type: ignore[arg-type]


def told(found: Fleet | None, state: State | None = STATE, *, is_reached: bool = True) -> list[str]:
    return [each.what for each in problems(found, state, [], is_reached=is_reached, now=100.0)]


def test_a_fleet_that_is_well_has_no_problem() -> None:
    assert told(fleet()) == []


def test_what_is_wrong_is_told_in_words() -> None:
    assert told(None, None, is_reached=False) == ["Redis, or the archive, does not answer"]
    assert told(fleet(), None) == ["The log of versions and switches cannot be read"]
    assert told(Fleet(1.0, ())) == ["No worker is running"]
    assert told(fleet(refused="f" * 32, problem="site.yaml:1:1: no")) == [
        "front-1, process 7 refuses version ffffffff"
    ]
    assert told(fleet(serves="0" * 32)) == ["front-1, process 7 does not serve 1b2c3d4e yet"]
    assert told(fleet(replace(WELL, breaker="open"))) == ["1 of 1 workers do without Redis"]
    assert told(fleet(replace(WELL, outcomes={"compose-fault": 2}))) == [
        "Newshole failed when it composed a page, 2 times, not lately"
    ]
    assert told(fleet(replace(WELL, live={"live-unsound": 1}))) == [
        "The log has entries that are damaged, or signed with another secret"
    ]
    assert told(replace(fleet(), evicts=True)) == ["This Redis may throw away what is published and switched"]
    feed = Failing("feeds.example", "feeds.example: 503", 1.0, 3)
    assert told(fleet(replace(WELL, feeds=(feed,)))) == ["A feed of feeds.example cannot be read"]
    off = replace(STATE, switches=(Switch("all", "", "bo", "x"),))
    assert told(fleet(), off) == ["Everything is switched off"]
    halted = Halted(SERVED.digest, 1.0, "newshole", "there is no ad", is_automatic=True)
    assert told(fleet(), replace(STATE, halted=halted)) == ["1b2c3d4e was halted by newshole itself"]
    plan = Planned("f" * 32, 1.0, "bo", "x", due=9.0, on="0" * 32)
    assert told(fleet(), replace(STATE, planned=(plan,))) == ["The plan for ffffffff is suspended"]
    assert told(fleet(replace(WELL, is_shadow=True))) == ["Shadow mode is on"]
    assert told(fleet(replace(WELL, shadow={"composed": 9, "shadow-fault": 1}))) == [
        "Newshole failed when it looked at a page in shadow mode, once, not lately"
    ]


def test_slow_planning_is_told_once_enough_pages_were_planned() -> None:
    few = (0,) * 9 + (99, 0, 0)
    many = (0,) * 9 + (100, 0, 0)
    assert told(fleet(replace(WELL, durations=few))) == []
    assert told(fleet(replace(WELL, durations=many))) == ["Planning a new page takes long"]


def test_what_readers_lose_by_stands_first() -> None:
    found = problems(
        fleet(replace(WELL, is_shadow=True), refused="f" * 32), STATE, [], is_reached=True, now=100.0
    )
    assert [each.weight for each in found] == ["bad", "warn"]


def test_faults_that_still_happen_weigh_more_than_old_ones() -> None:
    ill = fleet(replace(WELL, outcomes={"compose-fault": 2}))
    (old,) = problems(ill, STATE, [Moment(1.0, 1.0, 1.0, None, 0)], is_reached=True, now=100.0)
    (new,) = problems(ill, STATE, [Moment(1.0, 1.0, 1.0, None, 2)], is_reached=True, now=100.0)
    assert (old.weight, new.weight) == ("warn", "bad")


def test_every_reason_is_told_in_words_that_are_not_its_name() -> None:
    assert [each for each in (*REASONS, *UNTOUCHED, SKIPPED, FAULT) if in_words(each) == each] == []


def test_faults_are_not_among_what_was_let_through() -> None:
    outcomes = {"composed": 5, "url": 1, "method": 3, "compose-fault": 2, "policy": 9, "feed-fault": 1}
    assert let_through(outcomes) == [("method", 3), ("url", 1)]
    assert faults(outcomes) == {"compose-fault": 2}


def test_between_two_looks_counts_what_was_added_and_all_of_a_worker_that_is_new() -> None:
    later = replace(
        WELL, outcomes={"composed": 120, "url": 20, "compose-fault": 1}, shadow={"shadow-fault": 2}
    )
    new = Worker(replace(BEAT, worker="w2"), replace(WELL, outcomes={"composed": 10}))
    after = Fleet(110.0, (Worker(BEAT, later), new))
    moment = moment_between(fleet(), after)
    assert (moment.requests, moment.composed, moment.faults) == (5.1, 4.0, 3)


def test_half_and_most_of_the_plannings_are_told_to_the_next_bound() -> None:
    durations = [0] * (len(BOUNDS) + 1)
    assert quantile(durations, 0.5) is None
    durations[2], durations[4] = 90, 10
    assert (quantile(durations, 0.5), quantile(durations, 0.95)) == (BOUNDS[2], BOUNDS[4])
    durations[-1] = 200
    assert quantile(durations, 0.5) == inf


def test_a_line_ends_at_the_right_and_its_highest_value_near_the_top() -> None:
    line = sparkline([0, 5, 10], room=5)
    assert line.points == "120.0,38.0 180.0,20.0 240.0,2.0"
    assert (line.most, line.last) == (10, 10)
    assert sparkline([1], room=5).points == ""
    assert sparkline([0, 0], room=3).points == "120.0,38.0 240.0,38.0"


def test_a_worker_is_read_with_what_it_said_last_under_the_same_secret_alone() -> None:
    async def check() -> None:
        ledger = Ledger(MemoryArchive(), secret=b"key")
        await ledger.beat(BEAT)
        await Clinic(ledger).say("w1", WELL)
        assert (await read_fleet(ledger, 1.0)).workers == (Worker(BEAT, WELL),)
        assert await Clinic(Ledger(ledger.archive, secret=b"another")).of("w1") is None

    asyncio.run(check())
