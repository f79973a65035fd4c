"""The connections of one client: whether one was used before, and that it ended in the middle of an answer.

aiohttp tells the reader of a body that its connection was lost, but not where it closed that itself, because
of a chunk that is none: such a reader would wait for ever.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.client_proto import ResponseHandler


class Link:
    """One connection: `content` is the body that is read from it, or was last."""

    __slots__ = ("content", "is_lost")

    def __init__(self) -> None:
        self.content: aiohttp.StreamReader | None = None
        self.is_lost = False

    def lose(self, closed: asyncio.Future[None]) -> None:
        """The connection has ended."""
        self.is_lost = True
        if not closed.cancelled():
            closed.exception()  # asyncio complains of errors that nobody looks at
        if self.content is not None:
            _end(self.content)


class Losses:
    """The connections of one client, as far as they were used."""

    def __init__(self) -> None:
        self._links: WeakKeyDictionary[ResponseHandler, Link] = WeakKeyDictionary()

    def meet(self, protocol: ResponseHandler) -> bool:
        """Whether a connection was used before."""
        if protocol in self._links:
            return True
        self._links[protocol] = link = Link()
        if protocol.closed is not None:
            protocol.closed.add_done_callback(link.lose)
        return False

    def follow(self, response: aiohttp.ClientResponse) -> None:
        """Tell whoever reads an answer's body when its connection ends before the body does."""
        protocol = None if response.connection is None else response.connection.protocol
        link = None if protocol is None else self._links.get(protocol)
        if link is None or link.is_lost:
            _end(response.content)
        else:
            link.content = response.content


def _end(content: aiohttp.StreamReader) -> None:
    """Tell the reader of a body that no more of it comes, if there should."""
    if not content.is_eof() and content.exception() is None:
        content.set_exception(aiohttp.ClientPayloadError("the connection was closed"))
