"""A seal on what workers take from Redis or from disk and act on: rules, switches, plans, pages, sessions.

A value is

    magic, 4 bytes · checksum, 32 · the document

The checksum is of the place that the value is for and of the document, keyed with the operators' secret
where there is one: then nobody without it can publish rules or throw switches, nor put what was said once
into another place. Without one it only tells what was damaged. A place says what it is for and, where the
document may come in another form one day, in which form it is.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

MAGIC: Final = b"nhl\x01"

_SIZE: Final = 32


def sealed(document: bytes, place: bytes, secret: bytes) -> bytes:
    """The value for a place."""
    return MAGIC + _checksum(document, place, secret) + document


def unsealed(value: bytes | None, place: bytes, secret: bytes) -> bytes | None:
    """The document of a value that was sealed for this place with this secret; None for all else."""
    if value is None or not value.startswith(MAGIC):
        return None
    head = len(MAGIC) + _SIZE
    document = value[head:]
    is_right = hmac.compare_digest(value[len(MAGIC) : head], _checksum(document, place, secret))
    return document if is_right else None


class Sealing(Generic[T]):
    """Records of a type, sealed as JSON."""

    def __init__(self, form: Any) -> None:  # noqa: ANN401 - a type, or an annotation as pydantic reads it
        self.form = form

    @cached_property
    def adapter(self) -> TypeAdapter[T]:
        """Made when it is first needed, which is after the start."""
        return TypeAdapter(self.form)

    def seal(self, record: T, place: bytes, secret: bytes) -> bytes:
        """The value of a record for a place."""
        return sealed(self.adapter.dump_json(record), place, secret)

    def unseal(self, value: bytes | None, place: bytes, secret: bytes) -> T | None:
        """The record of a value that was sealed for this place with this secret; None for all else."""
        document = unsealed(value, place, secret)
        try:
            return None if document is None else self.adapter.validate_json(document, strict=True)
        except ValidationError:
            return None


def _checksum(document: bytes, place: bytes, secret: bytes) -> bytes:
    # A key of BLAKE2b has 64 bytes at most; a secret may be longer.
    key = hashlib.blake2b(secret, digest_size=64).digest() if secret else b""
    digest = hashlib.blake2b(b"%d:" % len(place) + place, digest_size=_SIZE, key=key)
    digest.update(document)
    return digest.digest()
