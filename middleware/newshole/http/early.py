"""The head of a page sent ahead of the rest, so that a browser starts on the page's own resources.

It goes where a page comes in pieces and the rest is not there in a moment, for it costs what only a whole
page can be told of: its length, its tag and date, and for how long it stays as it is. Blocks stand behind the
head, and so does their style.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from starlette.types import Message, Scope

from newshole.http.freshness import is_for_shared_caches
from newshole.http.gate import Address
from newshole.http.guard import Start
from newshole.http.headers import HeaderList
from newshole.page.head import HeadScan, may_be_composed

_BODY: Final = "http.response.body"


def may_go(scope: Scope, address: Address, head: Start, aside: HeaderList) -> bool:
    """Whether the head of a response that starts so may go ahead.

    What shared caches may keep goes out whole: they serve most readers, and could keep for a moment only
    what was sent ahead. So does what has no chunks (HTTP/1.0), a coded page, whose head is not to be had
    alone, and a page of an address whose pages are left alone, which loses nothing then.
    """
    return not (
        address.is_left
        or head.codings
        or scope.get("http_version") == "1.0"
        or is_for_shared_caches((*head.around, *aside))
    )


class EarlyHead:
    """The head of one page that is held; `sent` are the bytes of the page that went ahead."""

    __slots__ = ("scan", "seen", "sent")

    def __init__(self) -> None:
        self.scan = HeadScan()
        self.seen = 1
        self.sent = 0

    def read(self, held: list[Message], content_type: str) -> bytes:
        """The head of what is held behind its start; none where it is not there yet, or is to stay."""
        for part in held[self.seen :]:
            self.scan.feed(part.get("body", b""))
        self.seen = len(held)
        head = self.scan.head
        return head if head and may_be_composed(head, content_type) else b""


def behind(messages: Iterable[Message], sent: int) -> Iterator[Message]:
    """What is left to send of the messages of a body, `sent` bytes of which went ahead."""
    for message in messages:
        if not sent or message["type"] != _BODY:
            yield message
            continue
        part = message.get("body", b"")
        if sent < len(part) or not message.get("more_body", False):
            yield {**message, "body": part[sent:]}
        sent = max(sent - len(part), 0)
