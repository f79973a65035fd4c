"""What the forms of Publish do: each is one event of the log, which is followed to every worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.responses import Response

from newshole.console.publishing.candidate import Candidate, read_candidate
from newshole.console.publishing.releasing import read_rollout
from newshole.console.visit import Show, Visit
from newshole.console.zone import zone_of
from newshole.errors import NewsholeError, UsageError
from newshole.live.appending import Change
from newshole.live.entries import State
from newshole.live.publishing import advance, approve, decline, go_on, halt, hold, require, roll_back, unplan
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
                visit.ledger,
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
        names = () if candidate.site is None else {each.site for each in candidate.site.rules}
        await site.aftermath.follow(site.ledger, change, before, names)
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
    return await do(visit, roll_back, form.get("version") or None, note=_reason(form))


async def give_share(visit: Visit) -> Response:
    """Give what is staged another share."""
    form = await visit.form()
    written = form.get("share", "")
    share = float(written) if written.replace(".", "", 1).isdecimal() else 0.0
    return await do(visit, advance, share, version=_looked_at(form))


async def hold_ramp(visit: Visit) -> Response:
    """Keep what is staged at its share."""
    return await do(visit, hold, version=_looked_at(await visit.form()))


async def let_go_on(visit: Visit) -> Response:
    """Let the ramp rise again that was held."""
    return await do(visit, go_on, version=_looked_at(await visit.form()))


async def stop(visit: Visit) -> Response:
    """End what is staged."""
    form = await visit.form()
    return await do(visit, halt, version=_looked_at(form), reason=_reason(form))


async def drop_plan(visit: Visit) -> Response:
    """Drop what is scheduled."""
    form = await visit.form()
    return await do(visit, unplan, form.get("version", ""), reason=_reason(form))


async def accept(visit: Visit) -> Response:
    """Approve what somebody else has proposed, as it was looked at."""
    form = await visit.form()
    try:
        proposed_at = float(form.get("proposed_at", ""))
    except ValueError as error:
        raise UsageError("The form does not say what was proposed: open the screen again.") from error
    return await do(visit, approve, form.get("version", ""), proposed_at=proposed_at)


async def turn_down(visit: Visit) -> Response:
    """Decline what was proposed."""
    form = await visit.form()
    return await do(visit, decline, form.get("version", ""), reason=_reason(form))


async def ask_approval(visit: Visit) -> Response:
    """Let what is published need a second pair of eyes, or not any more."""
    return await do(visit, require, (await visit.form()).get("approval") == "on")


async def do(
    visit: Visit, act: Callable[..., Awaitable[Change | None]], *what: object, **more: object
) -> Response:
    """Do one thing, and follow it to the workers; where nothing was to be done, show what there is. `act` is
    a function of `newshole.live.publishing`."""
    site = visit.site
    before = await site.ledger.workers()
    change = await act(visit.ledger, *what, by=visit.person.name, clock=site.clock, **more)
    if change is None:
        return visit.go("publish")
    await site.aftermath.follow(site.ledger, change, before)
    return visit.go("publish", done=str(change.number))


def _looked_at(form: dict[str, str]) -> str:
    """The staged version that a form is about. Raises UsageError where it does not say."""
    version = form.get("version", "")
    if not version:
        raise UsageError("The form does not say which version it is about: open the screen again.")
    return version


def _reason(form: dict[str, str]) -> str:
    reason = form.get("reason", "").strip()
    if not reason:
        raise UsageError("Say why: it stands in the audit, and whoever comes next reads it.")
    return reason
