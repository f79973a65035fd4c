"""A server in the place of a cache's API, which keeps what it is asked and answers as it is told."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Api:
    """What came, and where to."""

    asked: list[Asked] = field(default_factory=list)
    url: str = ""


@contextlib.asynccontextmanager
async def api(*answers: tuple[int, object, dict[str, str]]) -> AsyncIterator[Api]:
    """A server on a free port that answers with these, the last one for good: status, JSON, headers."""
    asked = Api()
    left = list(answers) or [(200, {"status": "ok"}, {})]

    async def take(request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked.asked.append(Asked(request.method, request.raw_path, headers, body))
        status, told, more = left.pop(0) if len(left) > 1 else left[0]
        return web.json_response(told, status=status, headers=more)

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        asked.url = f"http://{host}:{port}"
        yield asked
    finally:
        await runner.cleanup()
