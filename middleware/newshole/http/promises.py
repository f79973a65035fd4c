"""What responses of one address promise: the headers of pages that were composed or left alone, of answers to
HEAD, of 304, and of what went out raw because something failed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from newshole.cache import Answer, PlanCache
from newshole.cache.kept import until_of
from newshole.http.codings import Codings, read_codings
from newshole.http.freshness import SHORT, cut, has_moments, says_freshness, seconds_left
from newshole.http.guard import POLICY, Start
from newshole.http.headers import (
    HeaderList,
    briefly,
    is_for_one,
    unmodified_headers,
    until,
    varied,
    with_vary,
    without_body,
    without_words,
)
from newshole.http.heads import Headers, RawHeaders, read_headers
from newshole.http.policies import Nonced, cut_for, read_policies, tell_once, with_nonce, written_policies
from newshole.http.readers import read_who
from newshole.http.validators import SETTLED, Mapped, Validity, origin_tag, own_date, own_tag, rules_date
from newshole.lasting import NEVER, Lasting
from newshole.page.told import blocked
from newshole.rules.telling import Telling
from newshole.types import Facts

_NO_FACTS: Final = Facts()

MOST_FORMS: Final = 64
"""Forms of policies of one address for which it is kept what they keep out."""


class Promises:
    """The header rules of one address.

    `is_whole` says that only whole pages are composed there, `is_steady` that none changes by itself;
    `needed` is what its blocks need and policies may keep out.
    """

    __slots__ = (
        "_facts", "_is_one", "_kept_out", "is_steady", "is_whole", "needed", "plans", "telling", "url",
    )  # fmt: skip

    def __init__(self, plans: PlanCache, url: str, telling: Telling, *, is_measured: bool = False) -> None:
        self.plans, self.url, self.telling = plans, url, telling
        self.is_whole = not plans.takes_fragments(url)
        self.needed = plans.needed(url)
        # What measures a page is new every day.
        self.is_steady = plans.is_steady(url) and not is_measured
        self._kept_out: dict[tuple[bytes, bytes], str] = {}
        self._facts = _NO_FACTS
        self._is_one = self.is_steady and not telling.is_private

    @property
    def has_date(self) -> bool:
        """Whether a date tells one version of a page: no time, no fact and no cookie makes another."""
        facts = self.plans.site.facts
        if facts is not self._facts:
            is_one = self.is_steady and not self.telling.is_private
            self._facts = facts
            self._is_one = is_one and replace(facts, weather={}) == _NO_FACTS
        return self._is_one

    def words(self, head: Start, aside: HeaderList, nonced: Nonced | None = None) -> str:
        """What a response tells newshole, and what its policy keeps out that blocks need; that of one which
        is `nonced` is found out once."""
        if not self.needed or not aside:
            return head.words
        found = None if nonced is None else self._kept_out.get(nonced.form)
        if found is None:
            found = " ".join(blocked(read_policies(aside), self.needed, self.url))
            if nonced is not None:
                if len(self._kept_out) >= MOST_FORMS:
                    self._kept_out.clear()
                self._kept_out[nonced.form] = found
        return " ".join(filter(None, (head.words, found)))

    def form(self, head: Start, aside: HeaderList) -> Codings:
        """What tells a coded page from another of the same body: its codings, and the policies that what is
        put into it fits; nothing for a page that is not coded."""
        return (*head.codings, *written_policies(aside)) if head.codings else ()

    def dress(self, nonced: Nonced, counts: Counter[str], html: bytes, metas: tuple[bytes, ...]) -> bytes:
        """The HTML of a page's first block, with our elements before it as in `dressed`."""
        if metas:
            placed = with_nonce(html, 0, read_policies([nonced.pair], metas))
        else:
            placed = cut_for(html, nonced.form).placed(html, nonced.nonce)
        if placed.hashes:
            counts[POLICY] += 1
            tell_once(placed.hashes)
        return placed.html

    def page(
        self, answer: Answer, head: Start, aside: HeaderList, counts: Counter[str]
    ) -> tuple[bytes, HeaderList]:
        """A composed page as it is to be sent, and its headers."""
        # A coded one was told of its nonce before it was coded.
        if not head.codings and (aside or answer.policies):
            answer = self.dressed(answer, aside, counts)
        html = answer.html
        return html, self.composed(len(html), answer.digest, answer.lasting, head, aside)

    def dressed(self, answer: Answer, aside: HeaderList, counts: Counter[str]) -> Answer:
        """A composed page whose style and scripts have the nonce of this response, or lack what its policies
        forbid.

        Such a page has no digest, for a response with other policies is not the same.
        """
        policies = read_policies(aside, answer.policies)
        if not policies:
            return answer
        placed = with_nonce(answer.html, answer.at, policies)
        if placed.hashes:
            counts[POLICY] += 1
            tell_once(placed.hashes)
        return answer._replace(html=placed.html, digest="") if placed.is_changed else answer

    def composed(
        self, length: int, digest: str, lasting: Lasting, head: Start, aside: HeaderList
    ) -> HeaderList:
        """The headers of a composed page of so many bytes."""
        if lasting.fresh == NEVER and head.date is None:
            return head.composed(length, digest) + aside
        now = self.plans.clock()
        date = self.date(digest, head, aside, now)
        seconds, has_others = seconds_left(lasting, now), has_moments(aside)
        # Beside an `Expires`, which tells all caches, a short lifetime may be for one kind of them.
        if seconds is not None and not has_others and head.longest is not None and head.longest <= seconds:
            seconds = None
        if seconds is None or not (head.is_timed or has_others):
            return head.composed(length, digest, date, seconds) + aside
        return cut(head.composed(length, digest, date) + aside, seconds, now)

    def date(self, digest: str, head: Start, aside: HeaderList, now: float) -> bytes | None:
        """When a composed page was last modified, None where no date tells that.

        Caches guess by it how long to keep a page, so it stays away where the site says nothing of that and
        has an entity tag.
        """
        if head.date is None or not digest or not self.has_date:
            return None
        if head.tag is not None and not (head.is_told or says_freshness(aside)):
            return None
        return own_date(head.date, self.plans.site.since, now)

    def varied(self, raw: RawHeaders, *, whole: bool = False) -> HeaderList:
        """Headers with what tells readers apart at this address, and with `whole` scripts from them."""
        telling = self.telling
        return varied(raw, telling.vary, private=telling.is_private, whole=whole)

    def left(self, raw: RawHeaders, lasting: Lasting) -> HeaderList:
        """The headers of a page that the rules leave alone, for as long as they do."""
        headers = self.varied(raw)
        if lasting.fresh == NEVER:
            return headers
        now = self.plans.clock()
        seconds, has_changed = seconds_left(lasting, now) or 0, lasting.until <= now
        # Where nothing says for how long, caches guess by its date, past the moment at which it changes.
        is_brief = has_changed or not says_freshness(headers)
        return briefly(headers, seconds, now) if is_brief else cut(headers, seconds, now)

    def unoffered(self, raw: RawHeaders) -> HeaderList:
        """The headers of a page in a coding that its reader did not offer, and that goes out as it is: shared
        caches keep it for those who offer as much, for others get the composed one."""
        return list(raw) if is_for_one(read_headers(raw)) else with_vary(raw, (b"Accept-Encoding",))

    def head(self, head: Start, aside: HeaderList) -> HeaderList:
        """The headers of an answer to HEAD: none that GET might not have, and freshness for pages alone that
        do not change by themselves."""
        headers = [*head.around, *aside]
        return headers if self.is_steady else cut(headers, 0, self.plans.clock())

    def ahead(self, head: Start, aside: HeaderList) -> HeaderList:
        """The headers of a page whose head goes ahead: it may yet fail, and nothing is known of its end."""
        return cut([*head.around, *aside], SHORT, self.plans.clock())

    def failed(self, raw: RawHeaders) -> HeaderList:
        """The headers of a page that went out raw because something failed."""
        return briefly(raw, SHORT, self.plans.clock())

    def validity(self, asked: Headers) -> Validity:
        """What still holds of the conditions of a request with these headers."""

        def is_current(digest: str) -> bool:
            return self.plans.is_current(digest, self.url, read_who(asked, self.telling))

        def is_dated(at: float) -> bool:
            is_ours = rules_date(self.plans.site.since) <= at <= self.plans.clock() - SETTLED
            return is_ours and self.has_date

        return Validity(is_current, is_dated)

    def unmodified(self, raw: HeaderList, mapped: Mapped, asked: Headers) -> HeaderList | None:
        """The headers of a 304 about a composed page, from those of the site's; None where the site's is
        about a page of its own.

        `asked` are the request's headers, and `mapped` its conditions.
        """
        origin, now, seconds = origin_tag(raw), self.plans.clock(), None
        if mapped.date:
            digest = self.plans.digest(self.url, read_who(asked, self.telling), NEVER)
            tag = None if origin is None else own_tag(origin, digest)
        else:
            found = mapped.tag_of(origin)
            if found is None:
                return None
            tag, lasts = found.own, until_of(found.digest)
            fresh = min(lasts, self.plans.site.next_reading(self.url))
            seconds = seconds_left(Lasting(lasts, fresh), now)
        around = self.varied(without_body(without_words(raw)), whole=self.is_whole)
        told = read_headers(raw)
        is_coded = bool(read_codings(told.get(b"content-encoding", b"")))
        if is_coded and not self.telling.is_private and not is_for_one(told):
            around = with_vary(around, (b"Accept-Encoding",))
        return unmodified_headers(until(around, seconds, now), tag=tag, date=mapped.date)
