"""A client that asks an ASGI app without a server."""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import ASGIApp

HOST = "http://courier.example"


class Visitor:
    """Asks `app` as a browser at `HOST` would; each page is fetched once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._seen: dict[str, httpx.Response] = {}

    def get(self, path: str) -> httpx.Response:
        if path not in self._seen:
            self._seen[path] = self.ask("GET", path)
        return self._seen[path]

    def ask(self, method: str, path: str, *, form: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._ask(method, path, form))

    async def _ask(self, method: str, path: str, form: dict[str, str] | None) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=HOST) as client:
            return await client.request(method, path, data=form)
