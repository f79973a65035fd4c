"""A seal on what workers take from Redis or from disk and act on.

A value is

    magic, 4 bytes · checksum, 32 · the document

The checksum is of the place that the value is for and of the document, keyed with the operators' secret
where there is one: then nobody without it can publish rules or throw switches, nor put what was said once
into another place. Without one it only tells what was damaged.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

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


def _checksum(document: bytes, place: bytes, secret: bytes) -> bytes:
    # A key of BLAKE2b has 64 bytes at most; a secret may be longer.
    key = hashlib.blake2b(secret, digest_size=64).digest() if secret else b""
    digest = hashlib.blake2b(b"%d:" % len(place) + place, digest_size=_SIZE, key=key)
    digest.update(document)
    return digest.digest()
