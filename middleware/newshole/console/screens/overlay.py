"""A link to a page of the live site with every block outlined and every gap told, for whoever has it."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from newshole.console.visit import Visit, Way, post
from newshole.http.overlay import overlay_link

LASTS: Final = 3600.0
"""Seconds that a link holds."""


async def make(visit: Visit) -> Response:
    """A link to the page that was named, which is in the audit with who asked for it."""
    url = visit.site.pages.address((await visit.form()).get("url", ""))
    until = visit.site.clock() + LASTS
    link = overlay_link(visit.site.ledger.secret, url, until)
    await visit.note("overlay", on=url)
    return visit.page("overlay.html.j2", url=url, link=link, until=until)


WAYS: Final[tuple[Way, ...]] = (post("preview/overlay", make, "viewer"),)
