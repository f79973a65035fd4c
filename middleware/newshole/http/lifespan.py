"""The lifespan of an app, with what newshole does beside it from startup to shutdown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.types import Message, Receive, Scope, Send

from newshole.errors import NewsholeError

if TYPE_CHECKING:
    from newshole.http.middleware import Newshole


async def follow_lifespan(newshole: Newshole, scope: Scope, receive: Receive, send: Send) -> None:
    """The lifespan of the app behind a middleware, whose background work begins and ends with it; a server's
    start fails where the rules have failed."""
    try:
        newshole.gate  # noqa: B018 - raises what the rules failed with
    except NewsholeError as error:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        return

    async def send_after(message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            await _begin(newshole)
        await send(message)

    try:
        await newshole.app(scope, closing(receive, newshole.close), send_after)
    finally:
        await newshole.close()


def closing(receive: Receive, close: Callable[[], Awaitable[None]]) -> Receive:
    """What an app receives of its lifespan, with `close` done before it hears of the shutdown."""

    async def receive_first() -> Message:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await close()
        return message

    return receive_first


async def _begin(newshole: Newshole) -> None:
    newshole.attend(newshole.site)
    if newshole.events is not None:
        newshole.events.attend()
    if newshole.desk is not None:
        await newshole.desk.begin()
