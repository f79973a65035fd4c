"""A link to the live page with the overlay: for whom it is made, for how long, goes into the audit."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from newshole.console.visit import Visit, Way, get, post
from newshole.errors import UsageError
from newshole.http.links.overlay import overlay_link

LENGTHS: Final = {"900": "15 minutes", "3600": "an hour", "28800": "8 hours", "86400": "a day"}
"""How long a link may hold, in seconds, and in words."""

USUAL: Final = "3600"


async def show(visit: Visit) -> Response:
    """The form, for the page that the address names."""
    return _page(visit, visit.query.get("url", "").strip())


async def make(visit: Visit) -> Response:
    """A link, which is written down before it is shown. Raises StoreError."""
    form = await visit.form()
    written, length = form.get("url", "").strip(), form.get("for", USUAL)
    try:
        if length not in LENGTHS:
            raise UsageError(f'"{length}" is no length of time: choose one of the list')
        url, until = visit.site.pages.address(written), visit.site.clock() + int(length)
        link = overlay_link(visit.site.ledger.secret, url, until)
    except UsageError as error:
        return _page(visit, written, wrong=str(error), length=length)
    await visit.note("overlay", on=url, why=f"a link for {LENGTHS[length]}")
    return _page(visit, url, link=link, until=until, length=length)


def _page(
    visit: Visit, url: str, *, link: str = "", until: float = 0, wrong: str = "", length: str = USUAL
) -> Response:
    return visit.page(
        "overlay.html.j2",
        400 if wrong else 200,
        url=url,
        link=link,
        until=until,
        wrong=wrong,
        length=length,
        lengths=LENGTHS,
    )


WAYS: Final[tuple[Way, ...]] = (get("overlay", show), post("overlay", make, role="viewer"))
"""It is reached from Preview and Why, and part of the latter."""
