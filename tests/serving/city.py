"""A small site of stories: `python -m uvicorn tests.serving.city:app`."""

from __future__ import annotations

from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.library.stories import story

TEXTS: Final = {
    "bridge": ("Council mends the old bridge", "Masons work on its arches until winter, said the council."),
    "ferry": (
        "Last ferry leaves the harbour",
        "Nobody needs the boat now, its captain told passengers.",
    ),
    "market": ("Market moves to the riverside", "Stalls with fish and bread open every Friday at dawn."),
    "tram": ("Trams run late on Saturdays", "Drivers agreed to a timetable with more evening journeys."),
}


async def respond(request: Request) -> Response:
    """A story, its address under the host that was asked for; 410 once it was withdrawn."""
    slug = request.path_params["story"]
    if slug not in TEXTS or slug in request.app.state.withdrawn:
        return Response(status_code=410)
    title, text = TEXTS[slug]
    host = request.headers["host"]
    head = '<meta property="article:section" content="City">'
    page = story(head, title=title, canonical=f"http://{host}/news/{slug}", text=text)
    return HTMLResponse(page.replace(b"More of it will follow", text[::-1].encode()))


async def withdraw(request: Request) -> Response:
    """Take a story off the site."""
    request.app.state.withdrawn.add(request.path_params["story"])
    return Response(status_code=204)


app = Starlette(
    routes=[
        Route("/news/{story}", respond),
        Route("/withdraw/{story}", withdraw, methods=["POST"]),
    ]
)
app.state.withdrawn = set()
