"""Single flight: what several ask for at the same time is worked out once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Result = TypeVar("Result")


class Flights(Generic[Key, Result]):
    """The computations that are under way, by key; nothing is kept once they have ended."""

    def __init__(self) -> None:
        self._under_way: dict[tuple[Key, int], asyncio.Future[Result]] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    async def once(self, key: Key, make: Callable[[], Awaitable[Result]]) -> Result:
        """The result of `make`, or of another caller's with this key that is under way in this event loop.

        An exception reaches every caller. A caller that is cancelled leaves the computation to the others.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return await make()  # under trio
        name = (key, id(loop))
        flight = self._under_way.get(name)
        if flight is None:
            flight = self._under_way[name] = asyncio.ensure_future(make())
            flight.add_done_callback(lambda done: self._land(name, done))
        return await asyncio.shield(flight)

    def _land(self, name: tuple[Key, int], flight: asyncio.Future[Result]) -> None:
        self._under_way.pop(name, None)
        if not flight.cancelled():
            flight.exception()  # asked for, lest asyncio complain where every caller has left
