"""What happened to pages, counted: cheap to add to, and read when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds up to which plannings are counted together; the last count is of those beyond."""

COUNTED: Final = {
    "plan-here": "pages composed from what was kept in the process",
    "plan-store": "pages whose plan came from the store",
    "plan-anew": "pages that were read and planned",
    "plan-unsound": "values of the store that were no plan of their page",
}
"""Everything that `Tally.plans` counts."""


@dataclass(slots=True)
class Tally:
    """Counts since the start, over every site that was in service.

    `placed` counts composed pages by the ids of their blocks, `refused` planned pages by block id and the
    code of the reason, `stories` what became of stories that the library might learn; `added` is in bytes,
    `seconds` the time that plannings took together.
    """

    plans: Counter[str] = field(default_factory=Counter)
    placed: Counter[tuple[str, ...]] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    stories: Counter[str] = field(default_factory=Counter)
    added: int = 0
    seconds: float = 0.0
    durations: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def planned(self, seconds: float) -> None:
        """Count one planning."""
        self.seconds += seconds
        self.durations[bisect_left(BOUNDS, seconds)] += 1

    def blocks(self) -> Counter[str]:
        """How often each block was placed."""
        found: Counter[str] = Counter()
        for ids, times in self.placed.items():
            for block in ids:
                found[block] += times
        return found
