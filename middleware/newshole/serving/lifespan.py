"""Running the lifespans of apps from outside, as a server does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Scope

from newshole.errors import NewsholeError

_SCOPE: Scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}


class StartError(NewsholeError):
    """An app whose startup failed."""


class Lifespan:
    """The lifespan of one app."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self.app, self.scope = app, scope
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.asked: asyncio.Queue[Message] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> str | None:
        """Why the app did not start; None where it did."""
        self.task = asyncio.create_task(self._run())
        answer = await self._ask("lifespan.startup")
        if answer["type"] == "lifespan.startup.complete":
            return None
        return str(answer.get("message", "")) or "a site did not start"

    async def end(self) -> None:
        """Shut the app down."""
        if self.task is not None and not self.task.done():
            await self._ask("lifespan.shutdown")
            await self.task

    async def _ask(self, event: str) -> Message:
        await self.asked.put({"type": event})
        return await self.said.get()

    async def _run(self) -> None:
        try:
            await self.app(self.scope, self.asked.get, self.said.put)
        except Exception as error:  # noqa: BLE001 - whatever it is, the start or the end fails with it
            await self.said.put({"type": "lifespan.startup.failed", "message": repr(error)})
        else:
            await self.said.put({"type": "lifespan.ended"})


class Lifespans:
    """Those of several apps, from one `async with` to its end. Raises StartError where one does not start."""

    def __init__(self, apps: Iterable[ASGIApp]) -> None:
        self.lives = [Lifespan(app, dict(_SCOPE)) for app in apps]

    async def __aenter__(self) -> None:
        failures = [each for each in await asyncio.gather(*(life.start() for life in self.lives)) if each]
        if failures:
            await self.__aexit__()
            raise StartError("\n".join(failures))

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(life.end() for life in self.lives))
