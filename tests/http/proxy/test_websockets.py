"""WebSockets through the proxy: handshake, messages, and how either side ends them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import re
import threading
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from newshole import Newshole, Site
from newshole.http.proxy import Limits, Proxy, Upstream
from tests.http.proxy.origins import Connection, origin, port, proxied, says
from tests.http.servers import Parser, serving
from tests.waiting import PATIENCE, eventually

CLOSED: list[tuple[int, str]] = []
LEFT = threading.Event()


async def echo(socket: WebSocket) -> None:
    offered = socket.scope["subprotocols"]
    chosen = offered[-1] if offered else None
    await socket.accept(chosen, headers=[(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")])
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message["code"], message.get("reason"))
            if message.get("text") is not None:
                await socket.send_text(message["text"])
            else:
                await socket.send_bytes(message["bytes"])
    except WebSocketDisconnect as left:
        CLOSED.append((left.code, left.reason))
        LEFT.set()


async def told(socket: WebSocket) -> None:
    await socket.accept()
    headers = socket.headers
    await socket.send_json(
        {name: headers.get(name) for name in ("host", "origin", "cookie", "via", "x-forwarded-for")}
    )
    await socket.close(4001, "enough")


async def large(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_bytes(b"x" * 200_000)
    await socket.receive()


async def refusing(socket: WebSocket) -> None:
    await socket.send_denial_response(
        PlainTextResponse("not you", 401, headers={"WWW-Authenticate": "Basic"})
    )


APP = Starlette(
    routes=[
        WebSocketRoute("/echo", echo),
        WebSocketRoute("/told", told),
        WebSocketRoute("/large", large),
        WebSocketRoute("/refusing", refusing),
    ]
)


def talk(
    address: str, path: str, say: Callable[[ClientConnection], Awaitable[object]], **more: object
) -> object:
    """What comes of a conversation."""

    async def run() -> object:
        url = f"ws://localhost:{port(address)}{path}"
        async with asyncio.timeout(PATIENCE), connect(url, **more) as socket:  # type: ignore[arg-type]
            return await say(socket)

    return asyncio.run(run())


async def until_closed(socket: ClientConnection) -> tuple[int | None, str | None]:
    """How the other side ends it."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.recv()
    return socket.close_code, socket.close_reason


def test_messages_of_both_kinds_come_back(http: Parser) -> None:
    async def say(socket: ClientConnection) -> list[object]:
        answers: list[object] = []
        for each in ("text é 語", b"\0\xff", "", b"", "x" * 300_000):
            await socket.send(each)
            answers.append(await socket.recv())
        return answers

    with serving(APP) as behind, proxied(behind, http=http) as (address, proxy):
        assert talk(address, "/echo", say) == ["text é 語", b"\0\xff", "", b"", "x" * 300_000]
        assert proxy.counts == {}


def test_the_handshake_is_passed_on(http: Parser) -> None:
    async def say(socket: ClientConnection) -> tuple[object, list[str]]:
        assert socket.response is not None
        return socket.subprotocol, socket.response.headers.get_all("set-cookie")

    async def ask(socket: ClientConnection) -> object:
        return await socket.recv()

    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        offered = [Subprotocol("first"), Subprotocol("second")]
        assert talk(address, "/echo", say, subprotocols=offered) == ("second", ["a=1", "b=2"])
        answer = talk(
            address, "/told", ask, origin="https://news.example", additional_headers={"Cookie": "a=1"}
        )
        assert isinstance(answer, str)
        for said in (
            '"https://news.example"',
            '"a=1"',
            '"1.1 newshole"',
            f'"localhost:{port(address)}"',
            '"127.0.0.1"',
        ):
            assert said in answer


def test_the_upstream_s_farewell_reaches_the_client(http: Parser) -> None:
    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        assert talk(address, "/told", until_closed) == (4001, "enough")


def test_the_client_s_farewell_reaches_the_upstream(http: Parser) -> None:
    async def say(socket: ClientConnection) -> None:
        await socket.send("hello")
        await socket.recv()
        await socket.close(4002, "bye")

    CLOSED.clear()
    LEFT.clear()
    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        talk(address, "/echo", say)
        assert LEFT.wait(PATIENCE)
        assert CLOSED == [(4002, "bye")]


def test_a_client_that_vanishes_ends_it_upstream(http: Parser) -> None:
    async def vanish(socket: ClientConnection) -> None:
        socket.transport.abort()

    CLOSED.clear()
    LEFT.clear()
    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        talk(address, "/echo", vanish)
        assert LEFT.wait(PATIENCE)
        assert CLOSED[0][0] == 1001


ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: %s\r\n\r\n"
)


def test_an_upstream_that_vanishes_ends_it_here(http: Parser) -> None:
    def vanish(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        key = re.search(rb"(?i)sec-websocket-key: (\S+)", connection.seen)
        assert key is not None
        digest = hashlib.sha1(
            key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False
        ).digest()
        connection.write(ACCEPTED % base64.b64encode(digest))

    with origin(vanish) as behind, proxied(behind.address, http=http) as (address, proxy):
        assert talk(address, "/", until_closed) == (1011, "the site broke off")
        assert proxy.counts == {"upstream-cut-off": 1}


def test_a_handshake_that_is_not_one_is_502(http: Parser) -> None:
    with origin(says(ACCEPTED % b"wrong")) as behind, proxied(behind.address, http=http) as (address, proxy):
        assert refusal(address, "/") == (502, b"502 Bad Gateway")
        assert proxy.counts == {"upstream-malformed": 1}


def test_a_rejection_is_passed_on(http: Parser) -> None:
    with serving(APP) as behind, proxied(behind, http=http) as (address, _):
        assert refusal(address, "/refusing") == (401, b"not you")
        assert refusal(address, "/nowhere")[0] in (403, 404)


def test_an_upstream_that_is_down_refuses_websockets_too(http: Parser) -> None:
    with proxied("http://127.0.0.1:1", http=http) as (address, proxy):
        assert refusal(address, "/") == (502, b"502 Bad Gateway")
        assert proxy.counts == {"upstream-down": 1}


def refusal(address: str, path: str) -> tuple[int, bytes]:
    """The status and the first line with which a handshake is refused."""

    async def say(_socket: ClientConnection) -> None:
        raise AssertionError("the handshake was accepted")

    with pytest.raises(InvalidStatus) as caught:
        talk(address, path, say)
    return caught.value.response.status_code, bytes(caught.value.response.body).partition(b"\n")[0]


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_message_over_the_limit_ends_it_with_1009(http: Parser, way: str) -> None:
    async def say(socket: ClientConnection) -> object:
        if way == "up":
            await socket.send(b"x" * 200_000)
        return await until_closed(socket)

    path = "/echo" if way == "up" else "/large"
    limits = Limits(message=100_000)
    with serving(APP) as behind, proxied(behind, http=http, limits=limits) as (address, proxy):
        assert talk(address, path, say) == (1009, "the message is too large")
        assert proxy.counts == {"message-too-large": 1}


def test_open_sockets_leave_the_pages_their_connections(http: Parser) -> None:
    async def say(_socket: ClientConnection) -> object:
        answer = await asyncio.to_thread(httpx.get, address, timeout=PATIENCE)
        return answer.status_code, await asyncio.to_thread(refusal, address, "/echo")

    with serving(APP) as behind:
        upstream = Upstream(behind, connections=1, websockets=1)
        with proxied(upstream, http=http) as (address, proxy):
            assert talk(address, "/echo", say) == (404, (503, b"503 Service Unavailable"))
            eventually(lambda: proxy.counts)
            assert proxy.counts == {"upstream-full": 1}


def test_a_slow_client_slows_the_upstream_down(http: Parser) -> None:
    sent, piece = 0, os.urandom(65536)  # which no coding makes smaller

    async def flood(socket: WebSocket) -> None:
        nonlocal sent
        await socket.accept()
        for _ in range(2000):
            await socket.send_bytes(piece)
            sent += len(piece)

    async def say(socket: ClientConnection) -> int:
        for _ in range(10):
            await socket.recv()
        before = -1
        while sent != before:  # until nothing more goes out
            before = sent
            await asyncio.sleep(0.3)
        socket.transport.abort()
        return before

    with (
        serving(Starlette(routes=[WebSocketRoute("/", flood)])) as behind,
        proxied(behind, http=http) as (address, _),
    ):
        assert talk(address, "/", say, max_queue=2) < 64 * 1024**2  # type: ignore[operator]


def test_websockets_pass_behind_newshole(http: Parser, site: Site) -> None:
    async def say(socket: ClientConnection) -> object:
        await socket.send("hello")
        return await socket.recv()

    with serving(APP) as behind, serving(Newshole(Proxy(behind), site=site), http=http) as address:
        assert talk(address, "/echo", say) == "hello"
