"""Publishing, in one step or in stages, with or without approval, and rolling back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from newshole.errors import NewsholeError, UsageError
from newshole.live.appending import Change, ConflictError, add, read_log, say
from newshole.live.entries import (
    WHOLE,
    Declined,
    Halted,
    Planned,
    Proposed,
    Published,
    Required,
    State,
    Step,
    Unit,
    Unplanned,
)
from newshole.live.ledger import Entry, Ledger
from newshole.live.source import Source, load_site
from newshole.live.staging.deciding import (
    approved,
    begun,
    check_beside,
    check_due,
    check_steps,
    held,
    named,
    only,
    resumed,
    risen,
    staged_in,
    suspension,
)
from newshole.live.staging.stage import tells_readers
from newshole.rules.titles import folded

Clock: TypeAlias = Callable[[], float]


class ApprovalNeededError(NewsholeError):
    """What was to be published needs somebody else's approval."""


async def publish(
    ledger: Ledger, source: Source, *, by: str, note: str, clock: Clock, on: str | None = None
) -> Change | None:
    """Put these files into service, in the place of what is staged too; None where they are in service
    already. `on` is the digest of the version that they are to replace, None for whatever is in service.

    Raises ConflictError where another version is in service than that one, or somebody else published at the
    same time, ApprovalNeededError where it has to be proposed first, StoreError where Redis fails.
    """
    entries, state = await read_log(ledger)
    _check_on(state, on)
    _check_approved(state)
    await ledger.keep(source)
    event = Published(source.digest, clock(), by, note)
    return await _publish(ledger, entries, state, event, check=_check_approved)


async def seed(ledger: Ledger, source: Source, *, clock: Clock) -> Change | None:
    """Publish these files where nothing was published yet; None where something was. See `publish`."""
    entries, state = await read_log(ledger)
    if state.version is not None:
        return None
    note = "the rules that it was started with"
    await ledger.keep(source)
    return await _publish(ledger, entries, state, Published(source.digest, clock(), "newshole", note))


async def roll_back(
    ledger: Ledger, version: str | None, *, by: str, note: str, clock: Clock
) -> Change | None:
    """Put a version back into service, the one before where none is named; nobody has to approve it, and what
    is staged ends. See `publish`.

    Raises UsageError where there is no such version, SourceError where its files are lost.
    """
    entries, state = await read_log(ledger)
    if version is None:
        replaced = state.version.replaced if state.version else ""
        if not replaced:
            raise UsageError(f"there is no version of {ledger.name} before the one in service")
        wanted = replaced
    else:
        wanted = named_version(state, version).digest
    await ledger.source(wanted)
    return await _publish(ledger, entries, state, Published(wanted, clock(), by, note, rollback=True))


async def stage(
    ledger: Ledger,
    source: Source,
    *,
    share: float,
    unit: Unit,
    ramp: Sequence[Step] = (),
    by: str,
    note: str,
    clock: Clock,
    on: str | None = None,
) -> Change | None:
    """Let these files serve a share in percent beside what is in service, which has to be `on` where that is
    given; None where they are in service already.

    Raises UsageError where that cannot be, or something else is staged; else as `publish` does.
    """
    entries, state = await read_log(ledger)
    _check_on(state, on)
    _check_approved(state)
    check_steps(share, ramp)
    await _keep(ledger, source, unit)
    if source.digest == state.serves:
        return None
    wanted = Proposed(source.digest, clock(), by, note, state.serves, share, unit, tuple(ramp))
    event = begun(wanted, state, at=wanted.at, by=by)
    return await add(ledger, entries, state, event, check=_check_approved)


async def advance(ledger: Ledger, share: float, *, version: str = "", by: str, clock: Clock) -> Change | None:
    """Give what is staged another share, in percent; all of it puts the version into service. None where it
    has that share already. `version` is the digest of what was looked at, "" for whatever is staged.

    Raises UsageError where nothing is staged, or another version; else as `publish` does, but nobody has to
    approve it.
    """
    entries, state = await read_log(ledger)
    staged = staged_in(state, version)
    if share == staged.share:
        return None
    if not 0 < share <= WHOLE:
        raise UsageError(f"no share: {share:g}%; give more than 0 and at most 100")
    return await add(ledger, entries, state, risen(staged, share, at=clock(), by=by))


async def hold(ledger: Ledger, *, version: str = "", by: str, clock: Clock) -> Change | None:
    """Keep what is staged, as for `advance`, at its share: its ramp waits. None where it does already.

    Raises UsageError where nothing is staged, or nothing with a ramp; else as `publish` does.
    """
    entries, state = await read_log(ledger)
    staged = staged_in(state, version)
    if staged.is_held:
        return None
    return await add(ledger, entries, state, held(staged, at=clock(), by=by))


async def go_on(ledger: Ledger, *, version: str = "", by: str, clock: Clock) -> Change | None:
    """Let the ramp of what is staged, as for `advance`, go on that was held: its next step is due a whole
    step from now. None where it is not held.

    Raises UsageError where nothing is staged; else as `publish` does.
    """
    entries, state = await read_log(ledger)
    staged = staged_in(state, version)
    if not staged.is_held:
        return None
    event = replace(staged, at=clock(), by=by, is_held=False)
    return await add(ledger, entries, state, event)


async def halt(ledger: Ledger, *, version: str = "", by: str, reason: str, clock: Clock) -> Change:
    """End what is staged, as for `advance`: what is in service serves everything again. Raises UsageError
    where nothing is."""
    return await say(ledger, lambda state: Halted(staged_in(state, version).digest, clock(), by, reason))


async def plan(
    ledger: Ledger,
    source: Source,
    *,
    due: float,
    share: float = WHOLE,
    unit: Unit = "url",
    ramp: Sequence[Step] = (),
    by: str,
    note: str,
    clock: Clock,
    on: str | None = None,
) -> Change:
    """Publish, or stage, at the moment `due`, in seconds from 1970, if nothing else went into service by
    then.

    Raises UsageError where that cannot be, ApprovalNeededError where it has to be proposed first,
    ConflictError where another version than `on` is in service.
    """
    check_due(due, clock())
    if share < WHOLE:
        check_steps(share, ramp)
    await _keep(ledger, source, unit if share < WHOLE else "url")

    def decide(state: State) -> Planned:
        _check_on(state, on)
        _check_approved(state)
        if share < WHOLE:
            check_beside(state)
        return Planned(source.digest, clock(), by, note, due, state.serves, share, unit, tuple(ramp))

    return await say(ledger, decide)


async def unplan(ledger: Ledger, digest: str, *, by: str, reason: str, clock: Clock) -> Change:
    """Drop a plan, by the beginning of its version's digest. Raises UsageError where there is none."""
    return await say(
        ledger, lambda state: Unplanned(named(state.planned, digest, "planned").digest, clock(), by, reason)
    )


async def resume(
    ledger: Ledger, digest: str, *, on: str, due: float | None = None, by: str, clock: Clock
) -> Change:
    """Take up a plan that is suspended, by the beginning of its version's digest, in the place of the version
    `on`, which somebody has looked at: at once, or at the moment `due`. Where somebody else has to approve
    it, it is proposed.

    Raises ConflictError where another version than `on` is in service, UsageError where no such plan is
    suspended, or it cannot be done.
    """
    entries, state = await read_log(ledger)
    planned = named(state.planned, digest, "planned")
    if suspension(planned, state, clock()) is None:
        raise UsageError(f"the plan for {planned.digest[:8]} is not suspended: it is done when it is due")
    _check_on(state, on)
    if state.needs_approval and not by.strip():
        raise UsageError("say who proposes it: somebody else has to approve it")
    await ledger.source(planned.digest)

    def check(now: State) -> None:
        if now.needs_approval and not state.needs_approval:
            raise ApprovalNeededError("somebody else has to approve it by now: look at it again")
        if planned not in now.planned:
            raise UsageError(f"{planned.digest[:8]} was dropped, or planned anew, meanwhile: look at it")

    event = resumed(planned, state, due=due, at=clock(), by=by)
    return await add(ledger, entries, state, event, check=check)


async def propose(
    ledger: Ledger,
    source: Source,
    *,
    share: float = WHOLE,
    unit: Unit = "url",
    ramp: Sequence[Step] = (),
    due: float | None = None,
    by: str,
    note: str,
    clock: Clock,
    on: str | None = None,
) -> Change:
    """Ask for these files to be published, staged or planned. Raises UsageError where that cannot be,
    ConflictError where another version than `on` is in service."""
    if due is not None:
        check_due(due, clock())
    if share < WHOLE:
        check_steps(share, ramp)
    if not by.strip():
        raise UsageError("say who proposes it: somebody else has to approve it")
    await _keep(ledger, source, unit if share < WHOLE else "url")

    def decide(state: State) -> Proposed:
        _check_on(state, on)
        return Proposed(source.digest, clock(), by, note, state.serves, share, unit, tuple(ramp), due)

    return await say(ledger, decide)


async def approve(
    ledger: Ledger, digest: str, *, proposed_at: float | None = None, by: str, clock: Clock
) -> Change:
    """Do what was proposed, by the beginning of its version's digest: publish it, stage it or plan it.
    `proposed_at` is when what was looked at was proposed, None for whatever is.

    Raises ApprovalNeededError for who proposed it, or where nobody says who approves; ConflictError where
    another version went into service since it was proposed; UsageError where it cannot be done any more.
    """
    entries, state = await read_log(ledger)
    proposal = named(state.proposed, digest, "proposed")
    if proposed_at not in (None, proposal.at):
        raise UsageError(f"{proposal.digest[:8]} was proposed anew meanwhile: look at it")
    if not by.strip():
        raise ApprovalNeededError("say who approves it")
    if folded(by) == folded(proposal.by):
        raise ApprovalNeededError(f"{proposal.by} has proposed it: somebody else has to approve it")
    if proposal.replaced != state.serves and state.version is not None:
        raise ConflictError(state.version)
    await ledger.source(proposal.digest)

    def check(state: State) -> None:
        if proposal not in state.proposed:
            raise UsageError(f"{proposal.digest[:8]} was declined, or proposed anew, meanwhile: look at it")

    return await add(ledger, entries, state, approved(proposal, state, at=clock(), by=by), check=check)


async def decline(ledger: Ledger, digest: str, *, by: str, reason: str, clock: Clock) -> Change:
    """Turn down what was proposed. Raises UsageError where nothing was."""
    return await say(
        ledger, lambda state: Declined(named(state.proposed, digest, "proposed").digest, clock(), by, reason)
    )


async def require(ledger: Ledger, approval: bool, *, by: str, clock: Clock) -> Change:
    """Let what is published need somebody else's approval from now on, or not any more."""
    return await say(ledger, lambda _: Required(approval, clock(), by))


async def _publish(
    ledger: Ledger,
    entries: Sequence[Entry],
    state: State,
    event: Published,
    *,
    check: Callable[[State], None] | None = None,
) -> Change | None:
    if state.serves == event.digest:
        return None
    return await add(ledger, entries, state, replace(event, replaced=state.serves), check=check)


async def _keep(ledger: Ledger, source: Source, unit: Unit) -> None:
    """Keep files for a share of these units. Raises UsageError where the rules could tell no reader."""
    await ledger.keep(source)
    if unit == "reader" and not tells_readers(await asyncio.to_thread(load_site, source)):
        raise UsageError("these rules do not know readers apart: name what tells them, vary.id or vary.arms")


def _check_on(state: State, on: str | None) -> None:
    """Raises ConflictError where another version than the one that was looked at is in service."""
    if on is not None and state.version is not None and state.serves != on:
        raise ConflictError(state.version)


def _check_approved(state: State) -> None:
    if state.needs_approval:
        raise ApprovalNeededError("somebody else has to approve it: propose it")


def named_version(state: State, name: str) -> Published:
    """The version whose digest begins so. Raises UsageError where there is none, or more than one."""
    found = {each.digest: each for each in state.versions if each.digest.startswith(name.lower())}
    return found[only(set(found), name)]
