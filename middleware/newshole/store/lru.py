"""A bounded memory that forgets what was not used for longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Lru(Generic[Key, Value]):
    """At most `most` entries, and at most `room` bytes by the sizes that they are put with."""

    __slots__ = ("_entries", "_sizes", "most", "peek", "room", "size")

    def __init__(self, most: int, room: int) -> None:
        self.most, self.room = most, room
        self.size = 0
        self._entries: OrderedDict[Key, Value] = OrderedDict()
        self._sizes: dict[Key, int] = {}
        # The dictionary's own method, for those that look here on every request.
        self.peek: Callable[[Key], Value | None] = self._entries.get
        """The value of a key, which does not count as used by this."""

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> Iterator[tuple[Key, Value]]:
        """Every key with its value, what was not used for longest first."""
        return iter(self._entries.items())

    def get(self, key: Key) -> Value | None:
        """The value of a key, which counts as used now."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: Key, value: Value, size: int) -> None:
        """Keep a value of `size` bytes, in the place of what the key had; one over all room is not kept."""
        self.drop(key)
        if size > self.room:
            return
        self._entries[key], self._sizes[key] = value, size
        self.size += size
        while self.size > self.room or len(self._entries) > self.most:
            self.drop(next(iter(self._entries)))

    def drop(self, key: Key) -> None:
        """Forget a key, if it is there."""
        if self._entries.pop(key, None) is not None:
            self.size -= self._sizes.pop(key)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._sizes.clear()
        self.size = 0
