"""Operators' own HTML, vetted when the rules load, so that no page has to find out.

A snippet is a Jinja2 template: what must be right is its markup around the template's own tags. It closes
every element that it opens, and a picture in it keeps its room (`width`, `height`) and has words (`alt`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from jinja2 import StrictUndefined, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from newshole.rules.written import meant_or_known

VARIABLES: Final = ("site", "section", "tag", "language", "n", "block", "rules")
"""What rules may write in braces: of the site, the story, the page's language, this copy and the
version of the rules."""

_SAMPLE: Final = {**dict.fromkeys(VARIABLES, "news"), "n": "1"}
SANDBOX: Final = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
"""Where operators' templates run: nothing to call, nothing to change, every value escaped."""

SANDBOX.globals.clear()
# The same page and rules give the same bytes.
del SANDBOX.filters["random"]

FORBIDDEN: Final = frozenset("html head body frameset plaintext".split())
VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
FOREIGN: Final = frozenset(("svg", "math"))

_TEMPLATE_TAG = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_TAG_START = re.compile(r"<[a-zA-Z/!?]")
_NEEDS: Final = ("width", "height", "alt")


def faults(snippet: str) -> Iterator[str]:
    """What is wrong with a snippet, one sentence each, with its line in the snippet from 1."""
    try:
        wrong = list(_unknown_variables(snippet)) or list(_failure(snippet))
    except TemplateSyntaxError as error:
        yield f"line {error.lineno} of the snippet: {error.message}"
        return
    yield from wrong
    yield from _markup_faults(_without_template(snippet))


def _unknown_variables(snippet: str) -> Iterator[str]:
    try:
        unknown = meta.find_undeclared_variables(SANDBOX.parse(snippet)) - set(VARIABLES)
    except RecursionError:
        raise TemplateSyntaxError("nested too deep", 1) from None
    for name in sorted(unknown):
        hint = meant_or_known(name, list(VARIABLES))
        line = next((n for n, text in enumerate(snippet.split("\n"), 1) if name in text), 1)
        yield f'line {line} of the snippet: unknown variable "{name}"{hint}'


def _failure(snippet: str) -> Iterator[str]:
    """What happens when the template is filled in, where that fails."""
    try:
        SANDBOX.from_string(snippet).render(_SAMPLE)
    except Exception as error:  # noqa: BLE001 - whatever the operator's template may raise
        yield f"the snippet cannot be filled in: {error or type(error).__name__}"


def _without_template(snippet: str) -> str:
    """The markup alone, as many lines long, with a word where a value would stand."""

    def kept(match: re.Match[str]) -> str:
        return ("x" if match[0].startswith("{{") else "") + "\n" * match[0].count("\n")

    return _TEMPLATE_TAG.sub(kept, snippet)


def _markup_faults(markup: str) -> Iterator[str]:
    tags = _Tags()
    try:
        tags.feed(markup)
    except AssertionError as error:
        yield f"line {tags.getpos()[0]} of the snippet: {error}"
        return
    if _TAG_START.search(tags.rawdata):
        yield f"line {tags.getpos()[0]} of the snippet: a tag or comment has no end"
        return
    tags.close()
    yield from tags.faults
    for each in tags.open:
        yield f"line {each.line} of the snippet: <{each.name}> is never closed"
    from bs4 import BeautifulSoup  # its selectors take long to import, and rules are read once

    # In an element, since it warns of a text that might be meant as an address or the name of a file.
    images = BeautifulSoup(f"<body>{markup}", "lxml").find_all("img")
    for image, line in zip(images, tags.images, strict=False):
        if lacking := [name for name in _NEEDS if not image.has_attr(name)]:
            yield f"line {line} of the snippet: <img> needs {' and '.join(lacking)}"


@dataclass(frozen=True, slots=True)
class _Open:
    """An element whose end tag is still to come."""

    name: str
    line: int


class _Tags(HTMLParser):
    """Follows the tags of a snippet as they are written, without a browser's repairs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[_Open] = []
        self.faults: list[str] = []
        self.images: list[int] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as the parser calls it
        line = self.getpos()[0]
        if tag == "img":
            self.images.append(line)
        if tag in FORBIDDEN:
            self.faults.append(f"line {line} of the snippet: <{tag}> has no place in a block")
        elif tag not in VOID:
            self.open.append(_Open(tag, line))

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and any(each.name in FOREIGN for each in self.open):
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in FORBIDDEN or tag in VOID:
            return
        names = [each.name for each in self.open]
        if tag not in names:
            self.faults.append(f"line {self.getpos()[0]} of the snippet: </{tag}> closes nothing")
            return
        while (last := self.open.pop()).name != tag:
            self.faults.append(f"line {last.line} of the snippet: <{last.name}> is never closed")
