"""One request and the way to its reader."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(slots=True)
class Exchange:
    """A request: `is_told` says whether its reader is an operator.

    `has_begun` is true once the site is asked, or anything is sent: from then on an exception is the site's
    or the server's own, and before it the site can still answer whatever fails here.
    """

    scope: Scope
    receive: Receive
    send: Send
    is_told: bool = False
    has_begun: bool = False

    def status(self, words: str) -> bytes | None:
        """What an operator is told (RFC 9211), None for a reader."""
        return f"newshole; {words}".encode() if self.is_told else None

    async def ask(self, app: ASGIApp, scope: Scope, send: Send) -> None:
        """Let the site answer a request."""
        self.has_begun = True
        await app(scope, self.receive, send)

    async def answer(self, *messages: Message) -> None:
        """Answer without the site."""
        self.has_begun = True
        for message in messages:
            await self.send(message)
