"""A plan that is suspended: why, what it would change of what is in service by now, and how it goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from starlette.responses import Response

from newshole.console.drafting.comparing import file_diffs
from newshole.console.screens.releases import do
from newshole.console.visit import Visit, Way, get, post
from newshole.console.zone import local, moment_in, zone_of
from newshole.errors import UsageError
from newshole.live.publishing import resume
from newshole.live.source import SourceError
from newshole.live.staging.deciding import named, suspension
from newshole.live.timeline import share_of


async def show(visit: Visit) -> Response:
    """The plan beside what is in service."""
    site, zone = visit.site, zone_of(visit.site)
    state, now = await site.state(), site.clock()
    planned = named(state.planned, visit.query.get("version", ""), "planned")
    try:
        source = await site.ledger.source(planned.digest)
        before = (await site.ledger.source(state.serves)).files if state.serves else {}
    except SourceError as error:
        raise UsageError(f"What it changes cannot be shown: {error}.") from error
    is_to_come = planned.due > now
    return visit.page(
        "publish_resume.html.j2",
        state=state,
        planned=planned,
        reason=suspension(planned, state, now),
        diffs=await site.turns.take(file_diffs, before, source.files),
        share=share_of(planned),
        due=local(planned.due, zone),
        moment=f"{datetime.fromtimestamp(planned.due, zone):%Y-%m-%dT%H:%M}" if is_to_come else "",
        zone=zone.key,
        view=visit.query.get("view", ""),
    )


async def take_up(visit: Visit) -> Response:
    """Do what was planned, in the place of the version that it was looked at beside."""
    form = await visit.form()
    written = form.get("due", "").strip()
    due = moment_in(written, zone_of(visit.site)) if written else None
    return await do(visit, resume, form.get("version", ""), on=form.get("on", ""), due=due)


WAYS: Final[tuple[Way, ...]] = (
    get("publish/resume", show),
    post("publish/resume", take_up, "publisher"),
)
