"""The source of a syndicated story: a link to where it was published first."""

from __future__ import annotations

from dataclasses import dataclass

from newshole.blocks.kind import Content, Kind, Nothing, View, each
from newshole.blocks.markup import filled, safe_url, spoken
from newshole.blocks.words import isolated
from newshole.rules.kinds.source import Source


@dataclass(frozen=True, slots=True)
class SourceContent(Content):
    """A link and its text."""

    url: str
    text: str


@each
def prepare(block: str, options: Source, view: View) -> SourceContent | Nothing:
    written = options.url or view.story.origin
    if not written:
        return Nothing("no source known: neither the rule nor the page names one")
    url = safe_url(written)
    if url is None:
        return Nothing("the address of the source is not http or https")
    if own := spoken(options.text, block, view):
        return SourceContent("", url, own)
    words = view.words
    name = isolated(options.name or "", view.language)
    text = filled(words.source_named, {"name": name}) if options.name else words.source
    return SourceContent(view.language, url, text)


KIND = Kind("source", prepare)
