"""Origins that say exactly what a test has them say, and clients that send exactly what it has them send."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from newshole.http.proxy import Limits, Proxy
from tests.http.servers import Parser, serving
from tests.waiting import PATIENCE

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"

Turn = Callable[["Connection"], None]


@dataclass
class Connection:
    """One connection as an origin has it: `seen` is all that came, `ended` whether it was closed.

    `steps` are moments of `time.monotonic_ns`, and what was `sent` by then.
    """

    socket: socket.socket
    seen: bytearray = field(default_factory=bytearray)
    sent: int = 0
    steps: list[tuple[int, int]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def read(self) -> bool:
        """Whether more came."""
        try:
            part = self.socket.recv(65536)
        except ConnectionError:
            part = b""
        self.seen += part
        if not part:
            self.ended.set()
        return bool(part)

    def read_until(self, end: bytes) -> bool:
        """Whether `end` came at all."""
        while end not in self.seen:
            if not self.read():
                return False
        return True

    def read_all(self) -> None:
        """Read until the other side ends it."""
        while self.read():
            pass

    def write(self, part: bytes) -> None:
        self.socket.sendall(part)
        self.sent += len(part)


@dataclass
class Origin:
    """A server of raw bytes; `connections` are all it had."""

    address: str
    connections: list[Connection] = field(default_factory=list)

    @property
    def heads(self) -> list[bytes]:
        """The first request's head of every connection that had one."""
        seen = (bytes(each.seen) for each in self.connections)
        return [each.partition(b"\r\n\r\n")[0] for each in seen if each]

    @property
    def requests(self) -> int:
        """Requests that came, on whatever connection."""
        return sum(bytes(each.seen).count(b" HTTP/1.1\r\n") for each in self.connections)


@contextlib.contextmanager
def origin(turn: Turn) -> Iterator[Origin]:
    """An origin that lets `turn` have each connection, in a thread of its own, and closes it then."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        found = Origin(f"http://127.0.0.1:{listener.getsockname()[1]}")
        threads: list[threading.Thread] = []

        def serve(connection: Connection) -> None:
            with connection.socket, contextlib.suppress(OSError):
                turn(connection)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    opened, _ = listener.accept()
                    opened.settimeout(PATIENCE)
                    found.connections.append(Connection(opened))
                    threads.append(threading.Thread(target=serve, args=(found.connections[-1],)))
                    threads[-1].start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield found
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            for each in found.connections:
                with contextlib.suppress(OSError):
                    each.socket.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def says(answer: bytes) -> Turn:
    """Answers the first request with these bytes, then ends the connection."""

    def turn(connection: Connection) -> None:
        if connection.read_until(b"\r\n\r\n"):
            connection.write(answer)

    return turn


def repeats(answer: bytes) -> Turn:
    """Answers every bodyless request of a connection with the same bytes."""

    def turn(connection: Connection) -> None:
        answered = 0
        while connection.read():
            while connection.seen.count(b"\r\n\r\n") > answered:
                connection.write(answer)
                answered += 1

    return turn


@contextlib.contextmanager
def proxied(upstream: Any, *, http: Parser = "auto", **settings: Any) -> Iterator[tuple[str, Proxy]]:
    """The address of a real server in front of `upstream`, and its app."""
    settings.setdefault("limits", Limits(connect=5.0, answer=10.0, client=10.0))
    proxy = Proxy(upstream, **settings)
    with serving(proxy, http=http, proxy_headers=False) as address:
        yield address, proxy


def port(address: str) -> int:
    return int(address.rpartition(":")[2])


def dial(address: str) -> socket.socket:
    """A connection to a server."""
    return socket.create_connection(("127.0.0.1", port(address)), timeout=PATIENCE)


def exchange(address: str, request: bytes) -> bytes:
    """All that comes on one connection on which these bytes are sent, until the server closes it."""
    with dial(address) as client:
        client.sendall(request)
        return rest(client)


def rest(client: socket.socket) -> bytes:
    """All that still comes on a connection."""
    came = bytearray()
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65536):
            came += part
    return bytes(came)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def get(address: str, target: str = "/", *headers: str, host: str = "news.localtest") -> bytes:
    """The answer to a GET, head and body as they came."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    return exchange(address, "\r\n".join([*lines, "", ""]).encode("latin-1"))
