"""Operators' own HTML, vetted when the rules load, so that no page has to find out.

A snippet is a Jinja2 template: what must be right is its markup around the template's own tags. It closes
every element that it opens, a picture in it keeps its room (`width`, `height`) and has words (`alt`), and
nothing in it is loaded over http. Scripts, and attributes that are scripts, need the operator's word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final, NamedTuple

from jinja2 import StrictUndefined, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from newshole.rules.thrift import FILTERS, excesses
from newshole.rules.written import meant_or_known

VARIABLES: Final = ("site", "section", "tag", "language", "n", "block", "arm", "rules")
"""What rules may write in braces: of the site, the story, the page's language, this copy, the reader's arms
and the version of the rules."""

_SAMPLE: Final = {**dict.fromkeys(VARIABLES, "news"), "n": "1"}
_SPILL: Final = "nh-spill"
_SPILLING: Final = _SAMPLE | dict.fromkeys(("site", "section", "tag"), f"' {_SPILL} \"><{_SPILL}>")
"""Values that become a tag or an attribute where a template does not hold them."""

SANDBOX: Final = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
"""Where operators' templates run: nothing to call, nothing to change, every value escaped."""

SANDBOX.globals.clear()
# None by chance, so that the same page and rules give the same bytes.
SANDBOX.filters = {name: each for name, each in SANDBOX.filters.items() if name in FILTERS}

FORBIDDEN: Final = frozenset("html head body base frameset plaintext".split())
VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
FOREIGN: Final = frozenset(("svg", "math"))

_TEMPLATE_TAG = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_TAG_START = re.compile(r"<[a-zA-Z/!?]")
# Browsers skip blanks before an address, and line ends and tabs anywhere in it.
_SCRIPT_URL = re.compile(r"[\s\x00-\x20]*" + r"[\t\n\r]*".join("javascript:"), re.IGNORECASE)
_PLAIN_HTTP = re.compile(r"(?:^|[\s,])http://", re.IGNORECASE)
_NEEDS: Final = ("width", "height", "alt")
_LINKS: Final = frozenset(("href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset"))
_LOADING: Final = frozenset(("src", "srcset", "poster", "data", "action", "formaction"))

Attributes = Sequence[tuple[str, str | None]]


class Fault(NamedTuple):
    """What is wrong with a snippet, and where in it: line and column count from 1."""

    sentence: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"line {self.line} of the snippet: {self.sentence}"


def faults(snippet: str) -> Iterator[Fault]:
    """What is wrong with a snippet whatever it may do."""
    try:
        # Jinja works out what is constant as soon as it looks at variables: what may take long is told first.
        wrong = list(_excesses(snippet)) or list(_unknown_variables(snippet)) or list(_failure(snippet))
    except TemplateSyntaxError as error:
        yield Fault(str(error.message), error.lineno)
        return
    yield from wrong
    yield from _markup_faults(snippet)


def scripts(snippet: str) -> Iterator[Fault]:
    """What of a snippet is a script, and needs the operator's permission."""
    bare = _Bare(snippet)
    tags = _read(bare.markup)
    yield from (bare.placed(each) for each in tags.scripts)


def _unknown_variables(snippet: str) -> Iterator[Fault]:
    try:
        unknown = meta.find_undeclared_variables(SANDBOX.parse(snippet)) - set(VARIABLES)
    except RecursionError:
        raise TemplateSyntaxError("nested too deep", 1) from None
    for name in sorted(unknown):
        hint = meant_or_known(name, list(VARIABLES))
        lines = enumerate(snippet.split("\n"), 1)
        line, column = next(((n, text.index(name) + 1) for n, text in lines if name in text), (1, 1))
        yield Fault(f'unknown variable "{name}"{hint}', line, column)


def _excesses(snippet: str) -> Iterator[Fault]:
    try:
        found = [*excesses(SANDBOX.parse(snippet))]
    except RecursionError:
        raise TemplateSyntaxError("nested too deep", 1) from None
    yield from (Fault(each.sentence, each.line) for each in found)


def _failure(snippet: str) -> Iterator[Fault]:
    """What happens when the template is filled in, where that fails."""
    template = SANDBOX.from_string(snippet)
    try:
        template.render(_SAMPLE)
        spilling = template.render(_SPILLING)
    except Exception as error:  # noqa: BLE001 - whatever the operator's template may raise
        yield Fault(f"cannot be filled in: {error or type(error).__name__}")
        return
    if _read(spilling).has_spilled:
        yield Fault('a variable may become markup: put quotes around its attribute, and leave out "safe"')


class _Bare:
    """The markup of a snippet alone, with a word where a value would stand, and where each part of it was."""

    def __init__(self, snippet: str) -> None:
        self.snippet = snippet
        parts: list[str] = []
        self.starts, self.origins = [0], [0]
        length = at = 0
        for match in _TEMPLATE_TAG.finditer(snippet):
            kept = ("x" if match[0].startswith("{{") else "") + "\n" * match[0].count("\n")
            parts += (snippet[at : match.start()], kept)
            length += match.start() - at + len(kept)
            at = match.end()
            self.starts.append(length)
            self.origins.append(at)
        self.markup = "".join([*parts, snippet[at:]])

    def placed(self, fault: Fault) -> Fault:
        """A fault of the markup at its place in the snippet."""
        lines = self.markup.split("\n")
        index = sum(len(line) + 1 for line in lines[: fault.line - 1]) + fault.column - 1
        part = bisect_right(self.starts, index) - 1
        before = self.snippet[: self.origins[part] + index - self.starts[part]]
        return fault._replace(line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))


def _read(markup: str) -> _Tags:
    """The tags of a markup, with what is wrong with them."""
    tags = _Tags()
    try:
        tags.feed(markup)
    except AssertionError as error:
        tags.fault(str(error))
        return tags
    if _TAG_START.search(tags.rawdata):
        tags.fault("a tag or comment has no end")
        return tags
    tags.close()
    tags.faults += (Fault(f"<{each.name}> is never closed", each.line, each.column) for each in tags.open)
    return tags


def _markup_faults(snippet: str) -> Iterator[Fault]:
    bare = _Bare(snippet)
    tags = _read(bare.markup)
    yield from map(bare.placed, tags.faults)
    yield from map(bare.placed, _picture_faults(bare.markup, tags.images))


def _picture_faults(markup: str, places: Sequence[tuple[int, int]]) -> Iterator[Fault]:
    if not places:
        return
    from bs4 import BeautifulSoup  # its selectors take long to import, and rules are read once

    # In an element, since it warns of a text that might be meant as an address or the name of a file.
    images = BeautifulSoup(f"<body>{markup}", "lxml").find_all("img")
    for image, (line, column) in zip(images, places, strict=False):
        if lacking := [name for name in _NEEDS if not image.has_attr(name)]:
            yield Fault(f"<img> needs {' and '.join(lacking)}", line, column)


@dataclass(frozen=True, slots=True)
class _Open:
    """An element whose end tag is still to come."""

    name: str
    line: int
    column: int


class _Tags(HTMLParser):
    """Follows the tags of a snippet as they are written, without a browser's repairs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[_Open] = []
        self.faults: list[Fault] = []
        self.scripts: list[Fault] = []
        self.images: list[tuple[int, int]] = []
        self.has_spilled = False

    @property
    def place(self) -> tuple[int, int]:
        line, before = self.getpos()
        return line, before + 1

    def fault(self, sentence: str) -> None:
        """Something is wrong with the tag at hand."""
        self.faults.append(Fault(sentence, *self.place))

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag == "img":
            self.images.append(self.place)
        if tag == "script":
            self.scripts.append(Fault('<script> needs "scripts: true" beside the html', *self.place))
        self.has_spilled = self.has_spilled or _SPILL in (tag, *dict(attrs))
        self.read_attributes(tag, attrs)
        if tag in FORBIDDEN:
            self.fault(f"<{tag}> has no place in a block")
        elif tag not in VOID:
            self.open.append(_Open(tag, *self.place))

    def read_attributes(self, tag: str, attrs: Attributes) -> None:
        """What attributes run or load that they should not."""
        for name, value in attrs:
            written = value or ""
            if name.startswith("on"):
                sentence = f'{name} of <{tag}> needs "scripts: true" beside the html'
                self.scripts.append(Fault(sentence, *self.place))
            if name == "srcdoc" and _read(written).scripts:
                self.scripts.append(Fault('srcdoc has scripts: it needs "scripts: true"', *self.place))
            if name in _LINKS and _SCRIPT_URL.match(written):
                self.fault(f"{name} of <{tag}> is a script; write an address")
            is_loaded = name in _LOADING or (tag == "link" and name == "href")
            if is_loaded and _PLAIN_HTTP.search(written):
                self.fault(f"{name} of <{tag}> is of http, which a page of https does not load")

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and any(each.name in FOREIGN for each in self.open):
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in FORBIDDEN or tag in VOID:
            return
        names = [each.name for each in self.open]
        if tag not in names:
            self.fault(f"</{tag}> closes nothing")
            return
        while (last := self.open.pop()).name != tag:
            self.faults.append(Fault(f"<{last.name}> is never closed", last.line, last.column))
