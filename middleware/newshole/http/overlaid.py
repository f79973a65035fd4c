"""The page that an overlay's link opens: composed as for any reader, marked, and for nobody else.

It is planned by the site of the same gate, and nothing of it counts: no plan is kept, no view is measured, no
story is learned. What the link's holder may see of the page is theirs already: their own cookies go along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple, Self

from starlette.types import Message, Scope, Send

from newshole.cache.threads import coders, planners
from newshole.explaining.overlay import UNREAD, overlaid, overlay_record, script_of
from newshole.explaining.page import Page
from newshole.http import guard
from newshole.http.codings import decode
from newshole.http.gate import Address, Gate, as_bytes
from newshole.http.headers import DROPPED, HEADERS_FAULT, HeaderList, uncompressed
from newshole.http.heads import Headers
from newshole.http.operators import unshared
from newshole.http.policies import REPORTED, letting_run, read_policies, with_nonce
from newshole.http.responder import Responder
from newshole.http.validators import CONDITIONS
from newshole.page.encoding import page_charset
from newshole.page.policy import meta_policies
from newshole.site import Composition
from newshole.types import Insertion, Reader

_NOT_TOLD: Final = DROPPED | {
    b"content-type", b"content-encoding", b"referrer-policy", b"transfer-encoding", b"x-robots-tag", REPORTED,
}  # fmt: skip
"""Response headers that are said otherwise of the page, or not at all."""


class Drawn(NamedTuple):
    """A page with the overlay, and the script that draws it, empty where none can be put into the page."""

    html: bytes
    script: bytes = b""


class OverlayResponder(Responder):
    """The `send` of a request by a link to the overlay."""

    __slots__ = ()

    def __init__(self, scope: Scope, headers: Headers, address: Address, send: Send, gate: Gate) -> None:
        super().__init__(_asked(scope), headers, address, send, gate)

    def with_arms(self, arms: Mapping[str, str]) -> Self:
        """The same, for a reader in these arms of experiments."""
        self.forced = arms
        return self

    @property
    def tells_all(self) -> bool:
        return True

    def begin(self, message: Message) -> str | None:
        refusal = super().begin(message)
        # That pages are switched off is told on the page.
        return None if refusal == guard.SWITCHED_OFF and not self.address.is_head else refusal

    def note_off(self, start: Message) -> None:
        """Nothing of a link is kept."""

    def recall(self) -> str | None:
        return None

    async def compose(self) -> str:
        """The page, marked."""
        body, reader = await self.whole_page(), self.read_reader()
        drawn = await planners().run(partial(self.drawn, body, reader))
        self.stage = HEADERS_FAULT
        start = {**self.held[0], "headers": self.told(body, drawn)}
        self.held = [start, {"type": "http.response.body", "body": drawn.html, "more_body": False}]
        return guard.OVERLAY

    async def whole_page(self) -> bytes:
        """The page, decoded. Raises CodingError."""
        body, codings = b"".join([part.get("body", b"") for part in self.held[1:]]), self.head.codings
        if not codings:
            return body
        return await coders().run(partial(decode, body, codings, most=self.gate.limits.page))

    def drawn(self, body: bytes, reader: Reader) -> Drawn:
        """The page with its blocks, and marked; as it came where nothing can be put into it."""
        address, head, site = self.address, self.head, self.gate.site
        composition = site.compose(
            body,
            url=address.url,
            content_type=head.content_type,
            reader=reader,
            words=address.promises.words(head, self.aside),
        )
        if composition.untouched in UNREAD:
            return Drawn(body)
        page = Page(address.url, body, address.url, head.content_type)
        script = script_of(overlay_record(page, reader.device, composition))
        return Drawn(overlaid(page, composition, self.dressed(body, composition), script), script)

    def dressed(self, body: bytes, composition: Composition) -> tuple[Insertion, ...]:
        """What is put into the page, as the policies of this response let it apply."""
        insertions = composition.insertions
        if not insertions:
            return ()
        first = insertions[0]
        policies = read_policies(self.aside, meta_policies(body, first.offset))
        if not policies:
            return insertions
        return (replace(first, html=with_nonce(first.html, 0, policies).html), *insertions[1:])

    def told(self, body: bytes, drawn: Drawn) -> HeaderList:
        """The headers of a page that came as `body`."""
        kept = [pair for pair in self.held[0]["headers"] if pair[0].lower() not in _NOT_TOLD]
        around = letting_run(unshared(kept), drawn.script)
        charset = page_charset(body, self.head.content_type)
        return [
            *around,
            (b"content-type", f"text/html; charset={charset}".encode()),
            (b"referrer-policy", b"same-origin"),
            (b"x-robots-tag", b"noindex"),
            (b"content-length", b"%d" % len(drawn.html)),
        ]

    def let_go(self, reason: str) -> list[Message]:
        """What is held; whatever it is, it is kept nowhere."""
        held = super().let_go(reason)
        if held and held[0]["type"] == "http.response.start":
            held[0]["headers"] = unshared(held[0].get("headers", ()))
        return held


def _asked(scope: Scope) -> Scope:
    """The request for all of the page, as plain as it can be had."""
    headers = [pair for pair in scope["headers"] if pair[0].lower() not in CONDITIONS]
    asked = {**scope, "headers": uncompressed(headers)}
    return as_bytes(asked) if "extensions" in asked else asked
