"""Where rows of the past come from, joined: the file of this machine, and what machines share in Redis.

A row is written where something changes, so the last one of each machine is what it served; rows that tell
the same are told once, with the machines that have them.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from newshole.live.past.journal_file import JournalFile
from newshole.live.past.served import DAY, Served, last_of_each
from newshole.live.past.shared import SharedPast, SharedRows
from newshole.store.protocol import StoreError

HERE: Final = ""
"""The name of the machine whose file is read."""

NO_FILE: Final = "the journal of this machine cannot be read ({})"
NO_REDIS: Final = "Redis does not answer, so what other machines served is not known"
UNREADABLE: Final = "part of what machines share in Redis cannot be read: see that all have the same secret"

Rows: TypeAlias = tuple[tuple[Served, tuple[str, ...]], ...]
"""Rows, the newest first, each with the machines that have it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What sources say of an address: the rows, the machines that any row was read of, and in words what did
    not answer."""

    rows: Rows = ()
    machines: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """A journal's file, and what machines share; None for none."""

    file: JournalFile | None = None
    shared: SharedRows | None = None

    async def lookup(self, address: str, query: str, at: float, device: str | None = None) -> Seen:
        """What readers of an address got at a moment.

        Raises sqlite3.Error and OSError where the file cannot be read and nothing is shared.
        """
        found: dict[str, Sequence[Served]] = {}
        silent = []
        if self.file is not None:
            try:
                found[HERE] = await asyncio.to_thread(self.file.lookup, address, query, at, device)
            except (sqlite3.Error, OSError) as error:
                if self.shared is None:
                    raise
                silent.append(NO_FILE.format(error))
        past = SharedPast()
        if self.shared is not None:
            try:
                past = await self.shared.lookup(address, query, at)
            except StoreError:
                silent.append(NO_REDIS)
            if HERE in found:  # where its file has more
                past.rows.pop(self.shared.machine, None)
        if past.unreadable:
            silent.append(UNREADABLE)
        rows = joined(found | past.rows, query, device)
        return Seen(rows, tuple(sorted([*found, *past.rows])), tuple(silent))


def joined(by_machine: Mapping[str, Sequence[Served]], query: str, device: str | None = None) -> Rows:
    """The last rows of each kind of reader on each machine, those that tell the same once. Where any machine
    knows of the query, what was served without one counts nowhere; nor does a row that is a day older than
    the newest."""
    is_known = any(row.query == query for rows in by_machine.values() for row in rows)
    last = [
        (row, machine)
        for machine, rows in by_machine.items()
        for row in last_of_each([row for row in rows if row.query == query or not is_known], device)
    ]
    newest = max((row.at for row, _ in last), default=0.0)
    told: list[tuple[Served, list[str]]] = []
    # Its own first: the page of then is in the file here.
    for row, machine in sorted(last, key=lambda each: (each[1] != HERE, -each[0].at)):
        if row.at <= newest - DAY:
            continue
        same = next((machines for other, machines in told if other.is_like(row)), None)
        if same is None:
            told.append((row, [machine]))
        else:
            same.append(machine)
    told.sort(key=lambda each: -each[0].at)
    return tuple((row, tuple(sorted(machines))) for row, machines in told)
