"""The connections of one client: whether one was used before, and that it ended in the middle of an answer.

aiohttp tells the reader of a body that its connection was lost, but not where it closed that itself, because
of a chunk that is none: such a reader would wait for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler


class Losses:
    """The connections of one client, as far as they were used."""

    def __init__(self) -> None:
        self._known: WeakSet[ResponseHandler] = WeakSet()

    def meet(self, protocol: ResponseHandler) -> bool:
        """Whether a connection was used before."""
        if protocol in self._known:
            return True
        self._known.add(protocol)
        if protocol.closed is not None:
            protocol.closed.add_done_callback(_retrieve)
        return False

    @contextmanager
    def told_to(self, response: aiohttp.ClientResponse) -> Iterator[None]:
        """Within it, whoever reads the body is told when the connection ends before the body does."""
        content = response.content

        def tell(_closed: object = None) -> None:
            if not content.is_eof() and content.exception() is None:
                content.set_exception(aiohttp.ClientPayloadError("the connection was closed"))

        protocol = None if response.connection is None else response.connection.protocol
        closed = None if protocol is None else protocol.closed
        if closed is None:
            tell()
            yield
            return
        closed.add_done_callback(tell)
        try:
            yield
        finally:
            closed.remove_done_callback(tell)


def _retrieve(closed: asyncio.Future[None]) -> None:
    """Look at why a connection ended, for asyncio complains of errors that nobody looks at."""
    if not closed.cancelled():
        closed.exception()
