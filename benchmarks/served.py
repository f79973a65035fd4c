"""What newshole costs a server under load, beside the same app without it and beside other rewriters.

Every server is started once, asked once (a peer that did not put all its blocks into the page ends the
benchmark) and warmed up. Then all of them take turns under load, round after round (see `rounds`).
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks import peers, rounds, servers
from benchmarks.apps import ARTICLE, BLOCKS_FILE, PAGE_FILE, STATUS
from benchmarks.articles import URL, typical
from benchmarks.figures import Headline, Options, Report, Spread, at_least, at_most
from benchmarks.peers import MARK
from benchmarks.rounds import Loads, Peer, over
from benchmarks.servers import Server
from newshole import Composition, Insertion, Site

BARE: Final = "bare app"
OURS: Final = "newshole"
CHANGING: Final = "bare app, changing page"
OURS_CHANGING: Final = "newshole, changing page"
SUB_FILTER: Final = "nginx sub_filter"
SUB_FILTER_ON: Final = "nginx, once off"
JSON: Final = "bare app, JSON"
OURS_JSON: Final = "newshole, JSON"

NGINX: Final = {"nginx": True, "nginx-on": False}
"""The nginx servers, and whether they replace a string once only, which is what `sub_filter` does unasked."""

PEERS: Final = (
    Peer(BARE, "bare"),
    Peer(OURS, "newshole", BARE, composes=True),
    Peer(CHANGING, "changing"),
    Peer(OURS_CHANGING, "changing-newshole", CHANGING, composes=True),
    Peer(SUB_FILTER, "nginx", BARE, composes=True),
    Peer(SUB_FILTER_ON, "nginx-on", BARE, composes=True),
    *(Peer(name, name, BARE, composes=True) for name in peers.MAKERS),
    Peer(JSON, "bare", path=STATUS),
    Peer(OURS_JSON, "newshole", JSON, path=STATUS),
)


def measure(options: Options) -> Report:
    """Requests a second of every peer, and their ratios."""
    lacking = servers.lacking()
    if "wrk" in lacking:
        return Report(left_out=("http, all of it (wrk is not installed)",))
    present = [peer for peer in PEERS if _is_present(peer)]
    page = typical()
    composition = Site.load("newspaper").compose(page, url=URL)
    assert composition.insertions, composition.untouched
    with _serving(present, page, composition.insertions) as running:
        for peer in present:
            _check(peer, running[peer.app], composition)
        loads = rounds.measured(present, running, options)
    caption = (
        f"A page of {len(page) / 1024:.0f} KB, uncompressed; {options.rounds} rounds of {options.seconds} s "
        "a peer, medians. Starlette; newshole is mounted with the pack newspaper."
    )
    rows = rounds.rows(present, loads, len(composition.insertions))
    table = rounds.table("Under load", caption, rows)
    left_out = (*peers.missing(), *(f"{name} (not installed)" for name in lacking))
    return Report((table,), tuple(_headlines(loads)), left_out)


def _is_present(peer: Peer) -> bool:
    if peer.app in NGINX:
        return "nginx" not in servers.lacking()
    return peer.app not in peers.MAKERS or peer.app in peers.installed()


@contextlib.contextmanager
def _serving(
    present: Sequence[Peer], page: bytes, insertions: Sequence[Insertion]
) -> Iterator[dict[str, Server]]:
    """The server of every app, while all of them run."""
    blocks = json.dumps([each.html.decode("ascii") for each in insertions])
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / PAGE_FILE).write_bytes(page)
        (folder / BLOCKS_FILE).write_text(blocks, "utf-8")
        running: dict[str, Server] = {}
        for app in {peer.app: None for peer in present}:
            port = servers.free_port()
            command = (
                servers.nginx_filter(folder, port, page, insertions, once=NGINX[app])
                if app in NGINX
                else servers.python_server(app, folder, port)
            )
            running[app] = stack.enter_context(servers.running(command, port))
        yield running


def _check(peer: Peer, server: Server, composition: Composition) -> None:
    """End the benchmark where a peer does other work than it is there for."""
    body = servers.fetch(server, peer.path)
    placed, wanted = body.count(MARK), len(composition.insertions) if peer.composes else 0
    assert placed == wanted, f"{peer.name} put {placed} blocks into the page, not {wanted}"
    if peer.path == ARTICLE and (peer.app in NGINX or peer.app == "newshole"):
        assert body == composition.html, f"{peer.name} has another page"
    if peer.app.startswith("changing"):
        assert body != servers.fetch(server, peer.path), f"{peer.name} does not change"


def _headlines(loads: Loads) -> Iterator[Headline]:
    yield at_least("requests/s, mounted, to the bare app", over(loads, OURS, BARE), 0.85, "×")
    yield at_least("the same, nonce and token always new", over(loads, OURS_CHANGING, CHANGING), 0.8, "×")
    for nginx in (SUB_FILTER, SUB_FILTER_ON):
        if nginx in loads:
            yield at_least(f"requests/s, mounted, to {nginx}", over(loads, OURS, nginx), 1.2, "×")
    pairs = zip(loads[OURS_JSON], loads[JSON], strict=True)
    added = Spread.of([1e6 / ours.rate - 1e6 / bare.rate for ours, bare in pairs])
    yield at_most("time added to a response that is no page", added, 15, "µs")
