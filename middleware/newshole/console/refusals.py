"""What is answered where nothing else can be: a page for people, a line for scripts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, quote

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from newshole.console.access.origins import is_own_form
from newshole.console.desk import Desk
from newshole.console.numbers import is_number
from newshole.errors import NewsholeError
from newshole.live.staging.deciding import UnknownVersionError
from newshole.store import StoreError

FAULT: Final = "newshole itself failed; its log says how."
SILENT: Final = "What is published cannot be asked now: see that Redis, or the archive's disk, works."

_BARE: Final = "Not Found"
"""What Starlette itself says where no route fits."""

AGAIN: Final = (401, 503)
"""Refusals that pass: what was sent is shown with a button that sends it again."""

MOST_SENT: Final = 1024 * 1024
"""Bytes of a form at most that is shown so."""

Handler: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]


def refusals(desk: Desk) -> Mapping[Any, Handler]:
    """What answers each kind of error."""

    async def refuse(request: Request, error: Exception) -> Response:
        status, told = _told(error)
        if status == 401 and request.method == "GET" and not _is_script(request):
            return ask_again(desk, request)
        if _is_script(request):
            return PlainTextResponse(told or "There is nothing here.", status)
        sent = await _sent(request, desk.settings.public) if status in AGAIN else ()
        label = request.path_params.get("site", "") if status == 503 else ""
        site = label and f"{desk.prefix}/{quote(label)}"
        html = desk.render("refused.html.j2", status=status, told=told, site=site, sent=sent)
        return HTMLResponse(html, status)

    return dict.fromkeys((HTTPException, NewsholeError, Exception), refuse)


def ask_again(desk: Desk, request: Request) -> Response:
    """Send somebody who is not known to where one signs in, and from there back here.

    A browser sends no strict cookie where a link elsewhere was followed. So it is asked to come again by
    itself, with its cookie if it has one.
    """
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.headers.get("sec-fetch-site") == "cross-site":
        return HTMLResponse(desk.render("again.html.j2", here=here))
    return RedirectResponse(str(URL(f"{desk.prefix}/sign-in").include_query_params(back=here)), 303)


def _told(error: Exception) -> tuple[int, str]:
    match error:
        case HTTPException():
            return error.status_code, "" if error.detail == _BARE else error.detail
        case StoreError():
            return 503, SILENT
        case UnknownVersionError():
            return 400, f"{error}: Publish lists them all."
        case NewsholeError():
            return 400, str(error)
        case _:
            return 500, FAULT


async def _sent(request: Request, public: str | None) -> list[tuple[str, str]]:
    """The fields of a form that was sent from a screen, with the token that came in it; none where it cannot
    be read, or is too long to go to and fro. What one signs in with is never shown."""
    length = request.headers.get("content-length", "")
    is_of_screen = "site" in request.path_params and is_own_form(request.headers, public)
    if request.method != "POST" or not is_of_screen or not is_number(length) or int(length) > MOST_SENT:
        return []
    try:
        return parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=10_000)
    except (ClientDisconnect, RuntimeError, ValueError):
        return []


def _is_script(request: Request) -> bool:
    """Whether htmx asks, which shows what it gets inside a page."""
    return "hx-request" in request.headers
