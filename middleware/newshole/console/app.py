"""The console as an ASGI app: the screens, and in front of each the question who asks and may they."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from newshole.console.access.callers import Caller
from newshole.console.access.door import sign_in, signing_in, signing_out
from newshole.console.access.forms import Bounded, is_theirs
from newshole.console.access.origins import own_names
from newshole.console.desk import HERE, Desk
from newshole.console.files import Fresh
from newshole.console.headers import Sealed
from newshole.console.refusals import ask_again, refusals
from newshole.console.visit import Person, Visit, Way
from newshole.serving.lifespan import Lifespans

SIGNED_OUT: Final = "You are not signed in any more: sign in again in another tab, then go on here."


def console_app(desk: Desk) -> ASGIApp:
    """The console of a desk, which follows its sites as long as it runs."""
    prefix = desk.prefix
    routes = [
        Route("/", RedirectResponse(f"{prefix}/", 303)),
        Route(f"{prefix}/", _home(desk)),
        Mount(f"{prefix}/static", Fresh(directory=HERE / "static")),
        Route(f"{prefix}/health", _health),
        Route(f"{prefix}/sign-in", sign_in(desk), methods=["GET"]),
        Route(f"{prefix}/sign-in", signing_in(desk), methods=["POST"]),
        Route(f"{prefix}/sign-out", signing_out(desk), methods=["POST"]),
        *(
            Route(f"{prefix}/{{site}}/{way.path}", _guarded(desk, way), methods=[way.method])
            for screen in desk.screens
            for way in screen.ways
        ),
    ]
    app = Starlette(routes=routes, lifespan=lambda _: _following(desk), exception_handlers=refusals(desk))
    app.add_middleware(Bounded)
    return Sealed(app, own_names(desk.settings))


def _home(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        """The first screen, of the site that was chosen, or of the first that they have a role on."""
        caller = await desk.caller(request)
        if caller is None:
            return ask_again(desk, request)
        theirs = _sites_of(desk, caller)
        if not theirs:
            raise HTTPException(403, f"{caller.name} has no role on any site: ask who keeps the settings.")
        chosen = request.query_params.get("site", "")
        label = chosen if chosen in theirs else theirs[0]
        return RedirectResponse(f"{desk.prefix}/{label}/{desk.screens[0].name}", 303)

    return show


async def _health(_: Request) -> Response:
    return Response('{"status": "alive"}\n', media_type="application/json")


def _guarded(desk: Desk, way: Way) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        visit = await _visit(desk, request)
        if not visit.person.may(way.role):
            raise HTTPException(403, f"This needs the role of {way.role}; yours is {visit.person.role}.")
        if way.method != "GET" and not await is_theirs(request, visit.csrf, desk.settings.public):
            raise HTTPException(403, "This form was not sent from the console: open the screen again.")
        return await way.show(visit)

    return show


async def _visit(desk: Desk, request: Request) -> Visit:
    """Who asks, and what for. Raises HTTPException where that may not be told."""
    caller = await desk.caller(request)
    if caller is None:
        raise HTTPException(401, SIGNED_OUT)
    site = desk.sites.get(request.path_params["site"])
    role = None if site is None else caller.role_on(site.label)
    if site is None or role is None:
        raise HTTPException(404, "There is no such site here, or you have no role on it.")
    token = await desk.tokens.of(caller.name)
    return Visit(request, desk, site, Person(caller.name, role), token, _sites_of(desk, caller))


def _sites_of(desk: Desk, caller: Caller) -> tuple[str, ...]:
    return tuple(label for label in desk.sites if caller.role_on(label))


@contextlib.asynccontextmanager
async def _following(desk: Desk) -> AsyncIterator[None]:
    """Every site is followed: what is published, switched and learned."""
    async with Lifespans(site.newshole for site in desk.sites.values()):
        yield
        for site in desk.sites.values():
            await site.close()
