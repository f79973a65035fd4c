"""A bounded memory that forgets what was not used for longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Lru(Generic[Key, Value]):
    """At most `most` entries, and at most `room` bytes by the sizes that they are put with."""

    __slots__ = ("_entries", "most", "room", "size")

    def __init__(self, most: int, room: int) -> None:
        self.most, self.room = most, room
        self.size = 0
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> Iterator[tuple[Key, Value]]:
        """Every key with its value, what was not used for longest first."""
        return ((key, value) for key, (value, _) in self._entries.items())

    def get(self, key: Key) -> Value | None:
        """The value of a key, which counts as used now."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: Key, value: Value, size: int) -> None:
        """Keep a value of `size` bytes, in the place of what the key had; one over all room is not kept."""
        self.drop(key)
        if size > self.room:
            return
        self._entries[key] = (value, size)
        self.size += size
        while self.size > self.room or len(self._entries) > self.most:
            _, (_, freed) = self._entries.popitem(last=False)
            self.size -= freed

    def drop(self, key: Key) -> None:
        """Forget a key, if it is there."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry[1]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.size = 0
