"""Reasons as sentences, and the rules that they name in words for people."""

from __future__ import annotations

import re
from typing import Final

from newshole.plan.naming import STACKS
from newshole.types import Reason

SENTENCES: Final = {
    "ads": "A page takes {required}; {found}",
    "ads-apart": "Ads keep {required} between them; here {found}",
    "amp": "It needs {required}; this is {found}",
    "avoid": "It wants {required}; {found}",
    "blocks": "A page takes {required}; {found}",
    "cut-short": "It may have a place, but the search for places ended first, after {required}",
    "density": "There may be {required}; with this one it would be {found}",
    "dropped": "An override here wants {required}",
    "end": "Blocks keep {required} from the end; here {found}",
    "excludes": "The rules want {required}; {found} stands on this page",
    "existing": "Blocks keep {required} from what is there already; here {found}",
    "farther": "It stands in a place nearer to the one asked for",
    "gap": "Blocks keep {required} between them; here {found}",
    "group": "There may be {required}; {found} stands on this page",
    "inside": "Its place has to be {required}; this one is {found}",
    "markup": "An element of the page is open here, which would change the block",
    "max": "A page takes {required} of it; {found}",
    "needs": "It needs {required}; there is {found}",
    "no-place": "This page lacks its place: it asks for {required}; there is {found}",
    "not-asked": "It asks for {required}; this is {found}",
    "not-listed": "This kind of page takes {required} alone",
    "nothing-to-show": "It has nothing to show: {found}",
    "outranked": "Blocks of higher rank leave no room for it",
    "placed": "This is {found}",
    "policy": "It needs {required}; the page has {found}",
    "sensitivity": "It wants {required}; this one is {found}",
    "stand-by": "It stands in for other blocks alone, and none of them needs it here",
    "start": "Blocks keep {required} from the beginning; here {found}",
    "story": "Blocks want a story of {required} at least; this one has {found}",
    "switched-off": "It is switched {found}",
    "taken": "Another block stands in this very place: {found}",
    "when": "Its condition on {fact} asks for {required}; here {found}",
}
"""What each reason says, by its code."""

_REQUIRED: Final = {**STACKS, "present": "any"}
_AROUND: Final = re.compile("(before|after)-(.+)")
_ENTRY: Final = re.compile(r"(blocks|overrides|pages|experiments)[.\[]([^.\]\[]+)\]?\.?(.*)", re.DOTALL)
_PATH: Final = re.compile(r"[a-z_]+[.\[].*", re.DOTALL)
_NUMBER: Final = re.compile(r"\[\d+\]")


def sentence(reason: Reason) -> str:
    """What a reason says, without a full stop: "Ads keep 900 px between them; here 120 px to top"."""
    said, required = SENTENCES.get(reason.code, ""), _REQUIRED.get(reason.required, reason.required)
    found = "the place that it asks for" if reason.found == "there" else reason.found
    if around := _AROUND.fullmatch(reason.code):
        side = "above" if around[1] == "before" else "below"
        said = f"Blocks keep {{required}} {side} each {around[2]}; here {{found}}"
    if reason.code == "story" and required.startswith("a story"):
        said = "It wants {required}; this one does"
    fact = _keys(reason.bound.rpartition("when.")[2]) or "pages and readers"
    return said.format(required=required, found=found, fact=fact)


def rule_in_words(path: str) -> str:
    """The rule at a path as people call it: "layout.gap[1]" is "layout: gap", "blocks.ad.when.section" is
    "ad: when section"; what is no such path stays as it is."""
    if path.startswith("switches."):
        return "Switches"
    entry = _ENTRY.fullmatch(path)
    if entry is None:
        return _named(path) if _PATH.fullmatch(path) else path
    kind, name, rest = entry.groups()
    owner = name if kind == "blocks" else f"{kind.removesuffix('s')} {name}"
    keys = rest.removeprefix("set.")
    inner = rule_in_words(keys) if keys.startswith(("layout.", "blocks.")) else _keys(keys)
    return ", ".join([owner, inner] if ":" in inner else [": ".join(filter(None, (owner, inner)))])


def _named(path: str) -> str:
    """A path without a name in it: its first key, and those below it."""
    first, _, rest = path.partition(".")
    return ": ".join(filter(None, (_keys(first), _keys(rest))))


def _keys(path: str) -> str:
    return _NUMBER.sub("", path).replace(".", " ").replace("_", " ")
