"""Preview: a page of the site as readers get it, at three widths, beside what was decided on it and why.

It records nothing: what is composed here is sent to nobody else, counts for nothing, and asks no ad server.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from starlette.responses import PlainTextResponse, Response

from newshole.console.desk import HERE
from newshole.console.headers import POLICY
from newshole.console.preview.choices import DEVICES, choices_of
from newshole.console.preview.fared import Fared, fared
from newshole.console.preview.framing import frame_policy, framed
from newshole.console.preview.recent import picks
from newshole.console.preview.views import Asked, View, rules_asked, view_of
from newshole.console.screens import overlay
from newshole.console.visit import Screen, Visit, get
from newshole.errors import NewsholeError
from newshole.explaining.caption import told_of
from newshole.explaining.untouched import left_untouched
from newshole.plan.naming import where
from newshole.plan.spots import spots_of
from newshole.site import Site


@dataclass(frozen=True, slots=True)
class Width:
    """A frame: CSS pixels, what is so wide, and the device of those who read on it."""

    pixels: int
    name: str
    device: str


WIDTHS: Final = (
    Width(390, "Phone", "mobile"),
    Width(768, "Tablet", "desktop"),
    Width(1366, "Desktop", "desktop"),
)


NO_PAGE: Final = "sandbox; default-src 'none'; frame-ancestors 'self'"
"""The policy of a frame without a page."""

MOST_DIGITS: Final = 6
"""Of the number of a gap."""


async def show(visit: Visit) -> Response:
    """The page that is asked for, or what there is to pick from."""
    asked = Asked.of(visit.request.query_params)
    wrong, rules, views = "", None, []
    try:
        rules = await rules_asked(visit.site, asked)
        if asked.url:
            views = [await view_of(visit.site, asked, device) for device in asked.devices]
    except NewsholeError as error:
        wrong = str(error)
    return await _page(visit, asked, rules, views, wrong)


async def _page(visit: Visit, asked: Asked, rules: Site | None, views: list[View], wrong: str) -> Response:
    at = _asked_place(visit)
    listed = fared(views)
    response = visit.page(
        "preview.html.j2",
        400 if wrong else 200,
        asked=asked,
        wrong=wrong,
        choices=await choices_of(visit.site, asked, rules),
        devices=DEVICES,
        picks=() if views else await picks(visit.site),
        views=views,
        fared=listed,
        untouched=_untouched(views),
        told=list(told_of(views[0].composition)) if views else [],
        widths=[replace(each, device=asked.device or each.device) for each in WIDTHS],
        width=visit.query.get("width", ""),
        at=at,
        lit=_lit(views, at, listed),
    )
    response.headers["content-security-policy"] = _policy(visit)
    return response


def _policy(visit: Visit) -> str:
    """The console's policy, by which a frame can be led nowhere but to another preview."""
    only = visit.request.url.netloc + visit.address("preview/frame")
    return POLICY.replace("frame-src 'self'", f"frame-src {only}")


@dataclass(frozen=True, slots=True)
class Lit:
    """A place to light up that is none of those in the list."""

    block: str
    gap: int
    words: str


def _asked_place(visit: Visit) -> tuple[str, int | None]:
    gap = visit.query.get("gap", "")
    is_number = gap.isascii() and gap.isdigit() and len(gap) < MOST_DIGITS
    return visit.query.get("block", ""), int(gap) if is_number else None


def _lit(views: list[View], at: tuple[str, int | None], listed: list[Fared]) -> Lit | None:
    block, gap = at
    is_listed = any((each.block, place.gap) == at for each in listed for place in each.places)
    outline = views[-1].composition.outline if views else None
    if gap is None or outline is None or is_listed:
        return None
    spots = spots_of(outline)
    return Lit(block, gap, f"{where(spots[gap], outline)} (gap {gap})") if gap < len(spots) else None


def _untouched(views: list[View]) -> list[str]:
    """Why newshole leaves the page as it is, where it does."""
    left = ((each.composition.untouched, each.page.url) for each in views)
    return list(dict.fromkeys(left_untouched(reason, url) for reason, url in left if reason))


async def frame(visit: Visit) -> Response:
    """The page itself, on one device, for a frame that can do nothing; in words why it cannot be shown."""
    asked = Asked.of(visit.request.query_params)
    try:
        view = await view_of(visit.site, asked, asked.device or "desktop")
    except NewsholeError as error:
        return PlainTextResponse(str(error), 400, headers={"content-security-policy": NO_PAGE})
    nonce = secrets.token_hex(16)
    script, style = _frame_files()
    url = visit.request.url
    headers = {
        "content-security-policy": frame_policy(view, nonce, f"{url.scheme}://{url.netloc}"),
        "content-type": view.page.content_type,
        "referrer-policy": "no-referrer",
    }
    return Response(framed(view, nonce, script=script, style=style), headers=headers)


@cache
def _frame_files() -> tuple[str, str]:
    script, style = (
        (HERE / "static" / name).read_text(encoding="ascii") for name in ("frame.js", "frame.css")
    )
    return script, style


SCREEN: Final = Screen(
    "preview",
    "Preview",
    "A page as readers get it, and what was decided on it.",
    (get("preview", show), get("preview/frame", frame), *overlay.WAYS),
)
