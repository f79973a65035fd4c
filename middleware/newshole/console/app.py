"""The console as an ASGI app: the screens, and in front of each the question who asks and may they."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from newshole.console.access import COOKIE, role_on, sign_in, sign_out
from newshole.console.desk import HERE, Desk
from newshole.console.headers import Sealed
from newshole.console.visit import Person, Visit, Way
from newshole.errors import NewsholeError
from newshole.serving.lifespan import Lifespans

CSRF: Final = "x-csrf-token"
"""The header, and with underscores the field of a form, that the token is in."""


def console_app(desk: Desk) -> Starlette:
    """The console of a desk, which follows its sites as long as it runs."""
    prefix = desk.prefix

    async def home(request: Request) -> Response:
        label = request.query_params.get("site") or next(iter(desk.sites))
        return RedirectResponse(f"{prefix}/{label}/{desk.screens[0].name}", 303)

    routes = [
        Route(f"{prefix}/", home),
        Mount(f"{prefix}/static", StaticFiles(directory=HERE / "static")),
        Route(f"{prefix}/sign-in", sign_in(desk), methods=["GET", "POST"]),
        Route(f"{prefix}/sign-out", sign_out(desk), methods=["POST"]),
        *(
            Route(f"{prefix}/{{site}}/{way.path}", _guarded(desk, way), methods=[way.method])
            for screen in desk.screens
            for way in screen.ways
        ),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lambda _: _following(desk),
        exception_handlers={HTTPException: _refused(desk), NewsholeError: _failed(desk)},
    )
    app.add_middleware(Sealed)
    return app


def _guarded(desk: Desk, way: Way) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        visit = _visit(desk, request)
        if not visit.person.may(way.role):
            raise HTTPException(403, f"This needs the role of {way.role}; yours is {visit.person.role}.")
        if way.method != "GET" and not await _is_theirs(visit):
            raise HTTPException(403, "This form was not sent from the console: open the screen again.")
        return await way.show(visit)

    return show


def _visit(desk: Desk, request: Request) -> Visit:
    """Who asks, and what for. Raises HTTPException where that may not be told."""
    session = desk.session(request.cookies.get(COOKIE, ""))
    if session is None:
        raise HTTPException(401, "Sign in first.")
    site = desk.sites.get(request.path_params["site"])
    role = None if site is None else role_on(desk.settings, session.name, site.label)
    if site is None or role is None:
        raise HTTPException(404, "There is no such site here, or you have no role on it.")
    return Visit(request, desk, site, Person(session.name, role), session.csrf)


async def _is_theirs(visit: Visit) -> bool:
    """Whether what is to be changed comes from a form of this session."""
    given = visit.request.headers.get(CSRF, "")
    if not given and visit.request.headers.get("content-type", "").startswith(
        "application/x-www-form-urlencoded"
    ):
        await visit.request.body()  # kept by Starlette, so that the screen reads it again
        given = (await visit.form()).get(CSRF.replace("-", "_"), "")
    return hmac.compare_digest(given.encode(), visit.csrf.encode())


def _refused(desk: Desk) -> Callable[[Request, Exception], Response]:
    def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        told = error.detail if isinstance(error, HTTPException) else ""
        if status == 401 and request.method == "GET" and "hx-request" not in request.headers:
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            response: Response = RedirectResponse(
                request.url.replace(path=f"{desk.prefix}/sign-in", query="").include_query_params(back=back),
                303,
            )
            return response
        return HTMLResponse(desk.render("refused.html.j2", status=status, told=told), status)

    return refuse


def _failed(desk: Desk) -> Callable[[Request, Exception], Response]:
    def fail(_: Request, error: Exception) -> Response:
        return HTMLResponse(desk.render("refused.html.j2", status=400, told=str(error)), 400)

    return fail


@contextlib.asynccontextmanager
async def _following(desk: Desk) -> AsyncIterator[None]:
    """Every site is followed: what is published, switched and learned."""
    async with Lifespans(site.newshole for site in desk.sites.values()):
        yield
        for site in desk.sites.values():
            await site.close()
