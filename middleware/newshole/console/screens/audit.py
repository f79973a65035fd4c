"""Audit: who did what, when and why."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from newshole.console.screens import past
from newshole.console.visit import Screen, Visit, get


async def show(visit: Visit) -> Response:
    """What was done, the newest first."""
    acts = [each.act for each in await visit.site.audit.read() if each.act is not None]
    return visit.page("audit.html.j2", acts=acts[::-1])


SCREEN: Final = Screen("audit", "Audit", "Who did what, when and why.", (get("audit", show), *past.WAYS))
