"""What may be done with a page that is kept, for one request at one moment (RFC 9111, section 4)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from newshole.http.directives import Directives, seconds
from newshole.http.pagecache.terms import Terms

Verdict: TypeAlias = Literal["fresh", "stale", "behind", "ask"]
"""Use it; use it though it is stale; the same, and fetch it anew; ask the site first."""


def staleness(terms: Terms, age: float, softened: float | None) -> float:
    """Seconds since which a page is stale, negative while it is fresh; `softened` are those since a purge
    that only made it stale."""
    late = age - terms.lifetime
    return late if softened is None else max(late, softened, 0.0)


def judge(terms: Terms, wishes: Directives, *, age: float, softened: float | None, obeys: bool) -> Verdict:
    """What to do with a page of this age; `obeys` says whether a reader's wish for a fresh one counts."""
    late = staleness(terms, age, softened)
    if obeys and wishes and is_wanted_anew(terms, wishes, age):
        return "ask"
    if late < 0:
        return "fresh"
    if late < terms.while_revalidate:
        return "behind"
    return "stale" if terms.may_be_stale and late <= _tolerated(wishes) else "ask"


def is_wanted_anew(terms: Terms, wishes: Directives, age: float) -> bool:
    """Whether a reader wants a page that is fresher than this one."""
    oldest, margin = seconds(wishes, b"max-age"), seconds(wishes, b"min-fresh")
    return (
        b"no-cache" in wishes
        or (oldest is not None and (age > oldest or oldest == 0) and b"max-stale" not in wishes)
        or (margin is not None and terms.lifetime - age < margin)
    )


def stands_in(terms: Terms, late: float) -> bool:
    """Whether a page that is stale since so many seconds may be used where the site fails."""
    return late < terms.if_error


def _tolerated(wishes: Directives) -> float:
    """Seconds of staleness that a reader puts up with; any where it names no number."""
    if b"max-stale" not in wishes:
        return -1.0
    return float("inf") if wishes[b"max-stale"] is None else float(seconds(wishes, b"max-stale") or 0)
