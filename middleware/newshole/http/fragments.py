"""What a script gets that asks for a part of a page, at an address where only whole pages are composed."""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.types import Message, Scope, Send

from newshole.http.freshness import is_for_shared_caches
from newshole.http.headers import SCRIPTS, muted, with_vary


class FragmentResponder:
    """The `send` of one such request: nothing is held, and shared caches are told to keep the response apart
    from the page."""

    __slots__ = ("scope", "send")

    is_open = False

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope, self.send = scope, muted(send)

    def take(self, message: Message) -> Awaitable[None]:
        """Take one message of the app."""
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if is_for_shared_caches(headers):
                headers = with_vary(headers, SCRIPTS)
            message = {**message, "headers": headers}
        return self.send(message)

    async def finish(self) -> None:
        """Nothing is held that could be let go of."""

    async def break_off(self, _error: BaseException) -> None:
        """The app's own exception is its caller's to raise."""
