"""The site's 304 about its own page, as one about the composed page; see `validators`."""

from __future__ import annotations

from newshole.cache import PlanCache
from newshole.cache.kept import until_of
from newshole.http.freshness import seconds_left
from newshole.http.headers import (
    HeaderList,
    unmodified_headers,
    until,
    varied,
    without_body,
    without_words,
)
from newshole.http.heads import Headers
from newshole.http.readers import read_who
from newshole.http.validators import SETTLED, Mapped, Validity, origin_tag, own_tag, rules_date
from newshole.lasting import NEVER


def validity(plans: PlanCache, url: str, headers: Headers) -> Validity:
    """What still holds of the conditions of one request."""

    def is_current(digest: str) -> bool:
        return plans.is_current(digest, read_who(headers, plans.telling(url)))

    def is_dated(at: float) -> bool:
        is_ours = rules_date(plans.site.since) <= at <= plans.clock() - SETTLED
        return is_ours and has_date(plans, url)

    return Validity(is_current, is_dated)


def has_date(plans: PlanCache, url: str) -> bool:
    """Whether a date tells one version of a page: neither time nor cookies make another."""
    return plans.is_steady(url) and not plans.telling(url).is_private


def unmodified(
    raw: HeaderList, mapped: Mapped, plans: PlanCache, url: str, asked: Headers
) -> HeaderList | None:
    """The headers of a 304 about a composed page, from those of the site's; None where the site's is about a
    page of its own.

    `asked` are the request's headers, and `mapped` its conditions.
    """
    origin, now = origin_tag(raw), plans.clock()
    telling, seconds = plans.telling(url), None
    if mapped.date:
        digest = plans.digest(read_who(asked, telling), NEVER)
        tag = None if origin is None else own_tag(origin, digest)
    else:
        found = mapped.tag_of(origin)
        if found is None:
            return None
        tag, lasts = found.own, until_of(found.digest)
        seconds = seconds_left(min(lasts, plans.site.next_reading(url)), now) if lasts > now else 0
    whole = not plans.takes_fragments(url)
    around = varied(without_body(without_words(raw)), telling.vary, private=telling.is_private, whole=whole)
    return unmodified_headers(until(around, seconds, now), tag=tag, date=mapped.date)
