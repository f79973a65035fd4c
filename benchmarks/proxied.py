"""What newshole costs as a proxy, beside the least that relays, the app without a proxy, and nginx.

The site is an nginx that serves the page from a file, on the core of the load: with both of them there, the
core of the proxy is the one that is full. Its page is one that shared caches may keep, with an entity tag
and a date.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks import proxies, rounds, servers
from benchmarks.apps import ARTICLE, PAGE_FILE
from benchmarks.articles import URL, shared
from benchmarks.figures import Headline, Options, Report, at_least
from benchmarks.peers import MARK
from benchmarks.rounds import Loads, Peer, over
from benchmarks.servers import Server
from newshole import Composition, Insertion, Site

BARE: Final = "bare app"
RELAY: Final = "aiohttp relay"
OURS: Final = "newshole"
CACHED: Final = "newshole, cached"
NGINX: Final = "nginx"

_PATIENCE: Final = 100

PEERS: Final = (
    Peer(BARE, "bare"),
    Peer(RELAY, proxies.AIOHTTP),
    Peer("ASGI relay", proxies.ASGI, RELAY),
    Peer("newshole's proxy", "proxy", RELAY),
    Peer(OURS, "composed", RELAY, composes=True),
    Peer("nginx, once off", NGINX, RELAY, composes=True),
    Peer(CACHED, "cached", BARE, composes=True),
)


def measure(options: Options) -> Report:
    """Requests a second of every proxy, and their ratios."""
    lacking = servers.lacking()
    if lacking:
        return Report(left_out=tuple(f"proxied, all of it ({each} is not installed)" for each in lacking))
    page = shared()
    composition = Site.load("newspaper").compose(page, url=URL)
    assert composition.insertions, composition.untouched
    with _serving(page, composition.insertions) as running:
        for peer in PEERS:
            _check(peer, running[peer.app], composition)
        loads = rounds.measured(PEERS, running, options)
    caption = (
        f"A page of {len(page) / 1024:.0f} KB, uncompressed; {options.rounds} rounds of {options.seconds} s "
        "a proxy, medians. The site is nginx, on the core of the load; newshole has the pack newspaper."
    )
    rows = rounds.rows(PEERS, loads, len(composition.insertions))
    return Report((rounds.table("As a proxy", caption, rows),), tuple(_headlines(loads)))


@contextlib.contextmanager
def _serving(page: bytes, insertions: Sequence[Insertion]) -> Iterator[dict[str, Server]]:
    """The server of every app, while all of them and the site run."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / PAGE_FILE).write_bytes(page)
        origin = servers.free_port()
        site = servers.nginx_origin(folder, origin)
        stack.enter_context(servers.running(site, origin, core=servers.cores()[1]))
        running: dict[str, Server] = {}
        for app in (peer.app for peer in PEERS):
            port = servers.free_port()
            if app == NGINX:
                command = servers.nginx_proxy(folder, port, page, insertions, origin=origin)
            elif app == "bare":
                command = servers.python_server(app, folder, port)
            else:
                command = servers.proxy_server(app, origin, port)
            running[app] = stack.enter_context(servers.running(command, port))
        yield running


def _check(peer: Peer, server: Server, composition: Composition) -> None:
    """End the benchmark where a peer does other work than it is there for."""
    wanted = composition.html if peer.composes else shared()
    body = _kept(server) if peer.name == CACHED else servers.fetch(server, ARTICLE)
    assert body == wanted, f"{peer.name} has another page: {body.count(MARK)} blocks"


def _kept(server: Server) -> bytes:
    """The page as soon as it comes from the page cache: a reader with cookies has the site asked once more
    without them, and does not wait for that."""
    for _ in range(_PATIENCE):
        told, body = servers.answer(server, ARTICLE)
        if "age" in told:
            return body
        time.sleep(0.05)
    raise AssertionError(f"{CACHED}: the page is not kept")


def _headlines(loads: Loads) -> Iterator[Headline]:
    yield at_least("requests/s, as a proxy, to a bare aiohttp relay", over(loads, OURS, RELAY), 0.8, "×")
    yield at_least("the same from the page cache, to the bare app", over(loads, CACHED, BARE), 0.85, "×")
