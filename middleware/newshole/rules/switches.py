"""What operators switch off: everything, a section, addresses, blocks, kinds, or the ads of an address.

A section is compared without regard to case. An address is a path ("/world/story"), or a whole URL, whose
scheme and query do not count; `*` and `**` stand in it for what they stand for in the rules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

from newshole.rules.facts import address
from newshole.rules.globs import host_fits, path_fits, rootless
from newshole.rules.ruleset import Block
from newshole.types import SWITCHABLE, Reason, Switch, SwitchBoard

Where: TypeAlias = tuple[str, str]
"""A host, "" for every one, and a path."""

_AD: Final = "ad"


class Switches:
    """What is off at one moment, ready to be asked; `listed` are the switches themselves, and `until` is when
    the first of them ends, in seconds since 1970."""

    def __init__(self, listed: Iterable[Switch]) -> None:
        self.listed = tuple(listed)
        self.until = min((each.until for each in self.listed if each.until is not None), default=math.inf)
        named = {what: [each for each in self.listed if each.what == what] for what in SWITCHABLE}
        self._everything = next(iter(named["all"]), None)
        self._sections = {_folded(each.name): each for each in named["section"]}
        self._blocks = {each.name: each for each in named["block"]}
        self._kinds = {each.name: each for each in named["kind"]}
        self._addresses = _Addresses(named["url"])
        self._without_ads = _Addresses(named["no-ads"])

    def __repr__(self) -> str:
        """What is off, without who switched it off, why and how long: entity tags are made of it."""
        return self._told

    @cached_property
    def _told(self) -> str:
        """Made once, for every condition of a request asks for it, and there may be thousands of switches."""
        return f"Switches({sorted({(each.what, each.name) for each in self.listed})})"

    def of_address(self, url: str) -> Switch | None:
        """What switches every page of an address off, whatever it holds."""
        return self._everything or self._addresses.at(url)

    def of_page(self, url: str, section: str) -> Switch | None:
        """What switches a page off."""
        return self.of_address(url) or (self._sections.get(_folded(section)) if section else None)

    def of_block(self, block: str, kind: str, url: str) -> Switch | None:
        """What switches a block off on a page."""
        off = self._blocks.get(block) or self._kinds.get(kind)
        return off or (self._without_ads.at(url) if kind == _AD else None)


class _Addresses:
    """Switches of addresses: those without a pattern are looked up, however many there are."""

    def __init__(self, switches: Iterable[Switch]) -> None:
        self._exact: dict[Where, Switch] = {}
        self._patterns: list[tuple[Callable[[str], bool], Callable[[str], bool], Switch]] = []
        for each in switches:
            host, path = _where(each.name)
            if "*" in each.name:
                self._patterns.append((host_fits(host) if host else _any, path_fits(path), each))
            else:
                self._exact[host, plain_path(path)] = each

    def at(self, url: str) -> Switch | None:
        if not self._exact and not self._patterns:
            return None
        try:
            host, path, _ = address(url)
        except ValueError:
            return None
        exact = self._exact.get((host, plain_path(path))) or self._exact.get(("", plain_path(path)))
        fitting = (switch for of_host, of_path, switch in self._patterns if of_host(host) and of_path(path))
        return exact or next(fitting, None)


def _where(name: str) -> Where:
    if name.startswith("/"):
        return "", name
    split = urlsplit(name)
    return rootless(split.hostname or ""), split.path or "/"


def _any(_host: str) -> bool:
    return True


def plain_path(path: str) -> str:
    """A path as addresses are compared by: without escapes, and without a slash at its end."""
    return unquote(path).rstrip("/")


def _folded(section: str) -> str:
    return section.strip().casefold()


def refusals(
    switches: SwitchBoard | None, blocks: Sequence[Block], url: str
) -> Mapping[str, tuple[Reason, ...]]:
    """Why blocks may not come onto a page that is itself not switched off, by their ids."""
    if switches is None:
        return {}
    off = ((block.id, switches.of_block(block.id, block.kind, url)) for block in blocks)
    return {block: (_reason(switch),) for block, switch in off if switch is not None}


def _reason(switch: Switch) -> Reason:
    found = " ".join(filter(None, ("off", switch.by and f"by {switch.by}")))
    told = f"{found}: {switch.reason}" if switch.reason else found
    return Reason("switched-off", f"switches.{switch.what}[{switch.name}]", "a switch that is on", told)


def in_force(switches: Iterable[Switch], now: float) -> tuple[Switch, ...]:
    """The switches that have not expired; `now` counts seconds from 1970."""
    return tuple(each for each in switches if each.until is None or each.until > now)


def misnamed(what: str, name: str) -> str | None:
    """What is wrong with the name of what is to be switched off, in words; None where it will do."""
    if what not in ("url", "no-ads"):
        return None if name.strip() or what == "all" else f"which {what} is missing"
    try:
        split = urlsplit(name)
    except ValueError:
        return "it is no address"
    if name.startswith("/") or (split.scheme in ("http", "https") and split.hostname):
        return None if not split.query else "leave out its query: addresses are compared without one"
    return 'write a path that begins with "/", or a whole URL'
