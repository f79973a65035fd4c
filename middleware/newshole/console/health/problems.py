"""What is wrong with a fleet, in words, with what to do about it: the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from newshole.console.health.fleet import Fleet, Worker, quantile
from newshole.console.health.pulse import Moment
from newshole.console.health.reasons import faults, in_words
from newshole.live.entries import State
from newshole.live.staging.deciding import suspension

SLOW: Final = 0.1
"""Seconds for a new page, 95 of 100 times, from which on readers would notice."""


ENOUGH: Final = 100
"""Pages that were planned before that is told: the first ones of a worker always take longer."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong: `what` it is and what to `do`; "bad" where readers or the newsroom lose by it."""

    weight: Literal["bad", "warn"]
    what: str
    do: str


def problems(
    fleet: Fleet | None, state: State | None, moments: Sequence[Moment], *, is_reached: bool, now: float
) -> list[Problem]:
    """What is wrong with a fleet, as of the last look; `is_reached` is whether it can be looked at now, and
    `state` what the log says, None where it could not be read. `now` counts seconds from 1970."""
    found = [*_of_log(fleet, state, is_reached=is_reached), *_of_plans(state, now)]
    if fleet is not None:
        found += [*_of_versions(fleet.workers, state), *_of_faults(fleet, moments)]
        found += [*_of_stores(fleet), *_of_rest(fleet)]
    return sorted(found, key=lambda each: each.weight != "bad")


def _of_log(fleet: Fleet | None, state: State | None, *, is_reached: bool) -> Iterator[Problem]:
    if not is_reached:
        yield Problem(
            "bad",
            "Redis, or the archive, does not answer",
            "Pages go out as before, by the rules that each worker has. Nothing can be published, or "
            "switched for all workers, until it runs again.",
        )
    elif state is None:
        yield Problem(
            "bad",
            "The log of versions and switches cannot be read",
            "An entry is damaged, or signed with another secret: Audit tells which. Workers leave it out.",
        )
    elif fleet is not None and not fleet.workers:
        yield Problem(
            "bad",
            "No worker is running",
            'Start one with "newshole serve", with the same Redis or archive and the same secret as the '
            "console.",
        )
    if state is not None and state.version is None:
        yield Problem("warn", "No rules are published", "Publish some: pages go out as the site sends them.")
    if state is not None and any(each.what == "all" for each in state.switches):
        yield Problem("warn", "Everything is switched off", "Switches tells by whom and why.")


def _of_plans(state: State | None, now: float) -> Iterator[Problem]:
    if state is None:
        return
    if state.halted is not None and state.halted.is_automatic:
        name = state.halted.digest[:8]
        yield Problem("warn", f"{name} was halted by newshole itself", f"{state.halted.reason}. See Publish.")
    for each in state.planned:
        reason = suspension(each, state, now)
        if reason is not None:
            yield Problem("warn", f"The plan for {each.digest[:8]} is suspended", f"{reason}. See Publish.")


def _of_versions(workers: Iterable[Worker], state: State | None) -> Iterator[Problem]:
    for each in workers:
        beat = each.beat
        if beat.refused:
            yield Problem(
                "bad",
                f"{each.name} refuses version {beat.refused[:8]}",
                f"It serves {beat.serves[:8] or 'none'} until there is another one: {beat.problem}",
            )
        elif beat.problem:
            yield Problem("bad", f"{each.name} has a problem", beat.problem)
        elif state is not None and state.version and beat.follows and beat.serves != state.version.digest:
            yield Problem(
                "warn",
                f"{each.name} does not serve {state.version.digest[:8]} yet",
                "That takes a second or two. If it stays so, look into its log.",
            )


def _of_faults(fleet: Fleet, moments: Sequence[Moment]) -> Iterator[Problem]:
    lately = sum(each.faults for each in moments)
    for name, times in faults(fleet.outcomes + fleet.shadow).items():
        yield Problem(
            "bad" if lately else "warn",
            f"{in_words(name).capitalize()}, {_times(times)}{'' if lately else ', not lately'}",
            "The pages went out as the site sent them. The workers' log has the error: please report it.",
        )
    slow = quantile(fleet.durations, 0.95)
    if slow is not None and slow > SLOW and sum(fleet.durations) >= ENOUGH:
        yield Problem(
            "warn",
            "Planning a new page takes long",
            "One in twenty takes more than a tenth of a second. Let workers share a Redis, so that each page "
            "is planned once, or start more of them.",
        )


def _of_stores(fleet: Fleet) -> Iterator[Problem]:
    away = [each.name for each in fleet.workers if each.vitals and each.vitals.breaker not in ("", "closed")]
    if away:
        yield Problem(
            "warn",
            f"{len(away)} of {len(fleet.workers)} workers do without Redis",
            "They plan each page for themselves until it answers: see that it runs and can be reached.",
        )
    if fleet.evicts:
        yield Problem(
            "bad",
            "This Redis may throw away what is published and switched",
            "Its maxmemory-policy is allkeys-…: set volatile-lru.",
        )
    live = fleet.live
    if live["live-unsound"]:
        yield Problem(
            "bad",
            "The log has entries that are damaged, or signed with another secret",
            "See Audit for which. Are all workers and the console started with the same secret?",
        )
    if live["state-fault"]:
        yield Problem(
            "warn",
            "A worker cannot keep the published rules on disk",
            "Without them it starts empty while Redis is down: give it a folder that it may write to "
            "(--state).",
        )
    if live["switches-refused"]:
        yield Problem("warn", "An edit of a switch file was refused", "What it said before stays: mend it.")


def _of_rest(fleet: Fleet) -> Iterator[Problem]:
    for feed in fleet.feeds:
        yield Problem(
            "warn",
            f"A feed of {feed.host} cannot be read",
            f"{feed.why.removeprefix(f'{feed.host}: ')}, {_times(feed.times)} in a row. What it told "
            "before is still shown.",
        )
    silent = [each.name for each in fleet.workers if each.vitals is None]
    if silent and fleet.told:
        yield Problem(
            "warn",
            f"{', '.join(silent)} does not say how it is",
            "It has just started, or is older.",
        )
    if fleet.is_shadow:
        yield Problem("warn", "Shadow mode is on", "Pages are planned, and go out as the site sent them.")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
