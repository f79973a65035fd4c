"""Signing in with a password or a link, and signing out."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from newshole.console.access.callers import LONGEST
from newshole.console.access.forms import is_theirs
from newshole.console.access.origins import is_own_form, is_own_path
from newshole.console.desk import Desk
from newshole.experiments.events.rates import sender_of

MOST_FORM: Final = 16 * 1024
"""Bytes of a name and a password at most."""

WRONG: Final = "This name and password do not go together."
USED: Final = "This link has been used, or is not for this console: start the demo again for a new one."
FOREIGN: Final = "This form was not sent from the console: open it again."

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody writes who wants to come in."""

    name: str
    password: str


def sign_in(desk: Desk) -> Answer:
    """The page that people sign in on."""

    async def show(request: Request) -> Response:
        if "key" in request.query_params:
            return await _by_key(desk, request)
        if await desk.caller(request) is not None:
            return RedirectResponse(_back(desk, request), 303)
        return _form(desk, request)

    return show


def signing_in(desk: Desk) -> Answer:
    """What becomes of a name and a password."""

    async def take(request: Request) -> Response:
        if not is_own_form(request.headers, desk.settings.public):
            return _form(desk, request, FOREIGN, 403)
        given = await _credentials(request)
        wait = _limit(desk, request, given.name)
        if wait:
            return _refuse(desk, request, wait)
        if not await desk.passwords.is_right(given.name, given.password):
            await _note_failure(desk, request, given.name)
            return _form(desk, request, WRONG, 403, name=given.name)
        desk.limits.forgive(given.name, _sender(desk, request))
        return await _welcome(desk, request, given.name, "password")

    return take


def signing_out(desk: Desk) -> Answer:
    """The end of a session."""

    async def end(request: Request) -> Response:
        caller = await desk.caller(request)
        if caller is not None and not await is_theirs(
            request, await desk.tokens.of(caller.name), desk.settings.public
        ):
            raise HTTPException(403, FOREIGN)
        if caller is not None:
            await desk.sessions.end(request.cookies.get(desk.cookie, ""))
            await desk.note(request, caller, "sign-out")
        response = RedirectResponse(f"{desk.prefix}/sign-in", 303)
        response.delete_cookie(desk.cookie, path=desk.cookie_path, secure=desk.settings.is_secure)
        return response

    return end


async def _by_key(desk: Desk, request: Request) -> Response:
    address = request.client.host if request.client else ""
    name = desk.key.take(request.query_params["key"], address) if desk.key else None
    if name is None:
        return _form(desk, request, USED, 403)
    return await _welcome(desk, request, name, "link")


async def _credentials(request: Request) -> Credentials:
    """The name and the password that were written. Raises HTTPException where there are none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM:
            raise HTTPException(413, "The form is too large.")
    try:
        form = dict(parse_qsl(body.decode(), max_num_fields=10))
    except ValueError as error:
        raise HTTPException(400, "The form cannot be read.") from error
    return Credentials(form.get("name", "").strip()[:LONGEST], form.get("password", ""))


def _limit(desk: Desk, request: Request, name: str) -> int:
    """Count a try; 0 where it may be made, else after how many seconds the next one may."""
    if desk.passwords.is_busy:
        return 1
    return desk.limits.take(name, _sender(desk, request))


def _refuse(desk: Desk, request: Request, wait: int) -> Response:
    minutes = math.ceil(wait / 60)
    again = "in a moment" if wait < 60 else "in a minute" if minutes == 1 else f"in {minutes} minutes"
    response = _form(desk, request, f"Too many have tried to sign in: try again {again}.", 429)
    response.headers["retry-after"] = str(wait)
    return response


async def _welcome(desk: Desk, request: Request, name: str, how: str) -> Response:
    """Give somebody a session, and send them where they were going."""
    await desk.sessions.end(request.cookies.get(desk.cookie, ""))
    identifier = await desk.sessions.begin(name)
    await desk.note(request, desk.callers.of_settings(name), "sign-in", how)
    response = RedirectResponse(_back(desk, request), 303)
    response.set_cookie(
        desk.cookie,
        identifier,
        path=desk.cookie_path,
        httponly=True,
        secure=desk.settings.is_secure,
        samesite="strict",
    )
    return response


def _back(desk: Desk, request: Request) -> str:
    back = request.query_params.get("back", "")
    return back if is_own_path(back, desk.prefix) else f"{desk.prefix}/"


def _form(desk: Desk, request: Request, wrong: str = "", status: int = 200, *, name: str = "") -> Response:
    """The form; with the name in it that somebody wrote whose password was wrong."""
    back = _back(desk, request)
    return HTMLResponse(desk.render("sign_in.html.j2", back=back, wrong=wrong, name=name), status)


def _sender(desk: Desk, request: Request) -> str:
    return sender_of(desk.callers.peer(request))


async def _note_failure(desk: Desk, request: Request, name: str) -> None:
    """Put it into the audit that somebody failed to sign in, not so often that it fills it."""
    if desk.limits.is_to_tell(name):
        await desk.note(request, desk.callers.of_settings(name), "sign-in failed")
