"""Pages that are measured: a script in front of their blocks, and what it has to know.

Where a page is one reader's own, the server records here to what it exposes them, before the response ends,
and the page carries the id of this view. Where caches may keep it, its token is the same in every copy, and
the browser tells of each view; so it does for a page that was fetched ahead, once that is shown.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final, Protocol

from newshole.blocks import consent
from newshole.blocks.scripts import elements, script
from newshole.cache import Answer
from newshole.cache.kept import STATE, digest_of, until_of
from newshole.experiments.events.beacon import Sender, exposures
from newshole.experiments.events.row import Row
from newshole.experiments.events.token import Exposure, PageToken, day_of, end_of_day, seal
from newshole.exposing import Measured
from newshole.http.heads import Headers
from newshole.http.readers import read_bot, read_id, read_reader
from newshole.lasting import Lasting
from newshole.page.policy import meta_policies
from newshole.rules.consent import IN_BROWSER, PERSONAL, RESTRICTED, waits
from newshole.rules.ruleset import Rules
from newshole.rules.telling import Telling
from newshole.site import Site
from newshole.store.lru import Lru

log = logging.getLogger("newshole")

PATH: Final = "/_newshole/events"
"""Where browsers send events."""

SCRIPT: Final = "events.js"
FAULT: Final = "measure-fault"
"""What a page that could not be measured is counted as, beside what becomes of it."""

LONGEST_PAGE: Final = 1500
"""Characters of the longest address that is measured; a row has to fit into a line."""

_LONGEST_WORDS: Final = 200
_MOST_MADE: Final = 1024
_MADE_ROOM: Final = 32 * 1024 * 1024
_VIEW_ID: Final = 12
_HERE: Final = "\0"
_AHEAD: Final = (b"sec-purpose", b"purpose", b"x-moz")


class Recorder(Protocol):
    """Keeps rows."""

    def record(self, rows: Iterable[Row]) -> None:
        """Keep rows now; never raises."""

    def now(self) -> float:
        """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """What all measured pages of one site have in common: the `secret` that signs their tokens, the `path`
    that events are sent to, and who records; `counts` has what fails."""

    site: Site
    secret: bytes
    path: str
    recorder: Recorder
    counts: Counter[str]
    told: dict[int, Telling] = field(default_factory=dict)
    asking: dict[int, bool] = field(default_factory=dict)
    made: Lru[int, tuple[Answer, int, Answer]] = field(default_factory=lambda: Lru(_MOST_MADE, _MADE_ROOM))
    scripts: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Tells pages that are measured so from those that are measured otherwise, or not."""
        parts = (self.path.encode(), script(SCRIPT).encode(), hashlib.sha256(self.secret).digest())
        return hashlib.blake2b(b"\n".join(parts), digest_size=4).hexdigest()

    def at(self, url: str, telling: Telling) -> Measure | None:
        """How the views of an address are measured; None where its rules do not have that done, or where
        it is too long."""
        rules, page = self.site.rules_for(url), url.partition("?")[0]
        if rules is None or not rules.is_measured or len(page) > LONGEST_PAGE:
            return None
        return Measure(self, rules, page, is_private=telling.is_private)

    def script(self, rules: Rules) -> tuple[bytes, bytes]:
        """The script, with the one in front that it asks for the reader's consent, in two parts: what it has
        to know of a page goes between."""
        if id(rules) not in self.scripts:
            names, marks = [SCRIPT], "" if self.path == PATH else f' data-nh-to="{escape(self.path)}"'
            if asks_consent(rules) and not rules.consent.is_served:
                names, marks = [SCRIPT, consent.SCRIPT], f"{marks} data-nh-wait"
            attributes = {SCRIPT: f"{_HERE}{marks}", consent.SCRIPT: consent.attributes(rules.consent)}
            before, _, behind = elements(names, attributes).partition(_HERE)
            self.scripts[id(rules)] = before.encode("ascii"), behind.encode("ascii")
        return self.scripts[id(rules)]

    def sender(self, rules: Rules, headers: Headers) -> Sender:
        """Who a request is from, as far as events are told of readers."""
        reader, ms = read_id(headers, self._telling(rules)), int(self.recorder.now() * 1000)
        if reader is None:
            return Sender(ms)
        return Sender(
            ms, sealed(reader, self.secret), rules.holdout is not None and rules.holdout.holds(reader)
        )

    def agrees(self, rules: Rules, headers: Headers) -> bool:
        """Whether the reader's word lets them be measured; where the browser knows it, it has asked there."""
        if not rules.consent.is_served:
            return True
        if id(rules) not in self.asking:
            self.asking[id(rules)] = asks_consent(rules)
        if not self.asking[id(rules)]:
            return True
        return read_reader(headers, b"", self._telling(rules)).consent in (PERSONAL, RESTRICTED)

    def _telling(self, rules: Rules) -> Telling:
        """What tells the id and the consent of a reader, whatever the conditions of the rules look at."""
        found = self.told.get(id(rules))
        if found is None:
            facts = frozenset(("id", "consent", "country"))
            found = replace(rules.telling, conditions=(), facts=facts, is_private=True, known={})
            self.told[id(rules)] = found
        return found


def sealed(reader: str, secret: bytes) -> str:
    """The id of a reader as rows have it: always the same, and not to be turned back without the secret."""
    key = hashlib.sha256(secret).digest()
    return hashlib.blake2b(reader.encode("utf-8", "surrogatepass"), key=key, digest_size=12).hexdigest()


def asks_consent(rules: Rules) -> bool:
    """Whether readers of a site are asked for consent, as far as its rules tell."""
    variants = (rules, *(rules.under((n,)) for n in range(len(rules.overrides))))
    return rules.consent != IN_BROWSER or any(
        waits(block.options) for under in variants for block in under.blocks
    )


def is_ahead(headers: Headers) -> bool:
    """Whether a browser asks for a page that nobody wants to see yet."""
    return any(b"prefetch" in headers.get(name, b"").lower() for name in _AHEAD)


class Measure:
    """How the views of one address are measured: `is_private` says that the server counts them."""

    __slots__ = ("is_private", "measuring", "page", "rules", "script", "units")

    def __init__(self, measuring: Measuring, rules: Rules, page: str, is_private: bool) -> None:
        self.measuring, self.rules, self.page, self.is_private = measuring, rules, page, is_private
        self.units = {each.name: each.unit for each in rules.experiments}
        self.script = measuring.script(rules)

    def marked(self, answer: Answer, headers: Headers, *, is_watched: bool = False) -> Answer:
        """A page with its script, its view recorded where the server counts it; any other answer as it is.

        A page into which the reader's arm puts nothing has the script alone, where another arm has its first
        block. `is_watched` says that an operator looks, whose views are not measured. Never raises.
        """
        page = answer.seen.page
        if page is None or not page.has_script or is_watched:
            return answer
        if answer.untouched is not None and (not answer.seen.exposures or page.at is None):
            return answer
        try:
            return self._marked(answer, page, headers)
        except Exception:
            log.exception("%s at %s", FAULT, self.page)
            self.measuring.counts[FAULT] += 1
            return answer

    def _marked(self, answer: Answer, page: Measured, headers: Headers) -> Answer:
        now = self.measuring.recorder.now()
        is_counted = self.is_private and answer.seen.exposures and not is_ahead(headers)
        if not is_counted or read_bot(headers) or not self.measuring.agrees(self.rules, headers):
            return self._shared(answer, page, now)
        token = self._token(answer, page, now, view=os.urandom(_VIEW_ID).hex())
        sender = self.measuring.sender(self.rules, headers)
        self.measuring.recorder.record(exposures(token, token.view, sender))
        return self._with_script(answer, page, now, token)._replace(digest="")

    def _shared(self, answer: Answer, page: Measured, now: float) -> Answer:
        """A page that many may get, made once a day for as long as it is the same."""
        made, day = self.measuring.made, day_of(self.page, now)
        known = made.get(id(answer))
        if known is not None and known[0] is answer and known[1] == day:
            return known[2]
        marked = self._with_script(answer, page, now, self._token(answer, page, now))
        made.put(id(answer), (answer, day, marked), len(answer.html) + len(marked.html))
        return marked

    def _with_script(self, answer: Answer, page: Measured, now: float, token: PageToken) -> Answer:
        """A page with its script, and what holds of it then."""
        if answer.untouched is not None and page.at is not None:
            policies = meta_policies(answer.html, page.at)
            answer = answer._replace(untouched=None, at=page.at, policies=policies)
        at, digest = answer.at, answer.digest
        told = seal(token, self.measuring.secret)
        marks = f' data-nh-token="{told}"' + (f' data-nh-view="{token.view}"' if token.view else "")
        html = b"".join([answer.html[:at], self.script[0], marks.encode(), self.script[1], answer.html[at:]])
        lasts = self._lasting(answer.lasting, now)
        if digest:
            digest = digest_of(digest[:STATE], min(until_of(digest), lasts.until))
        return answer._replace(html=html, lasting=lasts, digest=digest)

    def _lasting(self, lasts: Lasting, now: float) -> Lasting:
        """How long the page is the same: until its token is another."""
        end = end_of_day(self.page, now)
        return Lasting(min(lasts.until, end), min(lasts.fresh, end))

    def _token(self, answer: Answer, page: Measured, now: float, *, view: str = "") -> PageToken:
        seen = answer.seen
        return PageToken(
            self.page,
            self.rules.digest,
            day_of(self.page, now),
            tuple(
                Exposure(name, arm, self.units[name], seen.instead.get(name, "")[:_LONGEST_WORDS])
                for name, arm in seen.exposures.items()
            ),
            page.section[:_LONGEST_WORDS],
            page.device,
            page.density,
            Counter(answer.blocks),
            view,
        )
