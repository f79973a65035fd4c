"""The switch file: what is off on one machine, with Redis or without.

    timezone: Europe/Berlin
    off:
      - block: mid-ad
        reason: the ad server is down
        by: anna
        until: 2026-11-28T20:00
      - section: Obituaries
      - no-ads: https://news.example/world/talks

Every entry says one thing that is off: `all: true`, `section`, `url`, `block`, `kind` or `no-ads`. Without a
file, or in an empty one, nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field

from newshole.errors import RulesError, UsageError
from newshole.rules.kinds import KINDS
from newshole.rules.problems import read_as
from newshole.rules.source import read_source
from newshole.rules.spans import moment
from newshole.rules.switches import misnamed
from newshole.rules.tree import Mapped, Told, in_words
from newshole.rules.words import BlockId, Flag, Moment, Text, Timezone
from newshole.rules.written import Conflict, Written, found_in, meant_or_known, one_of
from newshole.types import SWITCHABLE, Switch


class OffWritten(Written):
    """One thing that is off."""

    all: Flag | None = None
    section: Text | None = None
    url: Text | None = None
    block: BlockId | None = None
    kind: Text | None = None
    no_ads: Text | None = Field(default=None, alias="no-ads")
    reason: Text | None = None
    by: Text | None = None
    until: Moment | None = None
    """The moment at which it is on again; a date is its beginning."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, *SWITCHABLE)
        if written.get("all") is False:
            yield Conflict("says that nothing is off; leave the entry out", ("all",))
        kind = written.get("kind")
        if isinstance(kind, str) and kind not in KINDS:
            yield Conflict(f"no such kind{meant_or_known(kind, list(KINDS))}", ("kind",))
        for what in ("url", "no-ads"):
            name = written.get(what)
            fault = misnamed(what, name) if isinstance(name, str) and name.strip() else None
            if fault is not None:
                yield Conflict(fault, (what,))

    def switch(self, zone: ZoneInfo, since: float) -> Switch:
        """The switch that it means."""
        words = {"section": self.section, "url": self.url, "block": self.block, "kind": self.kind}
        named = {**words, "no-ads": self.no_ads}
        what, name = next(((what, name) for what, name in named.items() if name), ("all", ""))
        until = None if self.until is None else moment(self.until, zone).timestamp()
        return Switch(what, name, self.by or "", self.reason or "", since, until)


class SwitchesWritten(Written):
    """A switch file."""

    off: tuple[OffWritten, ...] = ()
    timezone: Timezone = "UTC"
    """Of the clocks that moments without an offset are told by."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        seen: dict[tuple[str, str], int] = {}
        for n, entry in enumerate(found_in(written, "off")):
            if isinstance(entry, Mapping):
                target = next(
                    ((what, str(entry[what])) for what in SWITCHABLE if what in entry), ("", str(n))
                )
                if (first := seen.setdefault(target, n)) != n:
                    yield Conflict(f"the same as entry {first + 1}", ("off", n))


def read_switches(file: Path) -> tuple[Switch, ...]:
    """What a switch file says is off; nothing where there is no file.

    Raises RulesError with every problem, UsageError where the file cannot be read.
    """
    told = Told()
    try:
        node = read_source(file, told)
        since = file.stat().st_mtime
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UsageError(f"cannot read the switch file {file}: {error.strerror}") from error
    if node is not None and not isinstance(node, Mapped):
        told.tell(node.mark, f'expected a mapping with the key "off", found {in_words(node)}')
    written = SwitchesWritten() if not isinstance(node, Mapped) else _written(node, told)
    if written is None or told:
        raise RulesError(told)
    zone = ZoneInfo(written.timezone)
    return tuple(each.switch(zone, since) for each in written.off)


def _written(tree: Mapped, told: Told) -> SwitchesWritten | None:
    entries = {key: entry for key, entry in tree.entries.items() if not tree.has_nothing(key)}
    return read_as(SwitchesWritten, Mapped(tree.mark, entries), told)
