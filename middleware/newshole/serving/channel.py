"""What the parent and a worker say to each other: a line of JSON each, over a socket pair that both hold.

The pair is private, leaves no file behind, and tells each side when the other is gone.

    parent  →  settings, once; then "report" as often as it likes
    worker  →  ready, or failed with a reason; a report for each that is asked for, and one at the end
"""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeAlias

ASK: Final = b"report\n"

LONGEST: Final = 16 * 1024 * 1024
"""Bytes of the longest line; the metrics of a site with thousands of blocks are some hundred thousand."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker serves."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A worker could not start; `reason` may have several lines."""

    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """A worker's state: `rules` are the digests of its sites' rules, `unready` why it wants no readers.

    `requests` were answered since its start, `connections` are open; `metrics` is its whole exposition.
    """

    rules: tuple[str, ...] = ()
    requests: int = 0
    connections: int = 0
    unready: str | None = None
    metrics: str = field(default="", repr=False)


Message: TypeAlias = Ready | Failed | Report

_KINDS: Final = {"ready": Ready, "failed": Failed, "report": Report}


def to_line(message: Message) -> bytes:
    """A message of a worker, as it goes over the channel."""
    kind = next(name for name, each in _KINDS.items() if isinstance(message, each))
    return json.dumps({"kind": kind, **asdict(message)}).encode() + b"\n"


def from_line(line: bytes) -> Message:
    """The message that a line holds. Raises ValueError, KeyError or TypeError where it holds none."""
    said: dict[str, Any] = json.loads(line)
    kind = _KINDS[said.pop("kind")]
    if "rules" in said:
        said["rules"] = tuple(said["rules"])
    made: Message = kind(**said)
    return made


async def open_channel(end: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """One end of a pair, to read lines from and write them to."""
    return await asyncio.open_connection(sock=end, limit=LONGEST)
