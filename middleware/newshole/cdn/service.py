"""What is asked of a cache in front, and the calls that ask it: no I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from newshole.errors import UsageError

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Purge:
    """What to purge: pages by tags, by addresses, or everything; `is_soft` keeps it as stale where the cache
    can."""

    tags: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    is_everything: bool = False
    is_soft: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to a cache; `url` goes out as it is written, for it may name a page. `headers` hold
    secrets."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = b""


class Service(Protocol):
    """A cache in front that can be purged."""

    @property
    def name(self) -> str:
        """Its address, without a secret."""

    def calls(self, asked: Purge, now: float) -> tuple[Call, ...]:
        """The calls that purge, `now` in seconds since 1970."""

    def refusal(self, body: bytes) -> str | None:
        """Why an answer with status 200 is a refusal all the same; None where it is none."""


def purge_of(
    *, tags: Iterable[str] = (), urls: Iterable[str] = (), everything: bool = False, soft: bool = False
) -> Purge:
    """What to purge, each once. Raises UsageError, in one line, where a tag or an address is none, or where
    there is nothing."""
    pages = dict.fromkeys(url.partition("#")[0] for url in urls)
    asked = Purge(tuple(dict.fromkeys(tags)), tuple(pages), everything, soft)
    wrong = [repr(tag) for tag in asked.tags if not _is_tag(tag)]
    wrong += [url for url in asked.urls if not is_address(url)]
    if wrong:
        raise UsageError(
            f"cannot purge {', '.join(wrong)}: a tag is printable ASCII without spaces and commas, an "
            "address is whole, such as https://news.example/world/story"
        )
    if not (asked.tags or asked.urls or everything):
        raise UsageError("there is nothing to purge: name tags or addresses, or everything")
    return asked


def batches(items: Iterable[_T], most: int) -> Iterator[tuple[_T, ...]]:
    """The items in their order, `most` at a time."""
    batch: list[_T] = []
    for item in items:
        batch.append(item)
        if len(batch) == most:
            yield tuple(batch)
            batch = []
    if batch:
        yield tuple(batch)


def _is_tag(tag: str) -> bool:
    return tag.isascii() and tag.isprintable() and tag != "" and not set(" ,") & set(tag) and len(tag) <= 1024


def is_address(url: str) -> bool:
    """Whether a URL names a page whole, in the letters that a request has."""
    if not (url.isascii() and url.isprintable()) or " " in url:
        return False
    try:
        split = urlsplit(url)
    except ValueError:
        return False
    return split.scheme in ("http", "https") and bool(split.hostname) and "@" not in split.netloc
