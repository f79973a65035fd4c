"""Signing in with a password, and what somebody may do on a site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qsl

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from newshole.console.desk import Desk
from newshole.serving.settings import EVERY_SITE, ROLES, Console, Role

COOKIE: Final = "newshole-session"

_HASHER: Final = PasswordHasher()


def role_on(settings: Console, name: str, label: str) -> Role | None:
    """The highest role that somebody has on a site, None for none."""
    given = [
        role
        for user in settings.users
        if user.name == name
        for site, role in user.roles
        if site in (label, EVERY_SITE)
    ]
    return max(given, key=ROLES.index, default=None)


def sign_in(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """The page that people sign in on."""

    async def show(request: Request) -> Response:
        back = request.query_params.get("back", "")
        if request.method == "GET":
            return HTMLResponse(desk.render("sign_in.html.j2", back=back, wrong=""))
        form = dict(parse_qsl((await request.body()).decode()))
        name = form.get("name", "")
        if not _is_right(desk.settings, name, form.get("password", "")):
            wrong = "This name and password do not go together."
            return HTMLResponse(desk.render("sign_in.html.j2", back=back, wrong=wrong), 403)
        identifier, _ = desk.sign_in(name)
        own = back if back.startswith(f"{desk.prefix}/") else f"{desk.prefix}/"
        response = RedirectResponse(own, 303)
        response.set_cookie(COOKIE, identifier, httponly=True, samesite="strict", path=desk.prefix)
        return response

    return show


def sign_out(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """The end of a session."""

    async def end(request: Request) -> Response:
        desk.sessions.pop(request.cookies.get(COOKIE, ""), None)
        response = RedirectResponse(f"{desk.prefix}/sign-in", 303)
        response.delete_cookie(COOKIE, path=desk.prefix)
        return response

    return end


def _is_right(settings: Console, name: str, password: str) -> bool:
    user = next((each for each in settings.users if each.name == name), None)
    if user is None:
        return False
    try:
        return _HASHER.verify(user.password, password)
    except (Argon2Error, InvalidHashError):
        return False
