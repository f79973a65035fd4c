"""How a version is to go into service, as a command line says it, and what came of that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from newshole.cli.live import purge_touched, seconds, shown, tell_outcome
from newshole.cli.options.ledger import FollowingOptions, RolloutOptions
from newshole.cli.terminal import printable
from newshole.errors import UsageError
from newshole.live.appending import Change
from newshole.live.entries import WHOLE, Halted, OfVersion, Planned, Proposed, Published, Staged, Step, Unit
from newshole.live.ledger import Beat, Ledger
from newshole.live.outcomes import settled
from newshole.live.staging.rollout import Rollout
from newshole.rules import moments
from newshole.rules.ruleset import Rules

UNITS: Final[dict[Unit, str]] = {"url": "addresses", "reader": "readers"}
"""What a share is a share of, in words."""


def read_rollout(options: RolloutOptions, rules: Sequence[Rules], note: str) -> Rollout:
    """How rules are to go into service. Raises UsageError where that cannot be understood."""
    first, steps = read_steps(options.share, options.ramp, options.every)
    due = None if options.at is None else read_due(options.at, options.zone, rules)
    return Rollout(note, first, read_unit(options.unit), steps, due, options.is_proposed)


def read_steps(share: float | None, ramp: str | None, every: str) -> tuple[float, tuple[Step, ...]]:
    """The first share, in percent, and the steps after it; the ramp's own first where no share is given.

    Raises UsageError where they are none.
    """
    try:
        shares = [float(each.strip().removesuffix("%")) for each in ramp.split(",")] if ramp else []
    except ValueError:
        raise UsageError(f'no ramp: "{ramp}"; write shares in percent, such as 10,50,100') from None
    if share is None:
        share = shares.pop(0) if shares else WHOLE
    return share, tuple(Step(each, seconds(every)) for each in shares)


def read_unit(written: str) -> Unit:
    """What a share is a share of. Raises UsageError where it is none."""
    found = next((unit for unit in UNITS if unit == written), None)
    if found is None:
        raise UsageError(f'no unit: "{written}"; write url or reader')
    return found


def read_due(written: str, zone: str | None, rules: Sequence[Rules]) -> float:
    """A moment, by the clocks of a zone or of the rules where it has no offset, in seconds from 1970.

    Raises UsageError where it is none, or where clocks are put forward or back just then.
    """
    at = moments.read_moment(written, _zone(zone, rules))
    if moments.is_left_out(at) or moments.is_twice(at):
        raise UsageError(f"the clocks change at {written}: add its offset, such as +01:00")
    return at.timestamp()


def _zone(named: str | None, rules: Sequence[Rules]) -> ZoneInfo:
    try:
        return ZoneInfo(named or _zone_of(rules))
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise UsageError(f'no timezone: "{named}"; write one such as Europe/Berlin') from None


def _zone_of(rules: Sequence[Rules]) -> str:
    zones = {each.timezone for each in rules}
    if len(zones) > 1:
        raise UsageError("these rules have several timezones: say with --zone which is meant")
    return zones.pop()


def told(event: OfVersion, name: str) -> str:
    """What was done with a version of a site, in a line."""
    what = f"{event.digest[:8]} of {name}"
    match event:
        case Published(replaced=replaced):
            return f"{what} is published" + (f", in the place of {replaced[:8]}" if replaced else "")
        case Staged(is_held=True):
            return f"{what} is held at {in_share(event)}"
        case Staged():
            return f"{what} is staged for {in_share(event)}" + then(event)
        case Planned(due=due):
            return f"{what} is planned for {shown(due)}" + _for(event)
        case Proposed():
            return f"{what} is proposed{_for(event)}: somebody else says newshole approve {event.digest[:8]}"
        case Halted():
            return f"{what} is halted"
        case _:
            return f"{what} is {event.event}"


def in_share(event: Staged | Planned | Proposed) -> str:
    """A share in words."""
    return f"{event.share:g}% of {UNITS[event.unit]}"


def then(staged: Staged) -> str:
    """The steps to come, in words, "" for none."""
    if staged.is_held:
        return ", its ramp is held: " + ", ".join(f"{each.share:g}%" for each in staged.ramp) + " to come"
    at, steps = staged.at, []
    for step in staged.ramp:
        at += step.after
        steps.append(f"{step.share:g}% at {shown(at)}")
    return f", then {', '.join(steps)}" if steps else ""


def _for(event: Planned | Proposed) -> str:
    when = f" for {shown(event.due)}" if isinstance(event, Proposed) and event.due is not None else ""
    return when + ("" if event.share >= WHOLE else f", {in_share(event)}")


async def tell_change(
    ledger: Ledger,
    change: Change,
    before: Sequence[Beat],
    sites: set[str],
    following: FollowingOptions,
) -> bool:
    """Say what came of a change to versions of these sites, and purge what it touches; whether all went well.

    `before` are the workers as they were before it.
    """
    event = change.event
    assert isinstance(event, OfVersion)  # noqa: S101 - for the type checker: it was just made
    typer.echo(printable(told(event, ledger.name)))
    if not isinstance(event, Published | Staged | Halted):
        return True
    outcome = await settled(ledger, change, patience=following.wait)
    is_taken = tell_outcome(change, outcome)
    is_purged = await purge_touched(ledger, change, before, following.caches, sites=sites)
    return is_taken and is_purged
