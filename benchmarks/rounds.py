"""Servers that take turns under load, and the table of what came of it.

All of them run the whole time. Each is put under load once a round, so that each ratio is of two figures
that were measured within seconds of each other.
"""

from __future__ import annotations

import importlib.util
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from benchmarks import servers
from benchmarks.apps import ARTICLE
from benchmarks.figures import Options, Spread, Table
from benchmarks.servers import Load, Server

COLUMNS: Final = ("", "blocks", "requests/s", "quartiles", "busy", "CPU µs", "ratio", "quartiles", "to")


@dataclass(frozen=True, slots=True)
class Peer:
    """A server under load.

    `app` is what it runs; `base` the peer that it is held against. `composes` says that it puts the blocks
    into the page.
    """

    name: str
    app: str
    base: str | None = None
    path: str = ARTICLE
    composes: bool = False


Loads: TypeAlias = Mapping[str, list[Load]]
"""What every peer answered, by its name: one figure a round."""


def measured(present: Sequence[Peer], running: Mapping[str, Server], options: Options) -> Loads:
    """Put every peer under load in every round; `running` has their servers by their app."""
    for peer in present:
        servers.load(running[peer.app], peer.path, 1)
    loads: dict[str, list[Load]] = {peer.name: [] for peer in present}
    for _ in range(options.rounds):
        for peer in present:
            loads[peer.name].append(servers.load(running[peer.app], peer.path, options.seconds))
    return loads


def over(loads: Loads, name: str, base: str) -> Spread:
    """What one peer answers over what another does."""
    return Spread.of_ratios([each.rate for each in loads[name]], [each.rate for each in loads[base]])


def rows(present: Sequence[Peer], loads: Loads, blocks: int) -> tuple[tuple[str, ...], ...]:
    """A row of `COLUMNS` a peer, where a page that is composed has so many blocks."""
    return tuple(_row(peer, loads, blocks) for peer in present)


def table(title: str, caption: str, rows: tuple[tuple[str, ...], ...]) -> Table:
    """Rows as a table, whose caption says what all of its kind have in common too."""
    common = (
        f"{_machine()}; wrk, {servers.CONNECTIONS} connections, a browser's headers. uvicorn: one worker, "
        f"with {_engine()}. Busy: the share of its core that a server had. Where that is far from 1, the "
        "load or another process on the machine was the limit, and the processor's time for a request tells "
        "more."
    )
    return Table(title, f"{caption} {common}", COLUMNS, rows)


def _row(peer: Peer, loads: Loads, blocks: int) -> tuple[str, ...]:
    own = loads[peer.name]
    ratio = ("", "", "")
    if peer.base is not None:
        ratio = (*over(loads, peer.name, peer.base).cells(3), peer.base)
    return (
        peer.name,
        str(blocks) if peer.composes else "-",
        *Spread.of([each.rate for each in own]).cells(0),
        f"{statistics.median(each.busy for each in own):.2f}",
        f"{statistics.median(each.microseconds for each in own):,.0f}",
        *ratio,
    )


def _machine() -> str:
    server, load = servers.cores()
    return "Servers and load on one core" if server == load else "Servers on one core, load on another"


def _engine() -> str:
    """What uvicorn runs on here: it takes the fast parser and loop where they are installed."""
    parser = "httptools" if importlib.util.find_spec("httptools") else "h11"
    return f"{parser} and {'uvloop' if importlib.util.find_spec('uvloop') else 'asyncio'}"
