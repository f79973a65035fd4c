"""A paper made of real pages: the news corpus, each at an address of its own, with a front page that leads to
all of them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

SECTIONS = ("world", "city", "business", "sport", "culture")


def corpus_paper(shared: Path, count: int) -> Starlette:
    """The first `count` pages of the corpus as a site."""
    files = islice(sorted((shared / "corpus" / "news").glob("*.html")), count)
    pages = {f"/{SECTIONS[n % 5]}/2026/{file.stem}": file.read_bytes() for n, file in enumerate(files)}
    front = "".join(f'<a href="{path}">{path}</a>' for path in pages)

    async def answer(request: Request) -> Response:
        path = request.url.path
        if path == "/":
            return HTMLResponse(front)
        return HTMLResponse(pages[path]) if path in pages else Response(status_code=404)

    return Starlette(routes=[Route("/{path:path}", answer)])
