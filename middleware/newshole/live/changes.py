"""What a change touches of what caches in front keep: which tags and addresses to purge.

A block that is switched off is purged by its own tag; one that is on again by the site's, for the pages that
lack it do not have its tag. Where nobody knows the names of the sites, everything is purged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from newshole.cdn.tags import block_tag, site_tag
from newshole.live.events import Event, Published, Target, TurnedOff


@dataclass(frozen=True, slots=True)
class Touched:
    """Pages to purge: by `tags`, by `urls`, or `everything`."""

    tags: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    everything: bool = False


def touched(event: Event, sites: Iterable[str]) -> Touched:
    """What an event changes on the pages of these sites, which are named as their rules name them."""
    whole = tuple(map(site_tag, sorted(set(sites))))
    if isinstance(event, Published):
        return Touched(whole, everything=not whole)
    is_off = isinstance(event, TurnedOff)
    tags = {block_tag(name) for what, name in event.targets if what == "block"} if is_off else set()
    urls = [name for target in event.targets if (name := _exact(target)) is not None]
    narrow = [each for each in event.targets if _exact(each) is not None or (is_off and each[0] == "block")]
    if len(narrow) < len(event.targets):
        return Touched(whole, everything=not whole)
    return Touched(tuple(sorted(tags)), tuple(dict.fromkeys(urls)))


def _exact(target: Target) -> str | None:
    """The one whole address that a switch is for."""
    what, name = target
    return name if what in ("url", "no-ads") and "*" not in name and urlsplit(name).hostname else None
