"""What a feed tells of one story, made plain: text without markup, whole addresses, moments with a zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from lxml import etree

from newshole.errors import NewsholeError
from newshole.library.address import TRACKING
from newshole.library.entry import LONGEST_URL

LONGEST_TEXT: Final = 50_000
"""Letters of a text with markup that are read."""

_BLOCKS: Final = "p li blockquote h1 h2 h3 h4 h5 h6 div td figcaption".split()
_UNSEEN: Final = ("script", "style", "template")
_MAIL = re.compile(r"(?:[A-Za-z]{3,9},? )?[0-9]{1,2}[ -][A-Za-z]{3,9}[ -][0-9]{2,4} [0-9]")
_STAMP = re.compile(r"-?[0-9]{9,13}")
_FORMS: Final = (
    "%Y-%m-%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M",
    "%b %d, %Y %I:%M %p",
    "%B %d, %Y",
    "%a, %d %b %Y",
    "%d %B %Y",
    "%Y-%m",
)
"""Dates that are neither of ISO 8601 nor of e-mail, as feeds have them."""

_MILLISECONDS: Final = 100_000_000_000
"""A number of seconds would be in the year 5138."""

_PLAYABLE: Final = ("video/mp4", "video/webm", "video/ogg")
_PLAYABLE_NAMES: Final = (".mp4", ".m4v", ".webm", ".ogv")

_SAFE: Final = "/%:@!$&'()*+,;=~?-._"


class FeedError(NewsholeError):
    """A feed, of stories or of weather, that cannot be read, in words that hold nothing of its address."""


@dataclass(frozen=True, slots=True)
class FeedStory:
    """One story as a feed tells of it.

    `url` and `image` are absolute, `image` "" where there is none; `published` is aware or None. `text` has
    the paragraphs of the story where the feed has them. `video` is a file that browsers play, and `credit`
    whom the feed names for it.
    """

    url: str
    title: str
    published: datetime | None = None
    section: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""
    language: str = ""
    text: tuple[str, ...] = ()
    video: str = ""
    credit: str = ""


def plain(written: str) -> str:
    """A text without markup and character references, its white space folded."""
    if "<" not in written and "&" not in written:
        return " ".join(written.split())
    root = _parsed(written)
    return "" if root is None else " ".join("".join(_seen(root)).split())


def paragraphs(markup: str) -> tuple[str, ...]:
    """The paragraphs of a text with markup."""
    root = _parsed(markup)
    if root is None:
        return ()
    blocks = [each for each in root.iter(*_BLOCKS) if next(each.iterchildren(*_BLOCKS), None) is None]
    texts = (" ".join("".join(_seen(each)).split()) for each in blocks or [root])
    return tuple(filter(None, texts))


def _parsed(markup: str) -> etree._Element | None:
    """The tree of a piece of HTML; None where there is nothing in it."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    written = f"<div>{markup[:LONGEST_TEXT]}</div>".encode("utf-8", "replace")
    try:
        return etree.fromstring(written, parser)
    except (etree.LxmlError, ValueError):
        return None


def _seen(root: etree._Element) -> Iterator[str]:
    """The text of an element that a reader would see; a line break is a space."""
    for event, each in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        is_seen = isinstance(each.tag, str) and each.tag not in _UNSEEN
        if event == "start" and is_seen:
            yield f" {each.text or ''}" if each.tag == "br" else each.text or ""
        if event != "start" and each is not root:
            yield each.tail or ""


def moment(written: str, zone: tzinfo = UTC) -> datetime | None:
    """When that is, in any of the forms that feeds have; None where it cannot be told.

    A time without a zone is one in `zone`.
    """
    text = " ".join(written.split())[:64]
    found = _number(text) if _STAMP.fullmatch(text) else next(_readings(text), None)
    if found is None:
        return None
    try:
        aware = found if found.tzinfo else found.replace(tzinfo=UTC if text.endswith("-0000") else zone)
        return aware.astimezone(aware.tzinfo) if aware.utcoffset() is not None else None
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> datetime | None:
    number = int(text)
    try:
        return datetime.fromtimestamp(number / 1000 if abs(number) > _MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _readings(text: str) -> Iterator[datetime]:
    with suppress(ValueError):
        yield datetime.fromisoformat(text)
    # Only of what looks like one, for else it passes over what it does not understand, such as "PM".
    if _MAIL.match(text):
        with suppress(ValueError, OverflowError, TypeError, IndexError):
            yield parsedate_to_datetime(text)
    for form in _FORMS:
        with suppress(ValueError):
            yield datetime.strptime(text, form)  # noqa: DTZ007 - `moment` puts the zone in


def absolute(written: str, base: str) -> str:
    """An address read against another one; "" where that is no address of the web."""
    try:
        parts = urlsplit(urljoin(base, written.strip()))
        is_whole = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        return ""
    address = quote(parts.geturl(), safe=f"{_SAFE}#[]")
    return address if is_whole and len(address) <= LONGEST_URL else ""


def story_address(written: str, base: str) -> str:
    """The address of a story, without its fragment and what only tells where its readers come from."""
    whole = absolute(written, base)
    parts = urlsplit(whole)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in asked if not pair[0].lower().startswith(TRACKING)]
    query = parts.query if len(kept) == len(asked) else urlencode(kept)
    return parts._replace(query=query, fragment="").geturl()


def is_playable(kind: str, address: str) -> bool:
    """Whether a file is a video that browsers play, by its media type, or else by its name."""
    essence = kind.partition(";")[0].strip().lower()
    if essence:
        return essence in _PLAYABLE
    return address.partition("?")[0].lower().endswith(_PLAYABLE_NAMES)


def unique(words: Iterable[str]) -> tuple[str, ...]:
    """Words made plain, each once, as first written."""
    found: dict[str, str] = {}
    for word in filter(None, map(plain, words)):
        found.setdefault(word.casefold(), word)
    return tuple(found.values())
