"""Where a unit falls: a number from 0 up to 1 that its id and a salt decide, and nothing else does.

So every worker, in any language and year, says the same of a reader, and none has to remember it. Any blake2b
of eight bytes over the salt, a line feed and the id, both in UTF-8, read as a number with the highest byte
first and cut to its first 53 bits, gives `share`.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

_UNIT: Final = 2.0**-53
_OFFSET_BASIS: Final = 0x811C9DC5
_PRIME: Final = 0x01000193


def share(salt: str, unit: str) -> float:
    """The place of a unit under a salt, which holds no line feed: evenly spread over [0, 1)."""
    digest = blake2b(f"{salt}\n{unit}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    # A float holds 53 bits exactly; with all 64 the greatest would be rounded up to 1.
    return (int.from_bytes(digest) >> 11) * _UNIT


def growthbook_share(seed: str, unit: str) -> float:
    """The place of a unit as GrowthBook's SDKs have it in version 2 of their hash: one of 10,000."""
    return _fnv1a(str(_fnv1a(seed + unit))) % 10_000 / 10_000


def growthbook_namespace_share(namespace: str, unit: str) -> float:
    """The place of a unit in a GrowthBook namespace, one of 1,000: their SDKs keep version 1 of the hash for
    these alone. Two experiments must not be told apart by it: under similar names it puts the same readers
    into the same arms."""
    return _fnv1a(f"{unit}__{namespace}") % 1_000 / 1_000


def _fnv1a(text: str) -> int:
    """FNV-1a of 32 bits."""
    value = _OFFSET_BASIS
    for byte in text.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * _PRIME & 0xFFFFFFFF
    return value
