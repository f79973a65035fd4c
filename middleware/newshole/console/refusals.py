"""What is answered where nothing else can be: a page for people, a line for scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from newshole.console.desk import Desk
from newshole.errors import NewsholeError
from newshole.store import StoreError

FAULT: Final = "newshole itself failed; its log says how."
SILENT: Final = "What is published cannot be asked now: see that Redis, or the archive's disk, works."

_BARE: Final = "Not Found"
"""What Starlette itself says where no route fits."""

Handler: TypeAlias = Callable[[Request, Exception], Response]


def refusals(desk: Desk) -> Mapping[Any, Handler]:
    """What answers each kind of error."""

    def refuse(request: Request, error: Exception) -> Response:
        status, told = _told(error)
        if status == 401 and request.method == "GET" and not _is_script(request):
            return ask_again(desk, request)
        return _refusal(desk, request, status, told)

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
        case NewsholeError():
            return 400, str(error)
        case _:
            return 500, FAULT


def _refusal(desk: Desk, request: Request, status: int, told: str) -> Response:
    if _is_script(request):
        return PlainTextResponse(told or "There is nothing here.", status)
    label = request.path_params.get("site", "") if status == 503 else ""
    site = label and f"{desk.prefix}/{quote(label)}"
    return HTMLResponse(desk.render("refused.html.j2", status=status, told=told, site=site), status)


def _is_script(request: Request) -> bool:
    """Whether htmx asks, which shows what it gets inside a page."""
    return "hx-request" in request.headers
