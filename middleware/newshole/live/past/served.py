"""What readers of an address got at some moment, as the journal keeps it.

Nothing of it tells who they were: no id, no cookie, no header, and of the query of an address a digest alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from newshole.rules.globs import rootless
from newshole.types import Reader, Switch

Key: TypeAlias = tuple[str, str, "Circumstances", tuple[tuple[str, str], ...], bool, bool]
"""Whose page it was: its address and query, circumstances and arms, whether anybody saw it, and whether it
was of a version that is staged for some of the readers."""

DAY: Final = 86_400.0

_EQUAL: Final[dict[str, object]] = {"at": 0.0, "page": "", "is_kept": False}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What of a reader decides, as far as the rules look at it, and is not theirs alone; `device` is "" where
    they do not look at that."""

    device: str = ""
    consent: str = "none"
    country: str | None = None
    logged_in: bool = False
    bot: bool = False

    @classmethod
    def of(cls, reader: Reader, facts: Container[str]) -> Circumstances:
        """Those of a reader, of whom the rules look at these facts."""
        device = reader.device if "device" in facts else ""
        return cls(device, reader.consent, reader.country, reader.logged_in, reader.bot)


@dataclass(frozen=True, slots=True)
class Served:
    """A page as it was served from a moment on, in seconds since 1970.

    `address` is host and path, `query` the digest of what stood behind, "" for nothing. `rules` is the digest
    of the rules, `page` that of the site's own bytes, "" where these were not read; `is_kept` says whether
    they may be kept. `offsets` are those of `blocks` in them. `words` and `content_type` are what its
    response said. With `shadow` it is what readers would have got; `staged` says that it is of a version that
    only some of the readers of the address got.
    """

    at: float
    address: str
    query: str
    rules: str
    circumstances: Circumstances
    untouched: str | None = None
    blocks: tuple[str, ...] = ()
    offsets: tuple[int, ...] = ()
    arms: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    switches: tuple[Switch, ...] = ()
    content_type: str = "text/html"
    words: str = ""
    page: str = ""
    is_kept: bool = False
    shadow: bool = False
    staged: bool = False

    @property
    def key(self) -> Key:
        arms = tuple(sorted(self.arms.items()))
        return self.address, self.query, self.circumstances, arms, self.shadow, self.staged

    def tells_no_more_than(self, other: Served) -> bool:
        """Whether it is like another one, and brings no bytes that may be kept where that one had none."""
        return self.is_like(other) and (other.is_kept or not self.is_kept)

    def is_like(self, other: Served) -> bool:
        """Whether both are the same but for the moment and the site's own bytes."""
        return replace(self, **_EQUAL) == replace(other, **_EQUAL)  # type: ignore[arg-type]  # names of fields


def last_of_each(rows: Sequence[Served], device: str | None = None) -> Iterator[Served]:
    """Of rows, the newest first, the last one of each kind of reader, those on one `device` or any; those
    over a day older than the newest are left out. Where rules did not look at the device, a row counts for
    every one."""
    rows = [row for row in rows if device is None or row.circumstances.device in ("", device)]
    seen: set[Key] = set()
    for row in rows:
        if row.at <= rows[0].at - DAY:
            return
        own = replace(row.circumstances, device=device or row.circumstances.device)
        any_device = replace(row.circumstances, device="")
        keys = {replace(row, circumstances=each).key for each in (own, any_device)}
        if seen.isdisjoint(keys):
            yield row
        seen.add(replace(row, circumstances=own).key)


def address_of(url: str, secret: bytes = b"") -> tuple[str, str]:
    """The address that a page is kept under, and the digest of its query; ("", "") for what is no URL."""
    try:
        parts = urlsplit(url)
        host = rootless(parts.netloc.rpartition("@")[2].lower())
    except ValueError:
        return "", ""
    if not parts.query:
        return host + (parts.path or "/"), ""
    keyed = hashlib.blake2b(secret, digest_size=32).digest() if secret else b""
    digest = hashlib.blake2b(parts.query.encode("utf-8", "surrogatepass"), digest_size=12, key=keyed)
    return host + (parts.path or "/"), digest.hexdigest()


@cache
def _served() -> TypeAdapter[Served]:
    return TypeAdapter(Served)


def encode(served: Served) -> bytes:
    """A row as a JSON document."""
    return _served().dump_json(served, exclude_defaults=True)


def decode(document: bytes) -> Served | None:
    """The row of a JSON document; None for all else."""
    try:
        return _served().validate_json(document, strict=True)
    except ValidationError:
        return None
