"""How the journal's thread puts rows where machines share them: for a moment at most, and not at all for a
while after that failed. What is not taken there is counted, and stays in the file of its machine."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from newshole.live.past.served import Served
from newshole.live.past.shared import SharedRows
from newshole.store.protocol import StoreError

log = logging.getLogger("newshole")

PATIENCE: Final = 0.25
"""Seconds for rows that were written at once: the next ones wait meanwhile."""

REST: Final = 10.0
"""Seconds for which nothing is asked after a failure."""


class Sharing:
    """Rows for `shared`, from one thread that has no event loop, with `patience` in seconds; `clock` counts
    seconds from anywhere."""

    def __init__(
        self,
        shared: SharedRows,
        *,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.shared, self.patience, self._clock = shared, patience, clock
        self._runner: asyncio.Runner | None = None
        self._rests_until = 0.0
        self._is_failing = False

    def put(self, rows: Sequence[Served]) -> int:
        """Share rows; how many were taken. Never raises."""
        if self._clock() < self._rests_until:
            return 0
        if self._runner is None:
            self._runner = asyncio.Runner()
        try:
            taken = self._runner.run(self._add(rows))
        except Exception as error:  # noqa: BLE001 - whatever it is, the file has the rows
            self._rest(error)
            return 0
        self._is_failing = False
        return taken

    async def _add(self, rows: Sequence[Served]) -> int:
        async with asyncio.timeout(self.patience):
            return await self.shared.add(rows)

    def _rest(self, error: Exception) -> None:
        self._rests_until = self._clock() + REST
        if not self._is_failing:
            self._is_failing = True
            log.warning("the journal cannot be shared: %s", str(error) or type(error).__name__)

    def close(self) -> None:
        """Let go of the connections, in the thread that puts rows; putting again opens them again."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        with runner, suppress(StoreError, TimeoutError):
            runner.run(self._close())

    async def _close(self) -> None:
        async with asyncio.timeout(self.patience):
            await self.shared.close()
