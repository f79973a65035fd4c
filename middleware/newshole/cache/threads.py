"""Threads for what would hold up the event loop: our own, so that large pages do not take those of the app's
synchronous endpoints, and pages that are coded do not wait for pages that are planned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import anyio
import anyio.lowlevel
import anyio.to_thread

Result = TypeVar("Result")

PLANNERS: Final = 2
"""Threads that read and plan pages: Python runs one at a time, and the event loop waits for its turn."""

CODERS: Final = 4
"""Threads that decode and encode bodies, which leaves the event loop free."""


@dataclass(slots=True)
class Crew:
    """Some threads of one event loop; `load` counts what they are at, and what waits for them."""

    limiter: anyio.CapacityLimiter
    load: int = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, done in one of the threads while the event loop goes on."""
        self.load += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self.limiter)
        finally:
            self.load -= 1


_planners: anyio.lowlevel.RunVar[Crew] = anyio.lowlevel.RunVar("newshole_planners")
_coders: anyio.lowlevel.RunVar[Crew] = anyio.lowlevel.RunVar("newshole_coders")


def planners() -> Crew:
    """The threads that plan pages, of the event loop that runs."""
    return _crew(_planners, PLANNERS)


def coders() -> Crew:
    """The threads that code pages, of the event loop that runs."""
    return _crew(_coders, CODERS)


def _crew(var: anyio.lowlevel.RunVar[Crew], threads: int) -> Crew:
    try:
        return var.get()
    except LookupError:
        crew = Crew(anyio.CapacityLimiter(threads))
        var.set(crew)
        return crew
