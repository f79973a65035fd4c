"""What a proxy is told: its upstreams, and the bounds on everything that others decide."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from newshole.errors import UsageError
from newshole.page.csp import PORTS
from newshole.rules.globs import rootless

Network: TypeAlias = IPv4Network | IPv6Network

DEFAULT: Final = "*"
"""The host in a mapping of upstreams that stands for all others."""

UNIX: Final = "unix"
"""The name, among trusted peers, of whoever connects through a unix socket."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """The server behind the proxy: `http://host:port`, `https://host` or `unix:/path/to/socket`.

    `connections` is how many it is opened at most, `websockets` how many beside those for WebSockets, and
    `waiting` how many requests wait for one before the next is answered with 503. With `own_host` it is sent
    its own host instead of the public one. `ca` is a file of certificates that an https upstream is checked
    with, in the place of the system's. Raises UsageError, in one line, for an address that cannot be one.
    """

    url: str
    connections: int = 100
    waiting: int = 200
    websockets: int = 1000
    own_host: bool = False
    ca: Path | None = None

    def __post_init__(self) -> None:
        if self.socket is None:
            _check(self.url)
        elif not self.socket.startswith("/"):
            raise UsageError(f"{self.url} is no upstream: write a unix socket as unix:/path/to/socket")
        if min(self.connections, self.websockets) < 1 or self.waiting < 0:
            raise UsageError(f"{self.url}: connections and websockets are at least 1, waiting at least 0")
        if self.ca is not None and not self.ca.is_file():
            raise UsageError(f"{self.url}: there is no file {self.ca}: give its authority's certificates")

    @property
    def socket(self) -> str | None:
        """The path of its unix socket, None where it has none."""
        if not self.url.startswith("unix:"):
            return None
        return self.url.removeprefix("unix:").removeprefix("//")

    @property
    def parts(self) -> SplitResult:
        """Its address; a unix socket's is `http://localhost`."""
        return urlsplit("http://localhost" if self.socket else self.url)

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return self.parts.scheme

    @property
    def host(self) -> str:
        """Its name or IP address, without brackets."""
        return self.parts.hostname or ""

    @property
    def written_host(self) -> str:
        """Its host as addresses have it: IPv6 in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def port(self) -> int:
        """Its port, also where that is the scheme's own."""
        return self.parts.port or PORTS[self.scheme]

    def tls(self) -> ssl.SSLContext | bool:
        """What its certificate is checked with: always, by the system's authorities or those of `ca`."""
        return True if self.ca is None else ssl.create_default_context(cafile=self.ca)


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_address = bool(parts.scheme in PORTS and parts.hostname and parts.port != 0)
    except ValueError:
        is_address = False
    if not is_address:
        raise UsageError(
            f"{url} is no upstream: write http://host:port, https://host or unix:/path/to/socket"
        )
    if parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UsageError(f"{url} holds more than a server: leave out name, password, path and query")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what clients and upstreams decide. Sizes are bytes, times seconds.

    `head` bounds a request's headers and `target` its path and query; `body` a request's body, where it is
    not None. `response_head` bounds an upstream's line and each of its headers, `response_headers` their
    number, `message` a WebSocket's message. `connect` is the time to get a connection, a free one or a new
    one; `answer` the longest silence of an upstream, before its answer and inside it; `client` the longest
    silence of a client inside its upload, or without taking anything of its answer; `total` the time for
    everything, where it is not None. `keep_alive` is how long an unused connection is kept: less
    than the 5 seconds after which many a server closes it. `buffer` is how
    much of an answer is read ahead; `socket_buffer` how much the system may hold of it, or None for the
    system's own choice.
    """

    head: int = 64 * 1024
    target: int = 16 * 1024
    body: int | None = None
    response_head: int = 64 * 1024
    response_headers: int = 512
    message: int = 4 * 1024 * 1024
    connect: float = 10.0
    answer: float = 60.0
    client: float = 60.0
    total: float | None = None
    keep_alive: float = 4.0
    buffer: int = 64 * 1024
    socket_buffer: int | None = 128 * 1024


def read_upstreams(given: str | Upstream | Mapping[str, str | Upstream]) -> dict[str, Upstream]:
    """Upstreams by host, in lower case. Raises UsageError with every mistake, a line each."""
    table = given if isinstance(given, Mapping) else {DEFAULT: given}
    upstreams: dict[str, Upstream] = {}
    problems: list[str] = [] if table else ["no upstream is given"]
    for host, each in table.items():
        try:
            upstreams[rootless(host.lower())] = each if isinstance(each, Upstream) else Upstream(each)
        except UsageError as error:
            problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))
    return upstreams


def read_networks(written: Iterable[str]) -> tuple[frozenset[Network], bool]:
    """The networks among trusted peers, and whether peers through a unix socket are trusted too.

    Raises UsageError with every one that is neither an address, a network nor `unix`.
    """
    networks: set[Network] = set()
    problems: list[str] = []
    names = set(written)
    for each in sorted(names - {UNIX}):
        try:
            networks.add(ip_network(each))
        except ValueError as error:
            problems.append(f"trusted: {error}; write an address, a network such as 10.0.0.0/8, or unix")
    if problems:
        raise UsageError("\n".join(problems))
    return frozenset(networks), UNIX in names
