"""The tags by which caches in front purge pages: `Surrogate-Key` and `Cache-Tag`.

    nh-site-SITE        every HTML page of a site
    nh-rules-DIGEST     every one that went out under these rules
    nh-block-ID         every page with this block in it
    nh-url-HASH         one page, whatever its scheme, port and query, and a slash at its end

All are small letters, digits, ".", "_" and "-", for caches part tags at spaces and commas, and some do not
tell small letters from capitals. Two things whose names come out the same share a tag: then more is purged
than was asked for, never less.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from newshole.errors import UsageError
from newshole.rules.globs import rootless
from newshole.rules.switches import plain_path

MOST_BYTES: Final = 8_000
"""The longest value of a header with tags: Varnish takes 8 KiB of a header, Fastly and Cloudflare 16 KiB."""

LONGEST_NAME: Final = 64
"""Letters of a name that go into its tag."""

_OTHER = re.compile(r"[^a-z0-9._-]+")
_SEPARATORS: Final = {b"surrogate-key": b" ", b"cache-tag": b","}


class TagHeader(NamedTuple):
    """A response header with tags, its name also in small letters, and what parts them."""

    name: bytes
    separator: bytes
    lower: bytes


def tag_headers(names: str | Iterable[str]) -> tuple[TagHeader, ...]:
    """The headers of these names: "Surrogate-Key" (Fastly, Varnish), "Cache-Tag" (Cloudflare) or both.

    Raises UsageError for any other.
    """
    listed = (names,) if isinstance(names, str) else tuple(names)
    wrong = [name for name in listed if name.lower().encode() not in _SEPARATORS]
    if wrong or not listed:
        raise UsageError(
            f"surrogate cannot be {', '.join(wrong) or 'empty'}: give Surrogate-Key, Cache-Tag or both"
        )
    written = (name.encode("ascii") for name in dict.fromkeys(listed))
    return tuple(TagHeader(name, _SEPARATORS[name.lower()], name.lower()) for name in written)


def site_tag(site: str) -> str:
    """The tag of every HTML page of a site, by its name in the rules."""
    return f"nh-site-{_slug(site)}"


def rules_tag(digest: str) -> str:
    """The tag of every HTML page that went out under rules of this digest."""
    return f"nh-rules-{digest[:12]}"


def block_tag(block: str) -> str:
    """The tag of every page with a block in it."""
    return f"nh-block-{_slug(block)}"


def url_tag(url: str) -> str:
    """The tag of a page's address: http and https, any port, and whatever follows its path are one page.

    Paths are the same where switches take them for the same, so what is switched off is what is purged.
    """
    split = urlsplit(url)
    page = f"{rootless(split.hostname or '')}{plain_path(split.path)}/"
    return f"nh-url-{hashlib.blake2b(page.encode(), digest_size=8).hexdigest()}"


def page_tags(*, site: str, rules: str, url: str, blocks: Iterable[str]) -> tuple[bytes, ...]:
    """The tags of one page; `rules` is the digest of its rules, `blocks` the ids of what is in it."""
    tags = [site_tag(site), url_tag(url), rules_tag(rules), *map(block_tag, blocks)]
    return tuple(tag.encode("ascii") for tag in dict.fromkeys(tags))


def tagged(
    headers: Iterable[tuple[bytes, bytes]], kinds: Iterable[TagHeader], tags: tuple[bytes, ...]
) -> list[tuple[bytes, bytes]]:
    """A response's headers with tags behind those that the site gave it, as many as there is room for."""
    found = list(headers)
    if not tags:
        return found
    names = {name.lower() for name, _ in found}
    for kind in kinds:
        own: tuple[bytes, ...] = ()
        if kind.lower in names:
            own = tuple(value for name, value in found if name.lower() == kind.lower)
            found = [pair for pair in found if pair[0].lower() != kind.lower]
        found.append((kind.name, _joined(own, tags, kind.separator)))
    return found


def untagged(headers: Iterable[tuple[bytes, bytes]], kinds: Iterable[TagHeader]) -> list[tuple[bytes, bytes]]:
    """A response's headers without tags."""
    names = {kind.lower for kind in kinds}
    return [pair for pair in headers if pair[0].lower() not in names]


@lru_cache(maxsize=4096)
def _joined(own: tuple[bytes, ...], tags: tuple[bytes, ...], separator: bytes) -> bytes:
    value = separator.join(own)
    present = set(value.replace(b",", b" ").split())
    for tag in tags:
        if tag not in present and len(value) + len(separator) + len(tag) <= MOST_BYTES:
            value = value + separator + tag if value else tag
    return value


def _slug(name: str) -> str:
    """A name in letters that every cache takes; one that loses letters gets a digest of all of them."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    slug = _OTHER.sub("-", plain.lower()).strip("-")[:LONGEST_NAME]
    if plain.isascii() and slug and len(plain) <= LONGEST_NAME:
        return slug
    digest = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{slug}-{digest}" if slug else digest
