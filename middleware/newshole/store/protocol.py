"""What a store is: bytes under bytes, for a while."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from newshole.errors import NewsholeError


class StoreError(NewsholeError):
    """A store that cannot be reached, or that fails; the message never holds an address or a secret."""


class StoreBusyError(StoreError):
    """A question that was not sent, for every connection was in use; it says nothing of the store."""


class StoreRefusedError(StoreError):
    """A store that is there and answers, but does not do this one thing."""


class StoreFullError(StoreRefusedError):
    """A store without room for what it was given, or that takes no writes for now."""


class Store(Protocol):
    """Bytes under keys; every method may raise StoreError, and may be cancelled."""

    async def get(self, key: bytes) -> bytes | None:
        """What was put under a key and is still there."""

    async def put(self, key: bytes, value: bytes, *, ttl: float) -> None:
        """Keep a value for `ttl` seconds at most."""

    async def close(self) -> None:
        """Let go of everything that is open; using the store again opens it again."""


class Archive(Store, Protocol):
    """A store that also keeps values for good, as the fields of names; nothing evicts or expires them.

    A field is written once. So whoever adds the next one to a name has come first, and knows it.
    """

    async def add(self, name: bytes, field: bytes, value: bytes) -> bool:
        """Keep a value where there is none yet; whether it was kept."""

    async def read(self, name: bytes, *fields: bytes) -> tuple[bytes | None, ...]:
        """What is kept in these fields, None for each that is free."""

    async def entries(self, name: bytes) -> dict[bytes, bytes]:
        """Every field of a name."""

    async def drop(self, name: bytes, field: bytes) -> None:
        """Free a field."""


@runtime_checkable
class Parted(Protocol):
    """A store on several servers, each of which fails alone."""

    def part(self, key: bytes) -> str:
        """The server that holds a key, by a name of its own; "" where it is not known yet."""
