"""One request and its answer, passed on part by part."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

import aiohttp
from anyio import CancelScope
from starlette.types import Message, Receive, Send

from newshole.http.headers import HeaderList
from newshole.http.proxy.client import Client
from newshole.http.proxy.faults import CLIENT_IDLE, CLIENT_LEFT, CUT_OFF, RefusedError, TruncatedError
from newshole.http.proxy.requests import Outgoing
from newshole.http.proxy.responses import read_response
from newshole.http.proxy.settings import Limits
from newshole.http.proxy.upload import Upload

_EVENTS: Final = b"text/event-stream"


class Exchange:
    """One request to `client`'s upstream, answered through `send`.

    `has_begun` says whether its answer has, and `has_ended` whether the last of it was sent.
    """

    __slots__ = ("client", "counts", "has_begun", "has_ended", "limits", "outgoing", "send")

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
        with CancelScope() as scope:
            upload = Upload(receive, scope, length=self.outgoing.length, limits=self.limits)
            try:
                await self._relay(upload)
            except (RefusedError, TruncatedError):
                # What the upload was stopped for comes back as the client's own complaint about it.
                if not upload.is_stopped:
                    raise
            finally:
                upload.close()
        if upload.refused is not None:
            self._give_up(upload, upload.refused)
        elif upload.has_left:
            self.counts[CLIENT_LEFT] += 1

    def _give_up(self, upload: Upload, refused: RefusedError) -> None:
        if not upload.is_answered:
            raise refused
        self.counts[refused.reason] += 1
        raise TruncatedError(str(refused)) from refused

    async def _relay(self, upload: Upload) -> None:
        if self.outgoing.length == 0:
            upload.watch()
        with self.client.turn():
            response = await self.client.ask(self.outgoing, upload)
            try:
                headers = self._headers(response)
                upload.is_answered = True
                await self._give(
                    {"type": "http.response.start", "status": response.status, "headers": headers}
                )
                with self.client.losses.told_to(response):
                    await self._stream(response.content, upload)
            finally:
                response.close()

    def _headers(self, response: aiohttp.ClientResponse) -> HeaderList:
        headers = read_response(
            response.status, response.raw_headers, upstream=self.client.upstream, visit=self.outgoing.visit
        )
        if any(name == b"content-type" and value.lower().startswith(_EVENTS) for name, value in headers):
            _wait_for_events(response)
        return headers

    async def _stream(self, content: aiohttp.StreamReader, upload: Upload) -> None:
        is_whole = False
        # While parts keep coming the task is never found waiting, and so not cancelled.
        while not (is_whole or upload.is_stopped):
            try:
                part = await content.readany()
            except Exception as error:
                self.counts[CUT_OFF] += 1
                raise TruncatedError(f"the upstream's answer broke off: {error!r}") from error
            is_whole = content.at_eof()
            if is_whole:
                upload.close()
            await self._give({"type": "http.response.body", "body": part, "more_body": not is_whole})
        self.has_ended = is_whole

    async def _give(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self.limits.client):
                self.has_begun = True
                await self.send(message)
        except TimeoutError as error:
            self.counts[CLIENT_IDLE] += 1
            raise TruncatedError("the client takes nothing") from error


def _wait_for_events(response: aiohttp.ClientResponse) -> None:
    """Let a stream of events be silent for as long as it likes."""
    connection = response.connection
    if connection is not None and connection.protocol is not None:
        connection.protocol.read_timeout = None
        connection.protocol.start_timeout()
