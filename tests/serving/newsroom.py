"""A site that greets its visitors: `python -m uvicorn tests.serving.newsroom:app`.

Stories under /news/public/ are for every cache to keep and say nothing of who asks. Those under /news/own/
hold the visitor's name, and set a cookie with it; the site forgets to say that they are private.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.http.asgi import STORY


def public(_request: Request) -> Response:
    return HTMLResponse(STORY, headers={"cache-control": "public, max-age=60"})


def own(request: Request) -> Response:
    name = request.cookies.get("visitor", "nobody")
    page = STORY.replace(b"Bridge</h1>", f"Bridge, {name}</h1>".encode())
    answer = HTMLResponse(page)
    answer.set_cookie("seen", name)
    return answer


app = Starlette(routes=[Route("/news/public/{story}", public), Route("/news/own/{story}", own)])
