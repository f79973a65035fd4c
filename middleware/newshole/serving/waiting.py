"""Connections that wait for something, in the order in which their time runs out."""

from __future__ import annotations

from typing import Generic, TypeVar

C = TypeVar("C")


class Waiting(Generic[C]):
    """Connections that may wait `seconds` each; the first in has waited longest, so no timers are needed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until: dict[C, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def __contains__(self, connection: C) -> bool:
        return connection in self._until

    def add(self, connection: C, now: float) -> None:
        """From now on it waits; one that waits already goes on doing so."""
        self._until.setdefault(connection, now + self.seconds)

    def discard(self, connection: C) -> None:
        """It waits no longer."""
        self._until.pop(connection, None)

    def longest(self) -> C | None:
        """The one that has waited longest."""
        return next(iter(self._until), None)

    def over(self, now: float) -> list[C]:
        """Those whose time is over; they wait no longer."""
        found = []
        for connection, until in self._until.items():
            if until > now:
                break
            found.append(connection)
        for connection in found:
            del self._until[connection]
        return found
