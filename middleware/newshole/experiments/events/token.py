"""What a page carries so that its events can be believed: a token, signed, and good for some days.

    base64url(JSON).base64url(HMAC-SHA256, its first 16 bytes)

It is the same for all who get the same copy of a page on the same day, so a shared cache may keep it. Each
address begins its days at a moment of its own, for else all copies of a site would change at midnight.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from newshole.errors import NewsholeError

DAYS: Final = 7
"""Days after its own on which a token holds still: pages wait in caches, and in tabs."""

LONGEST: Final = 4096
"""Characters of the longest token that is read."""

DAY: Final = 86_400
_SIGNATURE: Final = 16
_PURPOSE: Final = b"newshole page "
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class Exposure(NamedTuple):
    """The arm of an experiment that a page shows; `unit` is what that assigns ("visitor", "edge" or "page"),
    `instead` says what other arms would have shown."""

    experiment: str
    arm: str
    unit: str
    instead: str


@dataclass(frozen=True, slots=True)
class PageToken:
    """What events are told of by the page itself: its address, without the query, the digest of its rules,
    the `day` it was made on, and how many copies of which blocks it has.

    `view` is the id of this showing where the server made one, and has recorded its exposures.
    """

    page: str
    rules: str
    day: int
    exposures: tuple[Exposure, ...] = ()
    section: str = ""
    device: str = ""
    density: float = 0.0
    blocks: Mapping[str, int] = field(default_factory=dict)
    view: str = ""


class TokenError(NewsholeError):
    """A token that does not hold; `reason` is "forged" or "expired"."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the token of a page is {reason}")
        self.reason = reason


def day_of(page: str, now: float) -> int:
    """The number of the day that it is at an address, `now` in seconds since 1970."""
    return int(now + _delay(page)) // DAY


def end_of_day(page: str, now: float) -> float:
    """When that day ends, in seconds since 1970."""
    return float((day_of(page, now) + 1) * DAY - _delay(page))


@lru_cache(maxsize=4096)
def _delay(page: str) -> int:
    digest = hashlib.blake2b(page.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big") % DAY


def seal(token: PageToken, key: bytes) -> str:
    """The token as a page carries it."""
    told = [getattr(token, name) for name in PageToken.__slots__]
    payload = _base64(_encode(told).encode("utf-8", "replace"))
    return f"{payload}.{_base64(_sign(payload, key))}"


def unseal(written: str, key: bytes, now: float) -> PageToken:
    """The token that a page carries. Raises TokenError for one that is not ours, or too old."""
    payload, _, signature = written.partition(".")
    if len(written) > LONGEST or not written.isascii():
        raise TokenError("forged")
    if not hmac.compare_digest(signature, _base64(_sign(payload, key))):
        raise TokenError("forged")
    token = _read(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    if not is_current(token, now):
        raise TokenError("expired")
    return token


def is_current(token: PageToken, now: float) -> bool:
    """Whether a token still holds, `now` in seconds since 1970."""
    return 0 <= day_of(token.page, now) - token.day <= DAYS


def _read(said: list[Any]) -> PageToken:
    page, rules, day, exposures, *others = said
    return PageToken(page, rules, day, tuple(Exposure(*each) for each in exposures), *others)


def _sign(payload: str, key: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + payload.encode("ascii"), "sha256")[:_SIGNATURE]


def _base64(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode("ascii")
