"""One request and its answer, passed on part by part."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

import aiohttp
from starlette.types import Receive, Send

from newshole.http.headers import HeaderList
from newshole.http.proxy.client import Client
from newshole.http.proxy.faults import CLIENT_IDLE, CLIENT_LEFT, CUT_OFF, RefusedError, TruncatedError
from newshole.http.proxy.requests import Outgoing
from newshole.http.proxy.responses import read_response
from newshole.http.proxy.settings import Limits
from newshole.http.proxy.stopping import Ending, Giving
from newshole.http.proxy.upload import Upload

MOMENT: Final = 0.05
"""Seconds after which it is looked whether the client of a request without a body leaves."""

SMALL: Final = 256 * 1024
"""Bytes of an answer after which it is too."""

_EVENTS: Final = "text/event-stream"


class Exchange:
    """One request to `client`'s upstream, answered through `send`.

    `has_begun` says whether its answer has, and `has_ended` whether the last of it was sent.
    """

    __slots__ = (
        "client", "counts", "giving", "has_begun", "has_ended", "limits", "outgoing", "send", "upload",
    )  # fmt: skip

    giving: Giving
    upload: Upload

    def __init__(
        self, client: Client, outgoing: Outgoing, send: Send, *, limits: Limits, counts: Counter[str]
    ) -> None:
        self.client, self.outgoing, self.send = client, outgoing, send
        self.limits, self.counts = limits, counts
        self.has_begun = self.has_ended = False

    async def run(self, receive: Receive) -> None:
        """Pass everything on. A client that leaves ends it in silence.

        Raises RefusedError where there is no answer to pass on, TruncatedError for one that ends too early.
        """
        timeout = asyncio.timeout(None)
        ending = Ending(timeout)
        self.upload = Upload(receive, ending, length=self.outgoing.length, limits=self.limits)
        self.giving = Giving(self.send, ending, patience=self.limits.client)
        timer = asyncio.get_running_loop().call_later(MOMENT, self._attend)
        try:
            async with timeout:
                await self._relay()
        except (RefusedError, TruncatedError, TimeoutError):
            # What the exchange was stopped for comes back as a complaint of the client or of the server.
            if not ending.is_stopped:
                raise
        finally:
            ending.is_over = True
            timer.cancel()
            self.giving.close()
            self.upload.close()
        if ending.is_stopped:
            self._tell()

    def _attend(self) -> None:
        """Look after an exchange that takes longer than a moment."""
        self.giving.look()
        if self.outgoing.length == 0:
            self.upload.watch()

    def _tell(self) -> None:
        """Count why the exchange was stopped, and raise it where the client or the server is to be told."""
        refused = self.upload.refused
        if self.upload.has_left:
            self.counts[CLIENT_LEFT] += 1
        elif self.giving.is_idle:
            self.counts[CLIENT_IDLE] += 1
            raise TruncatedError("the client takes nothing")
        elif refused is not None:
            if not self.upload.is_answered:
                raise refused
            self.counts[refused.reason] += 1
            raise TruncatedError(str(refused)) from refused

    async def _relay(self) -> None:
        with self.client.turns:
            response = await self.client.ask(self.outgoing, self.upload)
            try:
                headers = self._headers(response)
                self.upload.is_answered = self.has_begun = True
                await self.giving.give(
                    {"type": "http.response.start", "status": response.status, "headers": headers}
                )
                self.client.losses.follow(response)
                await self._stream(response.content)
            finally:
                response.close()

    def _headers(self, response: aiohttp.ClientResponse) -> HeaderList:
        headers = read_response(
            response.status, response.raw_headers, upstream=self.client.upstream, visit=self.outgoing.visit
        )
        if response.headers.get("Content-Type", "").lower().startswith(_EVENTS):
            _wait_for_events(response)
        return headers

    async def _stream(self, content: aiohttp.StreamReader) -> None:
        is_whole, passed = False, 0
        while not is_whole:
            try:
                part = await content.readany()
            except Exception as error:
                self.counts[CUT_OFF] += 1
                raise TruncatedError(f"the upstream's answer broke off: {error!r}") from error
            is_whole = content.at_eof()
            passed += len(part)
            if is_whole:
                self.upload.close()
            elif passed > SMALL and self.outgoing.length == 0:
                self.upload.watch()
            await self.giving.give({"type": "http.response.body", "body": part, "more_body": not is_whole})
        self.has_ended = is_whole


def _wait_for_events(response: aiohttp.ClientResponse) -> None:
    """Let a stream of events be silent for as long as it likes."""
    connection = response.connection
    if connection is not None and connection.protocol is not None:
        connection.protocol.read_timeout = None
        connection.protocol.start_timeout()
