"""What the forms of Publish do: each is one event of the log, which is followed to every worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.responses import Response

from newshole.console.publishing.candidate import Candidate, read_candidate
from newshole.console.publishing.releasing import read_rollout
from newshole.console.visit import Show, Visit
from newshole.console.zone import zone_of
from newshole.errors import NewsholeError, UsageError
from newshole.live.appending import Change
from newshole.live.entries import Published, State
from newshole.live.ledger import Beat
from newshole.live.publishing import advance, approve, decline, halt, require, roll_back, unplan
from newshole.live.staging.rollout import Rollout, begin


class Shows(Protocol):
    """Shows the screen with a form as it was filled, and what is wrong with it."""

    async def __call__(
        self, visit: Visit, filled: dict[str, str], *, status: int = 200, wrong: str = ""
    ) -> Response: ...


def release_draft(show: Shows) -> Show:
    """Publish, stage, plan or propose a draft; `show` is for what is wrong."""

    async def do(visit: Visit) -> Response:
        form = await visit.form()
        site = visit.site
        try:
            wanted = read_rollout(form, zone_of(site))
            state = await site.state()
            candidate = await read_candidate(site, state, form.get("draft", ""))
            _check(visit, form, wanted, state, candidate)
            before = await site.ledger.workers()
            change = await begin(
                site.ledger,
                candidate.source,
                wanted,
                on=state.serves,
                by=visit.person.name,
                clock=site.clock,
            )
        except UsageError as error:
            return await show(visit, form, status=400, wrong=str(error))
        except NewsholeError as error:
            return await show(visit, form, status=409, wrong=f"{error}.")
        if change is None:
            return await show(visit, form, status=409, wrong="These very rules are in service already.")
        await _after(visit, change, before, _names(candidate))
        if isinstance(change.event, Published):
            await site.drafts.drop(candidate.draft.id, visit.person.name, seen=candidate.draft.revision)
        return visit.go("publish", done=str(change.number))

    return do


def _check(visit: Visit, form: dict[str, str], wanted: Rollout, state: State, candidate: Candidate) -> None:
    """See to it that this person may do it, with the draft that they looked at. Raises UsageError."""
    if not wanted.is_proposed and not visit.person.may("publisher"):
        raise HTTPException(403, "Editors propose; a publisher approves or publishes.")
    if not candidate.is_right:
        raise UsageError("The draft has mistakes: mend them first.")
    if form.get("revision") != str(candidate.draft.revision):
        raise UsageError("Somebody saved this draft meanwhile: look at what it changes now, then publish.")
    if form.get("on", "") != state.serves:
        raise UsageError("Another version went into service meanwhile: look at what differs now.")
    if candidate.is_behind and "behind" not in form:
        raise UsageError("What is in service now would be lost: merge it into the draft, or say otherwise.")
    if candidate.broken and "break" not in form:
        raise UsageError("It breaks an experiment that runs: mend it, or say that it may.")


async def take_back(visit: Visit) -> Response:
    """Put a version into service again that was there before."""
    form = await visit.form()
    version, reason = form.get("version") or None, _reason(form)
    return await _do(
        visit,
        lambda: roll_back(
            visit.site.ledger, version, by=visit.person.name, note=reason, clock=visit.site.clock
        ),
    )


async def go_on(visit: Visit) -> Response:
    """Give what is staged another share."""
    form = await visit.form()
    written = form.get("share", "")
    share = float(written) if written.replace(".", "", 1).isdecimal() else 0.0
    return await _do(
        visit, lambda: advance(visit.site.ledger, share, by=visit.person.name, clock=visit.site.clock)
    )


async def stop(visit: Visit) -> Response:
    """End what is staged."""
    reason = _reason(await visit.form())
    return await _do(
        visit,
        lambda: halt(visit.site.ledger, by=visit.person.name, reason=reason, clock=visit.site.clock),
    )


async def drop_plan(visit: Visit) -> Response:
    """Drop what is scheduled."""
    form = await visit.form()
    version, reason = form.get("version", ""), _reason(form)
    return await _do(
        visit,
        lambda: unplan(
            visit.site.ledger, version, by=visit.person.name, reason=reason, clock=visit.site.clock
        ),
    )


async def accept(visit: Visit) -> Response:
    """Approve what somebody else has proposed."""
    version = (await visit.form()).get("version", "")
    return await _do(
        visit, lambda: approve(visit.site.ledger, version, by=visit.person.name, clock=visit.site.clock)
    )


async def turn_down(visit: Visit) -> Response:
    """Decline what was proposed."""
    form = await visit.form()
    version, reason = form.get("version", ""), _reason(form)
    return await _do(
        visit,
        lambda: decline(
            visit.site.ledger, version, by=visit.person.name, reason=reason, clock=visit.site.clock
        ),
    )


async def ask_approval(visit: Visit) -> Response:
    """Let what is published need a second pair of eyes, or not any more."""
    is_asked = (await visit.form()).get("approval") == "on"
    return await _do(
        visit,
        lambda: require(visit.site.ledger, is_asked, by=visit.person.name, clock=visit.site.clock),
    )


async def _do(visit: Visit, act: Callable[[], Awaitable[Change | None]]) -> Response:
    """Do one thing, and follow it to the workers; where nothing was to be done, show what there is."""
    before = await visit.site.ledger.workers()
    change = await act()
    if change is None:
        return visit.go("publish")
    await _after(visit, change, before)
    return visit.go("publish", done=str(change.number))


async def _after(visit: Visit, change: Change, before: list[Beat], sites: Iterable[str] = ()) -> None:
    await visit.site.aftermath.follow(visit.site.ledger, change, before, sites)


def _names(candidate: Candidate) -> set[str]:
    return set() if candidate.site is None else {each.site for each in candidate.site.rules}


def _reason(form: dict[str, str]) -> str:
    reason = form.get("reason", "").strip()
    if not reason:
        raise UsageError("Say why: it stands in the audit, and whoever comes next reads it.")
    return reason
