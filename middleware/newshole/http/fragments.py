"""What a script gets that asks for a part of a page, at an address where only whole pages are composed."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable

from starlette.types import Message, Scope, Send

from newshole.http import guard
from newshole.http.freshness import is_for_shared_caches
from newshole.http.headers import SCRIPTS, HeaderList, with_vary
from newshole.rules.telling import NOTHING_TOLD


class FragmentResponder:
    """The `send` of one such request: nothing is held, and shared caches are told to keep a response apart
    from the page, where it might be taken for that. `send` is a muted one; `limit` is the largest page, in
    bytes."""

    __slots__ = ("limit", "scope", "send")

    is_open = False

    def __init__(self, scope: Scope, send: Send, limit: int) -> None:
        self.scope, self.send, self.limit = scope, send, limit

    def take(self, message: Message) -> Awaitable[None]:
        """Take one message of the app."""
        if message["type"] == "http.response.start":
            message = {**message, "headers": list(message.get("headers", ()))}
            with contextlib.suppress(Exception):  # what we cannot read is the server's to judge
                message["headers"] = self.told_apart(message)
        return self.send(message)

    def told_apart(self, start: Message) -> HeaderList:
        """The headers of a response, with `Vary` where a document in its place would be composed.

        The `Vary` of what is not modified has it too, for it takes the place of the one that a cache keeps.
        """
        head, _ = guard.read_start({**start}, self.limit, NOTHING_TOLD, whole=True)
        headers: HeaderList = start["headers"]
        varies_anew = start["status"] == 304 and any(name.lower() == b"vary" for name, _ in headers)
        is_apart = (head.refusal is None or varies_anew) and is_for_shared_caches(headers)
        return with_vary(headers, SCRIPTS) if is_apart else headers

    async def finish(self) -> None:
        """Nothing is held that could be let go of."""

    async def break_off(self, _error: BaseException) -> None:
        """The app's own exception is its caller's to raise."""
