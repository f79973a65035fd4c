"""How often stories were read of late."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Final

HALF_LIFE: Final = 86_400.0
"""Seconds after which a view counts half."""


class Views:
    """The views of each story by its address, each worth less with age."""

    def __init__(self) -> None:
        self._counted: dict[str, tuple[float, float]] = {}

    def add(self, counts: Mapping[str, int], now: float) -> None:
        """Count views of some stories, seen `now` in seconds since 1970."""
        for address, count in counts.items():
            self._counted[address] = (self.of(address, now) + count, now)

    def of(self, address: str, now: float) -> float:
        """What a story's views are worth `now`."""
        value, at = self._counted.get(address, (0.0, now))
        return float(value * 2 ** (-max(now - at, 0.0) / HALF_LIFE))

    def forget(self, address: str) -> None:
        """Let a story's views go."""
        self._counted.pop(address, None)

    def most(self, count: int, now: float) -> list[str]:
        """The addresses with the most views `now`, the first with most."""
        counted = list(self._counted)
        return heapq.nsmallest(count, counted, key=lambda each: (-self.of(each, now), each))
