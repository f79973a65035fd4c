"""What a change touches of what caches in front keep: which tags and addresses to purge.

A block that is switched off is purged by its own tag; one that is on again by the site's, for the pages that
lack it do not have its tag. Where nobody knows the names of the sites, everything is purged.

Where a version is staged, or its share changes, the pages of those rules are purged that pages leave: the
rules in service where the share has risen, the staged ones where it has fallen, or is halted, and
both where it is a share of something else. What is planned, proposed or held purges nothing.

A page that was composed before a change may reach a cache after its purge. So there is a second one: of the
tag of the rules that were replaced, which costs the new pages nothing, or of a switch's pages once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from newshole.cdn.service import is_address
from newshole.cdn.tags import block_tag, rules_tag, site_tag
from newshole.live.entries import Event, Halted, Published, Staged, Target, TurnedOff, TurnedOn
from newshole.live.ledger import Beat

ON_THEIR_WAY: Final = 5.0
"""Seconds from the first purge to the second: a page that was composed before a change has come by then."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Pages to purge: by `tags`, by `urls`, or `everything`."""

    tags: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    everything: bool = False

    def __bool__(self) -> bool:
        """Whether there is anything to purge."""
        return bool(self.tags or self.urls or self.everything)


def touched(event: Event, sites: Iterable[str], workers: Iterable[Beat] = ()) -> Touched:
    """What an event changes on the pages of these sites, which are named as their rules name them;
    `workers` are those that served before it, as they were then."""
    whole = tuple(map(site_tag, sorted(set(sites))))
    match event:
        case Staged() | Halted():
            left = [_left(event, each) for each in workers if each.follows]
            if left and not any(left):
                return Touched()
            tags = tuple(map(rules_tag, sorted({rules for each in left for rules in each if rules})))
            return Touched(tags or whole, everything=not (tags or whole))
        case Published():
            return Touched(whole, everything=not whole)
        case TurnedOff() | TurnedOn():
            return _switched(event, whole)
        case _:
            return Touched()


def _left(event: Staged | Halted, worker: Beat) -> tuple[str, ...]:
    """The digests of the rules whose pages at a worker may be other ones after an event, "" for one that is
    not known; empty where all stay as they are."""
    if isinstance(event, Halted):
        return (worker.staged_rules,)
    if worker.staged != event.digest:
        return (worker.rules,)
    if worker.unit != event.unit:
        return worker.rules, worker.staged_rules
    if worker.share == event.share:
        return ()
    return (worker.rules if worker.share < event.share else worker.staged_rules,)


def _switched(event: TurnedOff | TurnedOn, whole: tuple[str, ...]) -> Touched:
    is_off = isinstance(event, TurnedOff)
    tags = {block_tag(name) for what, name in event.targets if what == "block"} if is_off else set()
    urls = [url for target in event.targets for url in _exact(target)]
    narrow = [each for each in event.targets if _exact(each) or (is_off and each[0] == "block")]
    if len(narrow) < len(event.targets):
        return Touched(whole, everything=not whole)
    return Touched(tuple(sorted(tags)), tuple(dict.fromkeys(urls)))


def touched_late(event: Event, found: Touched, workers: Iterable[Beat]) -> Touched:
    """What to purge once more of what was `found` to be touched; `workers` are those that served before,
    whose rules are replaced, and what was staged beside them unless that is what is published."""
    following = [each for each in workers if each.follows]
    replaced = {each.rules for each in following}
    if isinstance(event, Published):
        replaced |= {each.staged_rules for each in following if each.staged != event.digest}
    late = tuple(map(rules_tag, sorted(filter(None, replaced))))
    return Touched(late) if late and isinstance(event, Published) else found


def _exact(target: Target) -> tuple[str, ...]:
    """The whole address that a switch is for, with and without a slash at its end; empty for any other."""
    what, name = target
    if what not in ("url", "no-ads") or "*" in name or name.startswith("/"):
        return ()
    split = urlsplit(name)
    path = quote(split.path, safe="/%:@!$&'()*+,;=~").rstrip("/")
    url = f"{split.scheme}://{split.netloc}{path}"
    return tuple(dict.fromkeys((url if path else f"{url}/", f"{url}/"))) if is_address(url) else ()
