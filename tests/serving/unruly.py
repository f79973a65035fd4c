"""A store of which one call goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from newshole.store import StoreError

Mood = Literal["fails", "breaks", "hangs", "lies", "cuts"]
MOODS: Final[tuple[Mood, ...]] = ("fails", "breaks", "hangs", "lies", "cuts")


@dataclass(slots=True)
class Calls:
    """The calls of some stores together, of which the nth goes wrong; None for none."""

    nth: int | None = None
    mood: Mood = "fails"
    made: list[str] = field(default_factory=list)


class Unruly:
    """A store that does what `store` does, but for one of its calls."""

    def __init__(self, store: Any, calls: Calls) -> None:
        self.store, self.calls = store, calls

    async def get(self, key: bytes) -> bytes | None:
        """What is there, or something else."""
        found: bytes | None = await self._call("get", lambda: self.store.get(key), self._spoilt)
        return found

    async def put(self, key: bytes, value: bytes, *, ttl: float) -> None:
        """Keep a value, or a part of it."""
        spoilt = self._spoilt(value)
        await self._call("put", lambda: self.store.put(key, value, ttl=ttl), lambda _: None)
        if self.calls.nth == len(self.calls.made) - 1:
            await self.store.put(key, spoilt, ttl=ttl)

    async def append(self, key: bytes, value: bytes, *, most: int, ttl: float) -> None:
        """Add a value, or say so."""
        await self._call("append", lambda: self.store.append(key, value, most=most, ttl=ttl), lambda _: None)

    async def after(self, key: bytes, position: tuple[int, int], *, most: int) -> Any:
        """What is there, or something else."""
        ask = lambda: self.store.after(key, position, most=most)  # noqa: E731 - a call for later
        return await self._call("after", ask, lambda found: [(*each, b"?") for each in found or [(0, 0)]])

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()

    def _spoilt(self, value: bytes | None) -> bytes:
        return b"no such thing" if self.calls.mood == "lies" or not value else value[: len(value) // 2]

    async def _call(self, name: str, ask: Callable[[], Any], spoil: Callable[[Any], Any]) -> Any:
        is_struck = self.calls.nth == len(self.calls.made)
        self.calls.made.append(name)
        if not is_struck:
            return await ask()
        match self.calls.mood:
            case "fails":
                raise StoreError("x")
            case "breaks":
                raise RuntimeError("no store raises this")
            case "hangs":
                await asyncio.get_running_loop().create_future()
        return spoil(await ask())
