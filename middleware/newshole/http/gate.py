"""The way into one site: what is known of an address when it is asked for again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from starlette.types import Message, Scope

from newshole.cache import PlanCache
from newshole.http import guard
from newshole.http.counting import Counting
from newshole.http.guard import Start
from newshole.http.headers import HeaderList, uncompressed
from newshole.http.heads import LONGEST, Headers, read_url
from newshole.http.learning import LibraryDesk
from newshole.http.measuring import Measure, Measuring
from newshole.http.operators import HEADER
from newshole.http.policies import has_nonce
from newshole.http.promises import Promises
from newshole.http.validators import CONDITIONS, Mapped, asked_headers, wants_document
from newshole.page.prescan import MAX_PAGE
from newshole.rules.telling import NOTHING_TOLD, Telling

if TYPE_CHECKING:
    from newshole.live.past.journal import Journal

MOST_ADDRESSES: Final = 4096
"""Addresses that are known at a time."""

MAX_HOLD: Final = 5.0
"""Seconds after its start that a page is held at most."""

FLUSH_AFTER: Final = 0.01
"""Seconds after the first part of a page for which the rest is waited for, before its head goes ahead."""

Head: TypeAlias = tuple[object, ...]
"""All that decides of a plain request: what `_HEAD` takes of its scope, its host, and what it is for."""

_HEAD: Callable[[Scope], Any] = itemgetter(
    "type", "method", "scheme", "path", "raw_path", "root_path", "query_string"
)
_DECIDING: Final = CONDITIONS | guard.FRAGMENTS | {HEADER}
"""Request headers that no plain request has."""

_OF_DOCUMENTS: Final = frozenset({b"accept", b"sec-fetch-dest"})
"""Those that tell a request for a document, which is not plain where documents are asked for uncompressed."""


_BY_FILE: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend"})
"""Extensions by which an app leaves it to its server to read a page."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where holding ends: bytes of the page, and seconds after its first part; `flush` are those after which
    its head goes ahead, None for never."""

    page: int = MAX_PAGE
    hold: float = MAX_HOLD
    flush: float | None = FLUSH_AFTER


@dataclass(slots=True)
class Opening:
    """How a response began: its `start` as it came, what that says, and those headers that do not matter.

    `words` are what newshole was told by it last, where the page behind it is finished for all alike.
    """

    start: Message
    head: Start
    aside: HeaderList
    words: str | None = None


@dataclass(slots=True)
class Address:
    """What a request asks for, whoever asks: `refusal` is why that is not ours, `telling` what tells readers.

    `promises` are its header rules, `mapped` the conditions of one request, None for one without any of ours.
    `opening` is how a response to such a request began last; `is_left` says that the last page of those in
    pieces was left alone. `measure` is how its views are measured, None where they are not.
    """

    url: str
    refusal: str | None
    telling: Telling
    query: bytes
    is_head: bool
    promises: Promises
    mapped: Mapped | None = None
    opening: Opening | None = None
    is_left: bool = False
    measure: Measure | None = None


class Gate:
    """What all requests have in common that one site answers: its plans, the limits, the counts, and the
    library that learns from them.

    With `uncompressed` the app is asked for documents without content codings. `measuring` says which views
    are measured, and how; None for none. `journal` keeps what readers get, where that is wanted. While a
    version is staged, `counting` counts pages, and `apart` says what tells the readers of an address, where
    it is staged by reader; `is_trial` then marks the gate of the staged version.
    """

    __slots__ = (
        "apart", "counting", "counts", "deciding", "is_trial", "journal", "library", "limits", "measuring",
        "met", "plans", "site", "uncompressed",
    )  # fmt: skip

    def __init__(
        self,
        plans: PlanCache,
        limits: Limits,
        counts: Counter[str],
        library: LibraryDesk,
        *,
        uncompressed: bool = False,
        measuring: Measuring | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.measuring, self.journal = measuring, journal
        self.is_trial = False
        self.counting: Counting | None = None
        self.apart: Callable[[str, Telling], Telling] | None = None
        self.plans, self.site, self.limits, self.counts = plans, plans.site, limits, counts
        self.library = library
        self.uncompressed = uncompressed
        self.deciding = _DECIDING | _OF_DOCUMENTS if uncompressed else _DECIDING
        self.met: dict[Head, Address] = {}

    def plain(self, scope: Scope, headers: Headers) -> Address | None:
        """The address of a plain request that was met before; None for any other request.

        A plain request is one without conditions, and without the marks of a script.
        """
        if not self.deciding.isdisjoint(headers):
            return None
        try:
            return self.met.get((_HEAD(scope), headers.get(b"host"), headers.get(b"sec-fetch-dest")))
        except (KeyError, TypeError):  # a server that leaves something out, or has it in types of its own
            return None

    def other(self, scope: Scope, headers: Headers) -> tuple[Scope, Address]:
        """What any request asks for, and its scope as the app should see it."""
        plans = self.plans
        url = read_url(scope, headers) if scope["type"] == "http" else None
        question = guard.Question(scope, headers, url, plans.may_compose, plans.takes_fragments)
        refusal = guard.refuse_request(question) if self.site.rules else guard.NO_RULES
        telling = plans.telling(url) if url is not None and refusal is None else NOTHING_TOLD
        if self.apart is not None and url is not None and refusal is None:
            telling = self.apart(url, telling)
        measure = None
        if self.measuring is not None and url is not None and refusal is None:
            measure = self.measuring.at(url, telling)
        address = Address(
            url or "",
            refusal,
            telling,
            query=scope.get("query_string", b""),
            is_head=scope.get("method") == "HEAD",
            promises=Promises(plans, url or "", telling, is_measured=measure is not None),
            measure=measure,
        )
        asked: tuple[HeaderList, Mapped | None] | None = None
        if refusal is None:
            asked = asked_headers(scope["headers"], headers, address.promises.validity(headers))
            if self.uncompressed and wants_document(headers):
                raw, mapped = asked or (scope["headers"], None)
                asked = uncompressed(raw), mapped
        if url is not None and asked is None and self.deciding.isdisjoint(headers):
            self._meet(scope, headers, address)
        if asked is None:
            return scope, address
        address.mapped = asked[1]
        return {**scope, "headers": asked[0]}, address

    def beside(self, counting: Counting, apart: Callable[[str, Telling], Telling] | None = None) -> Gate:
        """Another gate of the same site, with its plans, for as long as a version is staged."""
        gate = Gate(
            self.plans,
            self.limits,
            self.counts,
            self.library,
            uncompressed=self.uncompressed,
            measuring=self.measuring,
            journal=self.journal,
        )
        gate.counting, gate.apart = counting, apart
        return gate

    def is_for_one(self, address: Address, aside: HeaderList) -> bool:
        """Whether what is put into a response is for that one alone: a nonce, or the id of its view."""
        return has_nonce(aside) or (address.measure is not None and address.measure.is_private)

    def _meet(self, scope: Scope, headers: Headers, address: Address) -> None:
        """Keep what a plain request asks for, where its server tells all of it and it is not too long."""
        try:
            head = (_HEAD(scope), headers.get(b"host"), headers.get(b"sec-fetch-dest"))
            if sum(map(len, filter(None, (*head[0], *head[1:])))) > LONGEST:
                return
            while len(self.met) >= MOST_ADDRESSES:
                del self.met[next(iter(self.met))]
            self.met[head] = address
        except (KeyError, TypeError):
            return


def as_bytes(scope: Scope) -> Scope:
    """The scope for an app that should send a page as bytes, on a server that would read files for it."""
    extensions = scope["extensions"] or {}
    if _BY_FILE.isdisjoint(extensions):
        return scope
    left = {name: value for name, value in extensions.items() if name not in _BY_FILE}
    return {**scope, "extensions": left}
