"""Which characters of a YAML text are which value, so that one can be replaced and the rest stay.

The tree of `source` knows where values begin. To replace one it takes more: where it ends, where its colon or
dash is, how it is written, and which values are aliases. All offsets are of characters, from 0.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.tokens import BlockEntryToken, ValueToken

Shape: TypeAlias = Literal["scalar", "alias", "list", "mapping"]

MERGE: Final = "<<"
"""The key that brings another mapping's keys in."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One value: `text[start:end]`, with its anchor if it has one. A value that is not written is empty and
    stands behind its colon or dash.

    `anchor` is its own, or the one that an alias names. `style` is the quote, `|` or `>` of a scalar, ""
    for a bare one; of a list or a mapping "[" where it is written in brackets, "" where its parts have lines
    of their own. `anchors` are all in it, `aliases` too.
    """

    shape: Shape
    start: int
    end: int
    anchor: str = ""
    style: str = ""
    value: str = ""
    parts: tuple[Part, ...] = ()
    anchors: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()

    def part(self, key: str) -> Part | None:
        """The part under a key of a mapping."""
        return next((each for each in self.parts if each.name == key), None)


@dataclass(frozen=True, slots=True)
class Part:
    """One value in its list or mapping: `start` is that of its key or dash, `mark` the end of its colon or
    dash; both are the value's own start in a list in brackets."""

    name: str
    start: int
    mark: int
    value: Piece


def pieces(text: str) -> tuple[Piece, ...]:
    """The values of a text's documents, one each. Raises ruamel's errors where it is not YAML."""
    reading = _Reading(text)
    return tuple(reading.documents())


class _Reading:
    """A text on its way to pieces."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.events: Iterator[Event] = iter(YAML(typ="safe", pure=True).parse(text))
        self.dashes: list[int] = []
        self.colons: list[int] = []
        for token in YAML(typ="safe", pure=True).scan(text):
            if isinstance(token, BlockEntryToken):
                self.dashes.append(token.start_mark.index)
            elif isinstance(token, ValueToken):
                self.colons.append(token.end_mark.index)

    def documents(self) -> Iterator[Piece]:
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                yield self.piece(next(self.events), event.end_mark.index)

    def piece(self, event: Event, mark: int) -> Piece:
        """The value that begins with an event, behind a colon or a dash that ends at `mark`."""
        start, end = event.start_mark.index, event.end_mark.index
        anchor = event.anchor or "" if isinstance(event, NodeEvent) else ""
        anchors = frozenset([anchor] if anchor else ())
        if isinstance(event, AliasEvent):
            return Piece("alias", start, end, anchor, aliases=anchors)
        if isinstance(event, ScalarEvent):
            return self.scalar(event, mark, anchor)
        style = "[" if getattr(event, "flow_style", False) else ""
        parts: tuple[Part, ...] = ()
        last = event
        if isinstance(event, MappingStartEvent):
            parts, last = self.entries()
        elif isinstance(event, SequenceStartEvent):
            parts, last = self.items(is_flow=bool(style))
        end = last.end_mark.index if style else parts[-1].value.end
        anchors = anchors.union(*(each.value.anchors for each in parts))
        aliases = frozenset[str]().union(*(each.value.aliases for each in parts))
        shape: Shape = "mapping" if isinstance(event, MappingStartEvent) else "list"
        return Piece(shape, start, end, anchor, style, "", parts, anchors, aliases)

    def scalar(self, event: ScalarEvent, mark: int, anchor: str) -> Piece:
        anchors = frozenset([anchor] if anchor else ())
        start, end, style = event.start_mark.index, event.end_mark.index, event.style or ""
        if start == end:
            return Piece("scalar", mark, mark)
        if style in ("|", ">"):
            header = self.text[start:end].partition("\n")[0].partition("#")[0]
            if "+" not in header:
                end = start + len(self.text[start:end].rstrip())
            elif self.text[start:end].endswith("\n"):
                end -= 2 if self.text[start:end].endswith("\r\n") else 1
        return Piece("scalar", start, end, anchor, style, event.value, anchors=anchors)

    def entries(self) -> tuple[tuple[Part, ...], Event]:
        found: list[Part] = []
        while not isinstance(event := next(self.events), CollectionEndEvent):
            key = self.piece(event, event.end_mark.index)
            mark = self.colon_of(key)
            name = f"*{key.anchor}" if key.shape == "alias" else key.value
            found.append(Part(name, key.start, mark, self.piece(next(self.events), mark)))
        return tuple(found), event

    def colon_of(self, key: Piece) -> int:
        """The end of a key's colon, of the key itself where it has none."""
        at = bisect_right(self.colons, key.end)
        mark = self.colons[at] if at < len(self.colons) else key.end
        return key.end if self.text[key.end : max(key.end, mark - 1)].strip() else mark

    def items(self, *, is_flow: bool) -> tuple[tuple[Part, ...], Event]:
        found: list[Part] = []
        dash = -1
        while not isinstance(event := next(self.events), CollectionEndEvent):
            start = event.start_mark.index
            if is_flow:
                found.append(Part("", start, start, self.piece(event, start)))
                continue
            at = bisect_left(self.dashes, max(dash + 1, found[-1].value.end if found else 0))
            dash = self._dash(start, at, is_first=not found)
            found.append(Part("", dash, dash + 1, self.piece(event, dash + 1)))
        return tuple(found), event

    def _dash(self, start: int, at: int, *, is_first: bool) -> int:
        """The dash of an item that starts there: the last one before it where it is the first of its list,
        for others the next one behind the item before."""
        if is_first:
            return self.dashes[bisect_left(self.dashes, start) - 1]
        return self.dashes[at]
