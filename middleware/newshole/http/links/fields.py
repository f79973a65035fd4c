"""Signed links: fields of a query by which whoever opens them sees an arm of an experiment, or the overlay.

They are taken out of every request, whether they hold or not, so the site sees its own address.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from starlette.types import Scope

from newshole.http.links import forcing
from newshole.http.links import overlay as marks

MARK: Final = b"newshole-"
"""What stands in every query that holds such a field."""


class Links(NamedTuple):
    """What the links of a request ask to see: the arms of experiments by their names, and the overlay."""

    arms: Mapping[str, str] = MappingProxyType({})
    overlay: bool = False


NO_LINKS: Final = Links()


def read_links(scope: Scope, secret: bytes, now: float) -> tuple[Links, Scope]:
    """What those of a request's links ask for that are signed and hold, and the request as the site is to see
    it; `now` is in seconds since 1970."""
    query: bytes = scope["query_string"]
    arms, is_overlaid = NO_LINKS
    if forcing.WRITTEN in query:
        arms = forcing.arms_asked_for(query, secret, now)
        scope = forcing.without_arms(scope)
    if marks.WRITTEN in query:
        is_overlaid = marks.asks_for_overlay(scope, secret, now)
        scope = forcing.without(scope, marks.WRITTEN)
    return Links(arms, is_overlaid), scope
