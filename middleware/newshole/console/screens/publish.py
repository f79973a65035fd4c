"""Publish: versions, what differs between them, and how one goes into service, in one step or in stages."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from newshole.console.drafting.comparing import file_diffs
from newshole.console.publishing.candidate import read_candidate
from newshole.console.publishing.changing import told
from newshole.console.publishing.releasing import PAUSES, SHARES
from newshole.console.publishing.watching import watch
from newshole.console.screens import releases, resuming
from newshole.console.visit import Screen, Visit, get, post
from newshole.console.zone import local, zone_of
from newshole.errors import UsageError
from newshole.live.entries import OfVersion, State
from newshole.live.source import SourceError
from newshole.live.staging.deciding import known_digest, suspension
from newshole.live.timeline import share_of

SHOWN: Final = 50
"""Versions that are listed at first."""


async def show(visit: Visit) -> Response:
    """The versions, what is under way, and the form to publish a draft."""
    return await publish_page(visit, visit.query)


async def publish_page(
    visit: Visit, filled: dict[str, str], *, status: int = 200, wrong: str = ""
) -> Response:
    """The screen with a form as it was `filled`, and what is `wrong` with it."""
    site, zone = visit.site, zone_of(visit.site)
    state = await site.state()
    name = filled.get("draft", "")
    done = visit.query.get("done", "")
    candidate = await read_candidate(site, state, name) if name else None
    workers = await site.ledger.workers()
    drafts = [] if name else await site.open_drafts()
    newest = state.versions[::-1]
    return visit.page(
        "publish.html.j2",
        status,
        state=state,
        versions=newest if "all" in visit.query else newest[:SHOWN],
        count=len(newest),
        workers=[each for each in workers if each.follows],
        candidate=candidate,
        drafts=drafts,
        watched=None if state.staged is None else watch(state.staged, workers),
        suspended={each.digest: suspension(each, state, site.clock()) for each in state.planned},
        outcome=await told(site, done) if done else None,
        filled=filled,
        wrong=wrong,
        shares=SHARES,
        pauses=PAUSES,
        zone=zone.key,
        at=lambda moment: local(moment, zone),
        share_of=share_of,
        may_publish=visit.person.may("publisher") and not state.needs_approval,
    )


async def show_version(visit: Visit) -> Response:
    """One version: who, when, why, and what differs from the one before it."""
    site, asked = visit.site, visit.query
    state = await site.state()
    digest = known_digest(state, asked.get("version", ""))
    told_of = _event_of(state, digest)
    against = asked.get("against", "") or _before(told_of)
    try:
        source = await site.ledger.source(digest)
        old = await site.ledger.source(known_digest(state, against)) if against else None
    except SourceError as error:
        raise UsageError(f"Version {digest[:8]} cannot be shown: {error}.") from error
    return visit.page(
        "publish_version.html.j2",
        state=state,
        version=told_of,
        against=against,
        diffs=await site.turns.take(file_diffs, {} if old is None else old.files, source.files),
        source=source,
        view=asked.get("view", ""),
        is_current=digest == state.serves,
    )


async def show_watch(visit: Visit) -> Response:
    """What a staged version does, for whoever watches it."""
    state = await visit.site.state()
    zone = zone_of(visit.site)
    watched = None if state.staged is None else watch(state.staged, await visit.site.ledger.workers())
    return visit.page(
        "publish_watch_part.html.j2",
        state=state,
        watched=watched,
        at=lambda moment: local(moment, zone),
        share_of=share_of,
    )


async def show_outcome(visit: Visit) -> Response:
    """What has come of a change so far, for whoever watches it."""
    outcome = await told(visit.site, visit.query.get("number", ""))
    if outcome is None:
        raise HTTPException(404, "There is no such change.")
    return visit.page("outcome_part.html.j2", outcome=outcome)


def _event_of(state: State, digest: str) -> OfVersion:
    """What is told of a version last."""
    staged = [each for each in (state.halted, state.staged) if each is not None]
    told_of: list[OfVersion] = [*state.versions, *staged, *state.planned, *state.proposed]
    return next(each for each in reversed(told_of) if each.digest == digest)


def _before(version: OfVersion) -> str:
    replaced = getattr(version, "replaced", "") or getattr(version, "on", "")
    return str(replaced)


SCREEN: Final = Screen(
    "publish",
    "Publish",
    "Put rules into service, in one step or in stages, and take them back.",
    (
        get("publish", show),
        get("publish/version", show_version),
        get("publish/watch", show_watch),
        get("outcome", show_outcome),
        post("publish/release", releases.release_draft(publish_page), "editor"),
        post("publish/roll-back", releases.take_back, "publisher"),
        post("publish/stage", releases.give_share, "publisher"),
        post("publish/hold", releases.hold_ramp, "publisher"),
        post("publish/go-on", releases.let_go_on, "publisher"),
        post("publish/halt", releases.stop, "publisher"),
        *resuming.WAYS,
        post("publish/unplan", releases.drop_plan, "publisher"),
        post("publish/approve", releases.accept, "publisher"),
        post("publish/decline", releases.turn_down, "publisher"),
        post("publish/approval", releases.ask_approval, "publisher"),
    ),
)
