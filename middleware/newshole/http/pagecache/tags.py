"""What a page may be purged by: its address, and the tags that the site gives it."""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import quote, urlsplit

from newshole.http.heads import Headers
from newshole.rules.globs import rootless

MOST_TAGS: Final = 512
"""Tags of one response; one with more is not kept, for it could not be purged by all of them."""

WIDTH: Final = 11
"""Bytes of a mark."""

EVERYTHING: Final = b"*" + bytes(WIDTH - 1)
"""The mark of all pages."""

_AS_IS: Final = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"

_SPLIT = re.compile(rb"[\s,]+")


def read_tags(headers: Headers) -> tuple[bytes, ...]:
    """The marks of a response's tags: `Surrogate-Key` parts them by spaces, `Cache-Tag` by commas."""
    spaced = headers.get(b"surrogate-key", b"")
    if not spaced and b"cache-tag" not in headers:
        return ()
    tags = {*_SPLIT.split(spaced), *(each.strip() for each in headers.get(b"cache-tag", b"").split(b","))}
    return tuple(sorted(tag_mark(each) for each in tags - {b""}))


def tag_mark(tag: bytes) -> bytes:
    """The mark of a tag, whose case does not count."""
    return b"t" + _digest(tag.strip().lower())


def url_mark(url: str) -> bytes:
    """The mark of an absolute address. Its scheme and its fragment do not count: a front may end TLS.

    Raises ValueError for what is no address.
    """
    split = urlsplit(url)
    if not split.netloc:
        raise ValueError(f"not an absolute address: {url!r}")
    host = plain_host(split.netloc)
    target = (split.path or "/") + (f"?{split.query}" if split.query else "")
    return b"u" + _digest(f"{host}{quote(target, safe=_AS_IS)}".encode())


def plain_host(host: str) -> str:
    """A host as it is compared: in small letters, without a port that its scheme has anyway."""
    return rootless(host.lower()).removesuffix(":80").removesuffix(":443")


def _digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=WIDTH - 1).digest()
