"""The operator's own markup, a sandboxed template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newshole.blocks.kind import Content, Kind, Nothing, View, each
from newshole.blocks.markup import markup_scripts, snippet, snippet_fault, variables
from newshole.blocks.room import Room
from newshole.page.csp import Needed
from newshole.rules.kinds.html import Html
from newshole.rules.ruleset import Block


@dataclass(frozen=True, slots=True)
class HtmlContent(Content):
    """The template's source, and the class that keeps its room, "" for none."""

    source: str
    room: str


@each
def prepare(block: str, options: Html, view: View) -> HtmlContent | Nothing:
    fault = snippet_fault(options.html, variables(block, view, 1))
    room = _room(options)
    return fault or HtmlContent("", options.html, f" {room.name}" if room else "")


def copied(block: Block, content: HtmlContent, view: View, ordinal: int) -> Mapping[str, object]:
    """The markup of this copy."""
    return {"markup": snippet(content.source, variables(block.id, view, ordinal))}


def rules(options: Html) -> tuple[str, ...]:
    """The CSS of the room that is reserved."""
    room = _room(options)
    return (room.rule,) if room else ()


def _room(options: Html) -> Room | None:
    return Room(options.reserve, options.reserve) if options.reserve else None


def needed(options: Html) -> tuple[Needed, ...]:
    """The scripts that stand in the markup."""
    return markup_scripts(options.html) if options.scripts else ()


KIND = Kind("html", prepare, copied=copied, rules=rules, needed=needed)
