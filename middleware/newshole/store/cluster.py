"""The nodes of a Redis Cluster, each with connections of its own.

redis-py has a cluster client, which is made for commands that must succeed: one connection that fails makes
it ask for the whole map of slots again, and for all commands that the server knows, while every other command
waits, those for healthy nodes too. A cache wants the opposite. Here a node that is lost costs its own
keys alone; the map is renewed in the background, and a key that moves away meanwhile is a miss.

See https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from redis import exceptions
from redis.crc import key_slot
from redis.exceptions import AskError, MovedError, RedisError

from newshole.store.connections import Client
from newshole.store.url import Host

RENEWAL: Final = 1.0
"""Seconds between two renewals of the map at least."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Which node serves which slots: `nodes[n]` those from `starts[n]` to `ends[n]`, which rise with n."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    nodes: tuple[Host, ...] = ()

    def node(self, slot: int) -> Host | None:
        """The node that serves a slot, None where none does."""
        index = bisect_right(self.starts, slot) - 1
        return self.nodes[index] if index >= 0 and slot <= self.ends[index] else None


def read_slots(reply: Iterable[tuple[Any, ...]], asked: Host) -> Slots:
    """The reply to CLUSTER SLOTS as `asked` gave it: `[first, last, [host, port, …], replicas…]` each.

    A host that is empty or "?" is one that does not know its address, and means the node that was asked.
    """
    ranges = sorted((first, last, master[0], master[1]) for first, last, master, *_ in reply)
    nodes = tuple(
        (asked[0] if host in (None, b"", b"?") else host.decode(), port) for _, _, host, port in ranges
    )
    return Slots(tuple(each[0] for each in ranges), tuple(each[1] for each in ranges), nodes)


class Cluster:
    """A client of a cluster for commands of one key, which stands right after the command's name.

    `open_node` makes the client of one node; `seeds` are asked for the others.
    """

    def __init__(self, seeds: tuple[Host, ...], open_node: Callable[[Host], Client]) -> None:
        self._seeds, self._open_node = seeds, open_node
        self._nodes: dict[Host, Client] = {}
        self._slots = Slots()
        self._locating: asyncio.Task[None] | None = None
        self._located = -math.inf

    def part(self, name: bytes) -> str:
        """The node that holds a key, "" where it is not known yet."""
        node = self._slots.node(key_slot(name))
        return "" if node is None else f"{node[0]}:{node[1]}"

    async def execute_command(self, command: str, key: bytes, /, *rest: bytes | str | int) -> object:
        """The answer to a command; None where the key's slot is on its way to another node.

        Raises redis-py's errors.
        """
        slot = key_slot(key)
        if self._slots.node(slot) is None:
            await asyncio.shield(self._start_to_locate())
        host = self._slots.node(slot)
        if host is None:
            raise exceptions.ConnectionError("no node of the cluster serves the key's slot")
        try:
            return await self._node(host).execute_command(command, key, *rest)
        except MovedError as moved:
            self._renew()
            return await self._node((moved.host or host[0], moved.port)).execute_command(command, key, *rest)
        except AskError:
            return None
        except (exceptions.ConnectionError, exceptions.TimeoutError):
            self._renew()
            raise

    async def aclose(self) -> None:
        """Close the connections to all nodes."""
        if self._locating is not None:
            self._locating.cancel()
            await asyncio.wait((self._locating,))
        nodes, self._nodes, self._slots = self._nodes, {}, Slots()
        await asyncio.gather(*(node.aclose() for node in nodes.values()))

    def _node(self, host: Host) -> Client:
        node = self._nodes.get(host)
        if node is None:
            node = self._nodes[host] = self._open_node(host)
        return node

    def _renew(self) -> None:
        """Ask for the map again, beside what is served and not too often."""
        if time.monotonic() - self._located >= RENEWAL:
            self._start_to_locate()

    def _start_to_locate(self) -> asyncio.Task[None]:
        if self._locating is None or self._locating.done():
            self._located = time.monotonic()
            self._locating = asyncio.create_task(self._locate())
        return self._locating

    async def _locate(self) -> None:
        """Take the map from the first node that answers; where none does, the old one is as good as any."""
        known = list({*self._slots.nodes, *self._seeds})
        random.shuffle(known)
        for host in known:
            with contextlib.suppress(RedisError):
                reply = await self._node(host).execute_command("CLUSTER", b"SLOTS")
                if reply:
                    self._slots = read_slots(cast("list[Any]", reply), host)
                    return await self._forget()
        return None

    async def _forget(self) -> None:
        """Close the connections to nodes that the map does not name any more."""
        gone = self._nodes.keys() - set(self._slots.nodes) - set(self._seeds)
        await asyncio.gather(*(self._nodes.pop(host).aclose() for host in gone), return_exceptions=True)
