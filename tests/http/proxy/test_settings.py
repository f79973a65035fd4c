"""What a proxy can be told, and upstreams behind sockets and certificates."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path
from typing import Self

import pytest
import trustme
import uvicorn
from starlette.types import Receive, Scope, Send

from newshole.errors import UsageError
from newshole.http.proxy import Proxy, Upstream
from newshole.http.proxy.settings import read_networks, read_upstreams
from tests.http.proxy.origins import get, proxied, status


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080", "ftp://a", "http://", "http://a:port", "http://a:0", "http://a/path", "http://a?b",
        "http://me:secret@a", "unix:", "unix:relative", "",
    ],
)  # fmt: skip
def test_an_address_that_is_no_upstream_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(UsageError, match=r"write http://host:port|leave out|unix:/path/to/socket"):
        Proxy(url)


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        read_upstreams({"a": "one", "b": "http://127.0.0.1", "c": "two"})
    assert str(caught.value).count("is no upstream") == 2
    with pytest.raises(UsageError) as caught:
        read_networks(["10.0.0.1/8", "10.0.0.0/8", "me", "unix"])
    assert str(caught.value).count("write an address") == 2
    with pytest.raises(UsageError, match="no upstream is given"):
        Proxy({})


@pytest.mark.parametrize(
    "more", [{"connections": 0}, {"waiting": -1}, {"websockets": 0}, {"ca": Path("/none")}]
)
def test_numbers_and_files_that_cannot_be_are_refused(more: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"at least|there is no file"):
        Upstream("http://a", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://a", "a", 80),
        ("https://A.Example/", "a.example", 443),
        ("http://[::1]:81", "::1", 81),
        ("unix:/a/b", "localhost", 80),
        ("unix:///a/b", "localhost", 80),
    ],
)
def test_an_address_is_read(url: str, host: str, port: int) -> None:
    upstream = Upstream(url)
    assert (upstream.host, upstream.port) == (host, port)
    assert upstream.socket == ("/a/b" if url.startswith("unix") else None)


async def hello(scope: Scope, _receive: Receive, send: Send) -> None:
    """An origin that says which host it was asked for."""
    assert scope["type"] == "http"
    host = dict(scope["headers"])[b"host"]
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(host))]}
    )
    await send({"type": "http.response.body", "body": host})


class Server:
    """A real server of `hello`, with whatever uvicorn can be told."""

    def __init__(self, **more: object) -> None:
        config = uvicorn.Config(hello, lifespan="off", log_config=None, port=0, **more)  # type: ignore[arg-type]
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)

    def __enter__(self) -> Self:
        self.thread.start()
        while not self.server.started and self.thread.is_alive():
            self.thread.join(0.005)
        return self

    @property
    def port(self) -> int:
        port: int = self.server.servers[0].sockets[0].getsockname()[1]
        return port

    def __exit__(self, *_error: object) -> None:
        self.server.should_exit = True
        self.thread.join()


def test_an_upstream_by_its_ipv6_address() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with Server(host="::1") as server, proxied(f"http://[::1]:{server.port}") as (address, proxy):
        assert get(address).endswith(b"news.localtest")
        assert proxy.counts == {}


def test_an_upstream_behind_a_unix_socket(tmp_path: Path) -> None:
    place = tmp_path / "site.sock"
    with Server(uds=str(place)), proxied(f"unix:{place}") as (address, _):
        assert get(address).endswith(b"news.localtest")
        assert get(address).endswith(b"news.localtest")
    with proxied(f"unix:{tmp_path}/none") as (address, proxy):
        assert status(get(address)) == 502
        assert proxy.counts == {"upstream-down": 1}


def test_the_certificate_of_an_upstream_is_checked(tmp_path: Path) -> None:
    authority = trustme.CA()
    ours, key = tmp_path / "ca.pem", tmp_path / "server.pem"
    authority.cert_pem.write_to_path(ours)
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(key)
    with Server(ssl_certfile=key, ssl_cert_reqs=ssl.CERT_NONE) as server:
        with proxied(Upstream(f"https://localhost:{server.port}", ca=ours)) as (address, proxy):
            assert get(address).endswith(b"news.localtest")
            assert proxy.counts == {}
        with proxied(f"https://localhost:{server.port}") as (address, proxy):
            assert status(get(address)) == 502
            assert proxy.counts == {"upstream-down": 1}
        with proxied(Upstream(f"https://127.0.0.1:{server.port}", ca=ours)) as (address, proxy):
            assert status(get(address)) == 502
