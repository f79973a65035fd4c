"""Connections to an upstream, used again only where nothing came on them unasked.

What a server sends behind an answer, or between two, would be taken for the answer to the next request, which
may be another reader's (RFC 9112, section 6.3). aiohttp closes a connection on which it comes in time to be
seen with the answer; here it is looked for once more before the next request. A server that has closed the
connection meanwhile is found out in the same way, before a request is lost on it.
"""

from __future__ import annotations

import select
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

_used: WeakSet[ResponseHandler] = WeakSet()


class _Kept(aiohttp.BaseConnector):
    """A pool of connections from which only quiet ones are taken."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the signature is aiohttp's
    ) -> Connection:
        """A connection for a request: a new one, or a quiet one."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is None or (protocol in _used and _is_quiet(protocol)):
                return connection
            if protocol not in _used:
                _used.add(protocol)
                return connection
            connection.close()


class TcpConnector(_Kept, aiohttp.TCPConnector):
    """Connections over TCP, with TLS or without."""


class UnixConnector(_Kept, aiohttp.UnixConnector):
    """Connections through a unix socket."""


def _is_quiet(protocol: ResponseHandler) -> bool:
    """Whether nothing was read on a connection that is not in use, and nothing is there to be read."""
    if protocol.should_close or protocol.transport is None:
        return False
    opened = protocol.transport.get_extra_info("socket")
    if opened is None or not hasattr(select, "poll"):
        return True
    polled = select.poll()
    polled.register(opened.fileno(), select.POLLIN)
    return not polled.poll(0)
